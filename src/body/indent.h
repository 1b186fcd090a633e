// JSON for people: the same text, one member a line.
#pragma once

#include <string>
#include <string_view>

namespace flawless::body {

// `json` must be valid JSON without blanks between tokens (as JsonWriter writes it). Empty arrays
// and objects stay on one line.
std::string indent(std::string_view json);

}  // namespace flawless::body
