// Reported text as it can be shown. Internal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flawless::render {

// Valid UTF-8 without anything that a reader could not see: control characters other than newline
// and tab, and those that turn the direction of writing, become their escapes ("\x1b", "\u202e");
// bytes that are no UTF-8 become U+FFFD; CRLF becomes a newline.
[[nodiscard]] std::string printable(std::string_view text);

// That, on one line: each run of white space is one space, none at the ends.
[[nodiscard]] std::string one_line(std::string_view text);

// The first `bytes` bytes at most, whole characters, and how much was left out:
// "aaaa… (12,000 more bytes)". `missing` is what the sender's side left out already.
[[nodiscard]] std::string shorten(std::string_view text, size_t bytes, size_t missing = 0);

// Both, for names and places: one line of the first `bytes` bytes at most.
[[nodiscard]] std::string brief(std::string_view text, size_t bytes);

// At most `characters` characters, the last of them "…" if some were left out.
[[nodiscard]] std::string clip(std::string_view text, size_t characters);

// "1,234,567"
[[nodiscard]] std::string grouped(uint64_t number);
// "1 person", "3 people"
[[nodiscard]] std::string counted(uint64_t number, std::string_view one, std::string_view many);

}  // namespace flawless::render
