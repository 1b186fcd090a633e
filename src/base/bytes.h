// Bytes, hexadecimal, hashing and random numbers.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace flawless {

using ByteSpan = std::span<const uint8_t>;

inline ByteSpan as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Little-endian numbers at unaligned addresses (the machines we build for are little-endian).
template <typename T>
T load_le(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <typename T>
void store_le(void* to, T value) {
  std::memcpy(to, &value, sizeof value);
}
template <typename T>
void append_le(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string to_hex(ByteSpan bytes);
// Nothing if the length is odd or a character is not a hex digit.
std::optional<std::string> from_hex(std::string_view hex);

struct Hash128 {
  uint64_t low = 0, high = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
  [[nodiscard]] std::array<uint8_t, 16> bytes() const;
};
// XXH3: fast and well spread, not safe against someone who wants collisions; keep the canonical
// text beside it.
Hash128 hash128(std::string_view text);
uint64_t hash64(std::string_view text, uint64_t seed = 0);

// CRC-32C (Castagnoli), hardware instruction where there is one.
uint32_t crc32c(ByteSpan bytes, uint32_t crc = 0);

// From the kernel's generator; never fails.
void random_bytes(std::span<uint8_t> out);
std::string random_hex(size_t bytes);

// Same time for equal and unequal texts of one length: for secrets.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace flawless
