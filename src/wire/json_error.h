// Where a text stops being JSON, in words for the developer who sent it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flawless::wire {

// Containers inside each other that the parser follows.
inline constexpr size_t kMostNesting = 1000;

// "line 3, column 17: expected ',' or '}' after a value of an object". Empty if the grammar is
// right. What sanitise() repairs (string contents, NaN, number ranges) is not complained about.
// Iterative: any nesting is safe.
std::string find_json_error(std::string_view text);

}  // namespace flawless::wire
