// What a person typed into the search box, as a full-text query that is never a syntax error.
#pragma once

#include <string>
#include <string_view>

namespace flawless::store::sqlite {

// Every word as a quoted string, all of them needed, the last one as a prefix. Empty when there is
// no word to look for.
std::string match_expression(std::string_view typed);

}  // namespace flawless::store::sqlite
