// Content-Encoding: undoing what the sender's compressor did, within a bound.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace flawless::wire {

enum class Encoding : uint8_t { kIdentity = 0, kGzip = 1, kDeflate = 2, kBrotli = 3, kZstd = 4 };

// "gzip", "x-gzip", "deflate", "br", "zstd", "identity", "" in any letter case. kInvalid for others
// and for lists.
[[nodiscard]] Result<Encoding> parse_encoding(std::string_view content_encoding);

// A growable buffer with kSlack zero bytes behind its text, as the JSON parser wants it. Movable,
// reusable.
class Buffer {
 public:
  static constexpr size_t kSlack = 64;
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t capacity() const { return capacity_; }
  char* data() { return bytes_.get(); }
  // Room for `bytes` (contents are lost if it grows).
  void reserve(size_t bytes);
  // The same, keeping the first `keep` bytes.
  void extend(size_t bytes, size_t keep);
  // Sets the size after the bytes were written, and zeroes the slack.
  void set_size(size_t bytes);
  void assign(std::string_view text);

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0, capacity_ = 0;
};

// Inflates into `out`. kTooLarge as soon as more than `most` bytes would come out (never allocates
// much more than that); kInvalid for a broken stream, saying what is wrong. "deflate" takes
// zlib-wrapped and raw; gzip may have several members. kIdentity copies.
[[nodiscard]] Status inflate(Encoding encoding, std::string_view wire_bytes, size_t most,
                             Buffer& out);

}  // namespace flawless::wire
