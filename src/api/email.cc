#include "api/email.h"

#include <fmt/format.h>

#include <algorithm>

namespace flawless::api {
namespace {

constexpr size_t kMostBytes = 254;  // RFC 5321, 4.5.3.1.3

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

Result<std::string> read_email(std::string_view text) {
  const size_t at = text.find('@');
  const bool plausible = at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
                         text.find('@', at + 1) == std::string_view::npos &&
                         text.size() <= kMostBytes &&
                         text.find_first_of(" <>,;\"") == std::string_view::npos &&
                         std::none_of(text.begin(), text.end(), is_control);
  if (!plausible) return {Code::kInvalid, fmt::format("'{}' is not an e-mail address", text)};
  std::string email(text);
  for (char& c : email) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return email;
}

}  // namespace flawless::api
