#include "spliced_gzip.h"

#include <zlib.h>

#include <cstring>

#include "base/bytes.h"
#include "base/result.h"

namespace flawless::bench {
namespace {

constexpr int kRawWindow = -15;
constexpr std::string_view kHeader("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10);
constexpr std::string_view kStored("\x00\x20\x00\xdf\xff", 5);  // not last, 32 bytes, ~32

Bytef* bytes_of(std::string_view text) {  // zlib's interface lacks a const
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
}

uint32_t crc_of(std::string_view text) {
  return static_cast<uint32_t>(crc32_z(0, bytes_of(text), text.size()));
}

std::string raw_deflate(std::string_view text, int level, int flush) {
  z_stream stream{};
  FLAWLESS_CHECK(deflateInit2(&stream, level, Z_DEFLATED, kRawWindow, 8, Z_DEFAULT_STRATEGY) ==
                 Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = bytes_of(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = bytes_of(out);
  stream.avail_out = static_cast<uInt>(out.size());
  int result = deflate(&stream, flush);
  FLAWLESS_CHECK(result == (flush == Z_FINISH ? Z_STREAM_END : Z_OK) && stream.avail_in == 0);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

SplicedGzip::SplicedGzip(std::string_view head, std::string_view tail, int level)
    : head_crc_(crc_of(head)),
      tail_crc_(crc_of(tail)),
      over_id_(static_cast<uint32_t>(crc32_combine_gen(kIdBytes))),
      over_tail_(static_cast<uint32_t>(crc32_combine_gen(static_cast<z_off_t>(tail.size())))) {
  bytes_ = kHeader;
  bytes_ += raw_deflate(head, level, Z_FULL_FLUSH);
  bytes_ += kStored;
  id_at_ = bytes_.size();
  bytes_.append(kIdBytes, '0');
  bytes_ += raw_deflate(tail, level, Z_FINISH);
  append_le(bytes_, uint32_t{0});
  append_le(bytes_, static_cast<uint32_t>(head.size() + kIdBytes + tail.size()));
  patch(bytes_.data(), std::string(kIdBytes, '0'));
}

void SplicedGzip::patch(char* stream, std::string_view id) const {
  std::memcpy(stream + id_at_, id.data(), kIdBytes);
  uint32_t id_crc = crc_of(id.substr(0, kIdBytes));
  auto crc = static_cast<uint32_t>(
      crc32_combine_op(crc32_combine_op(head_crc_, id_crc, over_id_), tail_crc_, over_tail_));
  store_le(stream + bytes_.size() - 8, crc);
}

}  // namespace flawless::bench
