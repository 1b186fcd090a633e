// A Bloom filter whose six bits for a key lie in one cache line. 12 bits a key give about 0.5 %
// false hits.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace flawless::store::sqlite {

// Keys must be well spread already (a hash).
class Bloom {
 public:
  explicit Bloom(size_t keys) : lines_(std::max<size_t>(1, (keys * 12 + 511) / 512)) {}

  void add(uint64_t key) {
    Line& line = lines_[place(key)];
    each_bit(key, [&](size_t word, uint64_t bit) {
      line[word] |= bit;
      return true;
    });
  }
  [[nodiscard]] bool may_hold(uint64_t key) const {
    const Line& line = lines_[place(key)];
    return each_bit(key, [&](size_t word, uint64_t bit) { return (line[word] & bit) != 0; });
  }

 private:
  struct alignas(64) Line : std::array<uint64_t, 8> {};

  [[nodiscard]] size_t place(uint64_t key) const {
    return static_cast<size_t>(((key >> 32) * lines_.size()) >> 32);
  }
  // Calls for six bits until one call says false.
  template <typename F>
  static bool each_bit(uint64_t key, F&& f) {
    uint64_t bits = key * 0x9E3779B97F4A7C15u;
    for (int i = 0; i < 6; ++i, bits >>= 9) {
      if (!f((bits >> 6) & 7, uint64_t{1} << (bits & 63))) return false;
    }
    return true;
  }

  std::vector<Line> lines_;
};

}  // namespace flawless::store::sqlite
