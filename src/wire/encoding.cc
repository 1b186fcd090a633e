#include "wire/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "wire/inflate.h"

namespace flawless::wire {
namespace {

struct EncodingName {
  std::string_view name;
  Encoding encoding;
};
constexpr std::array kEncodingNames = {
    EncodingName{"", Encoding::kIdentity}, EncodingName{"identity", Encoding::kIdentity},
    EncodingName{"gzip", Encoding::kGzip}, EncodingName{"x-gzip", Encoding::kGzip},
    EncodingName{"br", Encoding::kBrotli}, EncodingName{"deflate", Encoding::kDeflate},
    EncodingName{"zstd", Encoding::kZstd},
};

std::string_view trimmed(std::string_view text) {
  size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

Status copy(std::string_view text, size_t most, Buffer& out) {
  if (text.size() > most) return too_large(most);
  out.assign(text);
  return Status::ok();
}

}  // namespace

Result<Encoding> parse_encoding(std::string_view content_encoding) {
  std::string name = lowered(trimmed(content_encoding));
  for (const EncodingName& entry : kEncodingNames) {
    if (entry.name == name) return entry.encoding;
  }
  if (name.find(',') != std::string::npos) {
    return {Code::kInvalid, "Content-Encoding names several encodings; compress the body once"};
  }
  return {Code::kInvalid,
          fmt::format("Content-Encoding \"{}\" is not known; use gzip, deflate, br, "
                      "zstd or none",
                      name.substr(0, 40))};
}

void Buffer::reserve(size_t bytes) { extend(bytes, 0); }

void Buffer::extend(size_t bytes, size_t keep) {
  if (bytes_ && bytes <= capacity_) return;
  auto grown = std::make_unique_for_overwrite<char[]>(bytes + kSlack);
  if (keep > 0) std::memcpy(grown.get(), bytes_.get(), keep);
  bytes_ = std::move(grown);
  capacity_ = bytes;
  size_ = std::min(size_, keep);
}

void Buffer::set_size(size_t bytes) {
  size_ = bytes;
  std::memset(bytes_.get() + bytes, 0, kSlack);
}

void Buffer::assign(std::string_view text) {
  reserve(text.size());
  std::copy(text.begin(), text.end(), bytes_.get());
  set_size(text.size());
}

Status too_large(size_t most) {
  return {Code::kTooLarge, fmt::format("the body is larger than {} bytes when inflated", most)};
}

size_t trusted_size(size_t wire_size, size_t most) {
  return std::min(most, 16 * wire_size + (size_t{64} << 10));
}

Status inflate(Encoding encoding, std::string_view wire_bytes, size_t most, Buffer& out) {
  switch (encoding) {
    case Encoding::kIdentity:
      return copy(wire_bytes, most, out);
    case Encoding::kGzip:
      return inflate_gzip(wire_bytes, most, out);
    case Encoding::kDeflate:
      return inflate_deflate(wire_bytes, most, out);
    case Encoding::kBrotli:
      return inflate_brotli(wire_bytes, most, out);
    case Encoding::kZstd:
      return inflate_zstd(wire_bytes, most, out);
  }
  return {Code::kInvalid, "unknown encoding"};
}

}  // namespace flawless::wire
