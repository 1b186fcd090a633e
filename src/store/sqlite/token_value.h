// What tokens look like, and what is kept of them.
#pragma once

#include <string>
#include <string_view>

#include "store/types.h"

namespace flawless::store::sqlite {

// 32 hex digits for the post scopes (Sentry clients take nothing else as a key), "flw_" and 40 hex
// digits for read and write, so that a leaked one can be recognised.
std::string make_token_value(Scope scope);
// 32 bytes.
std::string sha256(std::string_view text);
[[nodiscard]] inline bool is_post(Scope scope) {
  return scope == Scope::kPostServerItem || scope == Scope::kPostClientItem;
}

}  // namespace flawless::store::sqlite
