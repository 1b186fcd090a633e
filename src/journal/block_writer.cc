#include "journal/block_writer.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace flawless::journal {
namespace {

constexpr uint64_t kBlock = os::File::kBlockBytes;
constexpr std::align_val_t kAlignment{kBlock};
constexpr size_t kBufferBytes = 512U << 10U;

}  // namespace

void BlockWriter::Free::operator()(uint8_t* bytes) const { ::operator delete[](bytes, kAlignment); }

BlockWriter::BlockWriter() : buffer_(new (kAlignment) uint8_t[kBufferBytes]) {}

uint64_t BlockWriter::block_end(uint64_t offset) { return (offset + kBlock - 1) / kBlock * kBlock; }

Status BlockWriter::write(os::File& file, uint64_t offset, std::span<const ByteSpan> parts) {
  if (file_ != &file || end_ != offset) RETURN_IF_ERROR(load(file, offset));
  forget();  // until all is written
  size_t filled = offset % kBlock;
  uint64_t at = offset - filled;
  for (ByteSpan part : parts) {
    while (!part.empty()) {
      const size_t size = std::min(part.size(), kBufferBytes - filled);
      std::memcpy(buffer_.get() + filled, part.data(), size);
      part = part.subspan(size);
      filled += size;
      if (filled < kBufferBytes) continue;
      RETURN_IF_ERROR(file.write_blocks(at, {buffer_.get(), kBufferBytes}));
      at += kBufferBytes;
      filled = 0;
    }
  }
  const size_t whole = block_end(filled), rest = filled % kBlock;
  std::memset(buffer_.get() + filled, 0, whole - filled);
  if (whole > 0) RETURN_IF_ERROR(file.write_blocks(at, {buffer_.get(), whole}));
  std::memmove(buffer_.get(), buffer_.get() + filled - rest, rest);
  file_ = &file;
  end_ = at + filled;
  return {};
}

// What the file holds of the block before `offset`; where it ends earlier, zeros.
Status BlockWriter::load(const os::File& file, uint64_t offset) {
  const size_t size = offset % kBlock;
  std::memset(buffer_.get(), 0, size);
  return file.read_at(offset - size, {buffer_.get(), size}).status();
}

}  // namespace flawless::journal
