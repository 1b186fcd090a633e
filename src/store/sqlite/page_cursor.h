// The opaque text with which a caller asks for the next page: where the last one ended, and a hash
// of the question, so that it cannot be taken to another question.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace flawless::store::sqlite {

struct PageCursor {
  uint64_t question = 0;
  int64_t key = 0, id = 0;
};

[[nodiscard]] std::string to_text(const PageCursor& cursor);  // base64url
// kInvalid: not one of ours, or of another question.
[[nodiscard]] Result<PageCursor> parse_cursor(std::string_view text, uint64_t question);

}  // namespace flawless::store::sqlite
