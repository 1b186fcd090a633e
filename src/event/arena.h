// Bump allocation for the text of one Event: thousands of small strings, freed together.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace flawless {

// Moving an Arena keeps the addresses it gave out. One thread at a time.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;

  // Copies `text`; the copy lives as long as the arena.
  std::string_view copy(std::string_view text);
  // Uninitialised bytes to fill in.
  char* reserve(size_t bytes);
  // Forgets everything, keeps one block for reuse.
  void reset();
  [[nodiscard]] size_t bytes_reserved() const;
  [[nodiscard]] size_t bytes_used() const { return used_before_ + (at_ - begin_); }

 private:
  void grow(size_t bytes);
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };
  std::vector<Block> blocks_;
  char* begin_ = nullptr;
  char* at_ = nullptr;
  char* end_ = nullptr;
  size_t used_before_ = 0;
};

}  // namespace flawless
