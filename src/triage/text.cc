#include "triage/text.h"

namespace flawless::triage {

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool equal_folded(std::string_view a, std::string_view b) {
  return a.size() == b.size() && starts_with_folded(a, b);
}

bool starts_with_folded(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    if (to_lower(text[i]) != to_lower(prefix[i])) return false;
  }
  return true;
}

bool is_or_below(std::string_view text, std::string_view prefix, char separator) {
  return text.starts_with(prefix) &&
         (text.size() == prefix.size() || text[prefix.size()] == separator);
}

std::string squeeze(std::string_view text) {
  std::string out;
  for (char c : trim(text)) {
    if (!is_space(c)) {
      out += c;
    } else if (out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

std::string_view cut_utf8(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<uint8_t>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace flawless::triage
