#include "base/ids.h"

#include <algorithm>

#include "base/bytes.h"

namespace flawless {

bool ReportId::is_zero() const {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

std::string ReportId::hex() const { return to_hex(bytes); }

std::string ReportId::dashed() const {
  std::string text = hex();
  for (size_t at : {20, 16, 12, 8}) text.insert(at, 1, '-');
  return text;
}

std::optional<ReportId> ReportId::parse(std::string_view text) {
  std::string digits;
  digits.reserve(32);
  for (char c : text) {
    if (c == '-') continue;
    if (digits.size() == 32) return std::nullopt;
    digits.push_back(c);
  }
  if (digits.size() != 32) return std::nullopt;
  auto raw = from_hex(digits);
  if (!raw) return std::nullopt;
  ReportId id;
  std::copy_n(raw->begin(), 16, reinterpret_cast<char*>(id.bytes.data()));
  return id;
}

ReportId ReportId::from_client(std::string_view text) {
  if (auto id = parse(text)) return *id;
  return {hash128(text).bytes()};
}

ReportId ReportId::generate(int64_t unix_ms) {
  ReportId id;
  random_bytes(id.bytes);
  for (size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<uint8_t>(unix_ms >> (40 - 8 * i));
  id.bytes[6] = static_cast<uint8_t>(0x70 | (id.bytes[6] & 0x0f));
  id.bytes[8] = static_cast<uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

}  // namespace flawless
