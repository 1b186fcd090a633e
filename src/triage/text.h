// Small text tools of this room: ASCII only, whatever the locale; bytes of UTF-8 sequences count as
// letters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace flawless::triage {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
inline bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
inline bool is_letter(char c) { return is_upper(c) || is_lower(c); }
inline bool is_alnum(char c) { return is_letter(c) || is_digit(c); }
inline bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
inline bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
inline bool is_word(char c) { return is_alnum(c) || c == '_' || static_cast<uint8_t>(c) >= 0x80; }
inline char to_lower(char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; }

inline bool is_slash(char c) { return c == '/' || c == '\\'; }

// Comparisons for tables: most entries differ in size or first letters, which is cheaper to see
// than to call memcmp.
inline bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         (a.empty() || (a.front() == b.front() && a.back() == b.back() && a == b));
}
inline bool starts(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  if (prefix.size() < 2) return prefix.empty() || text[0] == prefix[0];
  return text[0] == prefix[0] && text[1] == prefix[1] && text.starts_with(prefix);
}
template <size_t N>
bool one_of(std::string_view word, const std::string_view (&words)[N]) {
  for (std::string_view known : words) {
    if (same(word, known)) return true;
  }
  return false;
}
template <size_t N>
bool starts_with_any(std::string_view text, const std::string_view (&prefixes)[N]) {
  for (std::string_view prefix : prefixes) {
    if (starts(text, prefix)) return true;
  }
  return false;
}

std::string_view trim(std::string_view text);
// Letter case aside.
bool equal_folded(std::string_view a, std::string_view b);
bool starts_with_folded(std::string_view text, std::string_view prefix);
// `text` is `prefix`, or goes on after it with `separator`.
bool is_or_below(std::string_view text, std::string_view prefix, char separator);
// White-space runs become one space; none at the ends.
std::string squeeze(std::string_view text);
// The longest front part of at most `bytes` bytes that does not cut a UTF-8 sequence.
std::string_view cut_utf8(std::string_view text, size_t bytes);
// Length of the run of characters from `at` for which `test` holds.
template <typename Test>
size_t run(std::string_view text, size_t at, Test test) {
  size_t end = at;
  while (end < text.size() && test(text[end])) ++end;
  return end - at;
}

// Without "?…" and "#…".
inline std::string_view strip_query(std::string_view path) {
  path = path.substr(0, path.find('?'));
  return path.substr(0, path.find('#'));
}
// Where the directory or file name that starts at `at` ends.
inline size_t end_of_segment(std::string_view path, size_t at) {
  return at + run(path, at, [](char c) { return !is_slash(c); });
}

}  // namespace flawless::triage
