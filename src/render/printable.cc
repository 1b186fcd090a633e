#include "render/printable.h"

#include <fmt/format.h>

#include <cstdint>

#include "base/json_writer.h"
#include "triage/text.h"

namespace flawless::render {
namespace {

uint32_t decode(std::string_view sequence) {
  const auto byte = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<uint8_t>(sequence[i]));
  };
  switch (sequence.size()) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1FU) << 6U | (byte(1) & 0x3FU);
    case 3:
      return (byte(0) & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
    default:
      return (byte(0) & 0x07U) << 18U | (byte(1) & 0x3FU) << 12U | (byte(2) & 0x3FU) << 6U |
             (byte(3) & 0x3FU);
  }
}

bool is_control(uint32_t point) {
  return (point < 0x20 && point != '\n' && point != '\t') || (point >= 0x7F && point < 0xA0);
}

// Line separators and everything that turns or nests the direction of writing.
bool misleads(uint32_t point) {
  return (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t size = utf8_sequence(text);
    if (size == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
      continue;
    }
    const uint32_t point = decode(text.substr(0, size));
    if (point == '\r' && text.starts_with("\r\n")) {
      // the newline follows
    } else if (is_control(point)) {
      out += fmt::format("\\x{:02x}", point);
    } else if (misleads(point)) {
      out += fmt::format("\\u{:04x}", point);
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return out;
}

std::string one_line(std::string_view text) { return printable(triage::squeeze(text)); }

std::string shorten(std::string_view text, size_t bytes, size_t missing) {
  const std::string_view kept = triage::cut_utf8(text, bytes);
  const size_t left_out = text.size() - kept.size() + missing;
  if (left_out == 0) return std::string(text);
  return fmt::format("{}… ({} more bytes)", kept, grouped(left_out));
}

std::string brief(std::string_view text, size_t bytes) {
  const std::string_view kept = triage::cut_utf8(text, bytes);
  return shorten(one_line(kept), std::string::npos, text.size() - kept.size());
}

std::string clip(std::string_view text, size_t characters) {
  size_t at = 0, last = 0, count = 0;
  while (at < text.size()) {
    if (++count > characters) return std::string(text.substr(0, last)) + "…";
    if (count == characters) last = at;
    const size_t size = utf8_sequence(text.substr(at));
    at += size == 0 ? 1 : size;
  }
  return std::string(text);
}

std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string counted(uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", grouped(number), number == 1 ? one : many);
}

}  // namespace flawless::render
