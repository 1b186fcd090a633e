#include "store/sqlite/page_cursor.h"

#include "base/bytes.h"

namespace flawless::store::sqlite {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr size_t kBytes = 24;  // a multiple of three: no padding

std::string encode(std::string_view bytes) {
  std::string text;
  for (size_t i = 0; i + 2 < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) group = group << 8 | static_cast<unsigned char>(bytes[i + j]);
    for (int shift = 18; shift >= 0; shift -= 6) text.push_back(kDigits[(group >> shift) & 63]);
  }
  return text;
}

bool decode(std::string_view text, std::string& bytes) {
  for (size_t i = 0; i + 3 < text.size(); i += 4) {
    uint32_t group = 0;
    for (size_t j = 0; j < 4; ++j) {
      size_t digit = kDigits.find(text[i + j]);
      if (digit == std::string_view::npos) return false;
      group = group << 6 | static_cast<uint32_t>(digit);
    }
    for (int shift = 16; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(group >> shift));
  }
  return true;
}

}  // namespace

std::string to_text(const PageCursor& cursor) {
  std::string bytes;
  append_le(bytes, cursor.question);
  append_le(bytes, cursor.key);
  append_le(bytes, cursor.id);
  return encode(bytes);
}

Result<PageCursor> parse_cursor(std::string_view text, uint64_t question) {
  std::string bytes;
  if (text.size() != kBytes / 3 * 4 || !decode(text, bytes)) {
    return Status{Code::kInvalid, "cursor: not one that a page ended with"};
  }
  PageCursor cursor{load_le<uint64_t>(bytes.data()), load_le<int64_t>(bytes.data() + 8),
                    load_le<int64_t>(bytes.data() + 16)};
  if (cursor.question != question) {
    return Status{Code::kInvalid, "cursor: belongs to a query with other filters or another order"};
  }
  return cursor;
}

}  // namespace flawless::store::sqlite
