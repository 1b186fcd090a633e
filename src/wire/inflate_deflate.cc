// gzip, zlib and raw deflate: libdeflate on the whole buffer, zlib to count what seems a bomb.
#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <memory>

#include "base/bytes.h"
#include "wire/inflate.h"

namespace flawless::wire {
namespace {

enum class Format { kGzip, kZlib, kRaw };

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};
using Decompressor = std::unique_ptr<libdeflate_decompressor, FreeDecompressor>;

std::string_view format_name(Format format) {
  return format == Format::kGzip ? "gzip" : format == Format::kZlib ? "zlib" : "deflate";
}

Status damaged(Format format) {
  return {Code::kInvalid,
          "the body's " + std::string(format_name(format)) + " stream is damaged or cut short"};
}

bool is_gzip_member(std::string_view rest) {
  return rest.size() >= 2 && rest[0] == '\x1f' && rest[1] == '\x8b';
}

bool is_padding(std::string_view rest) {
  return rest.find_first_not_of('\0') == std::string_view::npos;
}

// Counts what comes out of a stream, stopping beyond `most`.
class Counter {
 public:
  Counter(Format format, std::string_view input) : input_(input) {
    int window = format == Format::kGzip ? 15 + 16 : format == Format::kZlib ? 15 : -15;
    ready_ = inflateInit2(&stream_, window) == Z_OK;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
  }
  ~Counter() { inflateEnd(&stream_); }
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  // Nothing if the stream is damaged.
  std::optional<size_t> count(size_t most) {
    size_t total = 0;
    while (ready_ && total <= most) {
      stream_.next_out = scratch_.get();
      stream_.avail_out = kScratchBytes;
      int status = ::inflate(&stream_, Z_NO_FLUSH);
      total += kScratchBytes - stream_.avail_out;
      if (status == Z_STREAM_END) {
        if (!is_gzip_member(input_.substr(input_.size() - stream_.avail_in))) return total;
        if (inflateReset(&stream_) != Z_OK) return std::nullopt;
      } else if (status != Z_OK) {
        return std::nullopt;
      }
    }
    return ready_ ? std::optional(total) : std::nullopt;
  }

 private:
  std::string_view input_;
  z_stream stream_{};
  std::unique_ptr<Bytef[]> scratch_ = std::make_unique_for_overwrite<Bytef[]>(kScratchBytes);
  bool ready_ = false;
};

libdeflate_result decompress_member(libdeflate_decompressor* d, Format format, std::string_view in,
                                    char* out, size_t room, size_t& used, size_t& made) {
  switch (format) {
    case Format::kGzip:
      return libdeflate_gzip_decompress_ex(d, in.data(), in.size(), out, room, &used, &made);
    case Format::kZlib:
      return libdeflate_zlib_decompress_ex(d, in.data(), in.size(), out, room, &used, &made);
    case Format::kRaw:
      return libdeflate_deflate_decompress_ex(d, in.data(), in.size(), out, room, &used, &made);
  }
  return LIBDEFLATE_BAD_DATA;
}

// All members, into the room that `out` has.
libdeflate_result decompress_all(libdeflate_decompressor* d, Format format, std::string_view in,
                                 Buffer& out) {
  size_t total = 0;
  do {
    size_t used = 0, made = 0;
    auto result =
        decompress_member(d, format, in, out.data() + total, out.capacity() - total, used, made);
    if (result != LIBDEFLATE_SUCCESS) return result;
    total += made;
    in.remove_prefix(used);
  } while (format == Format::kGzip && is_gzip_member(in));
  out.set_size(total);
  return is_padding(in) ? LIBDEFLATE_SUCCESS : LIBDEFLATE_BAD_DATA;
}

// Its tables, 11 KB, stay where the processor's caches know them. Null if there is no memory.
libdeflate_decompressor* decompressor_of_this_thread() {
  thread_local Decompressor decompressor;
  if (!decompressor) decompressor.reset(libdeflate_alloc_decompressor());
  return decompressor.get();
}

Status decompress(Format format, std::string_view in, size_t hint, size_t most, Buffer& out) {
  libdeflate_decompressor* d = decompressor_of_this_thread();
  if (d == nullptr) return {Code::kUnavailable, "no memory to inflate the body"};
  out.reserve(std::min(std::max<size_t>(hint, 4096), trusted_size(in.size(), most)));
  auto result = decompress_all(d, format, in, out);
  if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
    auto size = Counter(format, in).count(most);
    if (!size) return damaged(format);
    if (*size > most) return too_large(most);
    out.reserve(*size);
    result = decompress_all(d, format, in, out);
  }
  if (result != LIBDEFLATE_SUCCESS) return damaged(format);
  // A buffer that is reused may have had more room than the caller allows.
  return out.size() > most ? too_large(most) : Status::ok();
}

bool looks_like_zlib(std::string_view in) {
  if (in.size() < 2) return false;
  unsigned cmf = static_cast<uint8_t>(in[0]), flags = static_cast<uint8_t>(in[1]);
  return (cmf & 0x0f) == 8 && (cmf >> 4) <= 7 && (cmf * 256 + flags) % 31 == 0;
}

}  // namespace

Status inflate_gzip(std::string_view wire_bytes, size_t most, Buffer& out) {
  if (!is_gzip_member(wire_bytes)) {
    return {Code::kInvalid, "Content-Encoding is gzip, but the body does not start like gzip"};
  }
  // The last four bytes say the size, if there is one member and nothing behind it.
  size_t hint = 0;
  if (wire_bytes.size() >= 18) hint = load_le<uint32_t>(wire_bytes.data() + wire_bytes.size() - 4);
  return decompress(Format::kGzip, wire_bytes, hint, most, out);
}

Status inflate_deflate(std::string_view wire_bytes, size_t most, Buffer& out) {
  size_t hint = 6 * wire_bytes.size();
  if (looks_like_zlib(wire_bytes)) {
    Status status = decompress(Format::kZlib, wire_bytes, hint, most, out);
    if (status.code() != Code::kInvalid) return status;
    return decompress(Format::kRaw, wire_bytes, hint, most, out) ? Status::ok() : status;
  }
  return decompress(Format::kRaw, wire_bytes, hint, most, out);
}

}  // namespace flawless::wire
