// The decompressors behind inflate(), one per encoding. Internal to the room.
//
// All keep one bound: until a stream has proved how much comes out of it, no more than
// trusted_size() is allocated. What claims to be larger is first counted through a small scratch
// buffer, so that a bomb costs time but no memory.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "wire/encoding.h"

namespace flawless::wire {

Status inflate_gzip(std::string_view wire_bytes, size_t most, Buffer& out);
Status inflate_deflate(std::string_view wire_bytes, size_t most, Buffer& out);
Status inflate_brotli(std::string_view wire_bytes, size_t most, Buffer& out);
Status inflate_zstd(std::string_view wire_bytes, size_t most, Buffer& out);

// What may be allocated for a body of `wire_size` on its word: 16 times and a bit.
size_t trusted_size(size_t wire_size, size_t most);
Status too_large(size_t most);

// Scratch for counting.
inline constexpr size_t kScratchBytes = 64 << 10;

}  // namespace flawless::wire
