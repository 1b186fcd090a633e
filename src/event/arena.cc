#include "event/arena.h"

#include <algorithm>
#include <cstring>

namespace flawless {

namespace {
constexpr size_t kFirstBlockBytes = 8 << 10;
}

char* Arena::reserve(size_t bytes) {
  if (static_cast<size_t>(end_ - at_) < bytes) grow(bytes);
  char* out = at_;
  at_ += bytes;
  return out;
}

std::string_view Arena::copy(std::string_view text) {
  if (text.empty()) return {};
  char* out = reserve(text.size());
  std::memcpy(out, text.data(), text.size());
  return {out, text.size()};
}

size_t Arena::bytes_reserved() const {
  size_t bytes = 0;
  for (const Block& block : blocks_) bytes += block.size;
  return bytes;
}

void Arena::grow(size_t bytes) {
  used_before_ += static_cast<size_t>(at_ - begin_);
  size_t size = std::max(bytes, blocks_.empty() ? kFirstBlockBytes : blocks_.back().size * 2);
  blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
  begin_ = at_ = blocks_.back().bytes.get();
  end_ = begin_ + size;
}

void Arena::reset() {
  if (blocks_.empty()) return;
  if (blocks_.size() > 1) {
    std::swap(blocks_.front(), blocks_.back());
    blocks_.resize(1);
  }
  begin_ = at_ = blocks_.front().bytes.get();
  end_ = begin_ + blocks_.front().size;
  used_before_ = 0;
}

}  // namespace flawless
