#include "wire/text_codec.h"

#include <array>
#include <cstdint>
#include <string>

namespace flawless::wire {
namespace {

constexpr uint8_t kSkip = 0xfe, kBad = 0xff;
constexpr size_t kLongestBoundary = 72;  // with the dashes in front (RFC 2046, 5.1.1)

constexpr std::array<uint8_t, 256> base64_values() {
  std::array<uint8_t, 256> values{};
  values.fill(kBad);
  for (uint8_t i = 0; i < 26; ++i) {
    values['A' + i] = i;
    values['a' + i] = static_cast<uint8_t>(26 + i);
  }
  for (uint8_t i = 0; i < 10; ++i) values['0' + i] = static_cast<uint8_t>(52 + i);
  values['+'] = values['-'] = 62;
  values['/'] = values['_'] = 63;
  for (char c : {' ', '\t', '\r', '\n'}) values[static_cast<uint8_t>(c)] = kSkip;
  return values;
}
constexpr auto kBase64 = base64_values();

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Whether a part's header names the field: name="…", and not the end of filename="…".
bool names_field(std::string_view head, std::string_view wanted) {
  size_t at = head.find(wanted);
  while (at != std::string_view::npos) {
    if (at > 0 && (head[at - 1] == ' ' || head[at - 1] == ';')) return true;
    at = head.find(wanted, at + 1);
  }
  return false;
}

}  // namespace

bool decode_base64(std::string_view text, Buffer& out) {
  size_t end = text.find_last_not_of("= \t\r\n");
  text = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
  out.reserve(text.size() / 4 * 3 + 3);
  char* to = out.data();
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    uint8_t value = kBase64[static_cast<uint8_t>(c)];
    if (value == kSkip) continue;
    if (value == kBad) return false;
    bits = bits << 6 | value;
    if (++count % 4 == 0) {
      for (int shift : {16, 8, 0}) *to++ = static_cast<char>(bits >> shift);
    }
  }
  if (count % 4 == 1) return false;
  if (count % 4 >= 2) *to++ = static_cast<char>(bits >> (count % 4 == 2 ? 4 : 10));
  if (count % 4 == 3) *to++ = static_cast<char>(bits >> 2);
  out.set_size(static_cast<size_t>(to - out.data()));
  return true;
}

std::optional<std::string_view> form_field(std::string_view form, std::string_view name) {
  while (!form.empty()) {
    size_t end = form.find('&');
    std::string_view pair = form.substr(0, end);
    form.remove_prefix(end == std::string_view::npos ? form.size() : end + 1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> multipart_field(std::string_view form, std::string_view name) {
  const size_t line = form.find("\r\n");
  if (!form.starts_with("--") || line == std::string_view::npos || line > kLongestBoundary) {
    return std::nullopt;
  }
  const std::string delimiter = "\r\n" + std::string(form.substr(0, line));
  const std::string wanted = "name=\"" + std::string(name) + "\"";
  form.remove_prefix(line);
  while (form.starts_with("\r\n")) {  // behind the last part comes "--"
    const size_t head_end = form.find("\r\n\r\n");
    if (head_end == std::string_view::npos) return std::nullopt;
    const std::string_view head = form.substr(0, head_end);
    form.remove_prefix(head_end + 4);
    const size_t end = form.find(delimiter);
    if (end == std::string_view::npos) return std::nullopt;
    if (names_field(head, wanted)) return form.substr(0, end);
    form.remove_prefix(end + delimiter.size());
  }
  return std::nullopt;
}

size_t decode_form_value(std::string_view text, char* out) {
  char* to = out;
  for (size_t i = 0; i < text.size(); ++i) {
    int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (text[i] == '%' && high >= 0 && low >= 0) {
      *to++ = static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      *to++ = text[i] == '+' ? ' ' : text[i];
    }
  }
  return static_cast<size_t>(to - out);
}

}  // namespace flawless::wire
