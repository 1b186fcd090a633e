// A gzip stream whose 32 id bytes lie uncompressed in the middle, so that each send costs a copy of
// the id and a combined CRC (some 100 ns) instead of a compression.
//
// Layout: gzip header · raw deflate of the head, ended by a full flush · one stored block with the
// id · raw deflate of the tail, from a fresh stream · CRC-32 · length. The length never changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace flawless::bench {

class SplicedGzip {
 public:
  static constexpr size_t kIdBytes = 32;

  // The stream starts with an id of zeros (digits).
  SplicedGzip(std::string_view head, std::string_view tail, int level = 6);

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  // Writes the id into `stream`, which is a copy of bytes(). `id` has 32 bytes.
  void patch(char* stream, std::string_view id) const;

 private:
  std::string bytes_;
  size_t id_at_ = 0;
  uint32_t head_crc_ = 0, tail_crc_ = 0;
  uint32_t over_id_ = 0, over_tail_ = 0;  // what moves a CRC over that many bytes
};

}  // namespace flawless::bench
