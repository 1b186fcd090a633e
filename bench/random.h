// A small generator that gives the same numbers on every machine and with every library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace flawless::bench {

// A bijection of 64-bit numbers (splitmix64's finaliser): different in, different out.
constexpr uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

class Random {
 public:
  explicit Random(uint64_t seed, uint64_t stream = 0) : state_(mix(seed) ^ mix(~stream)) {}

  uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15U); }
  // 0 … bound − 1; bound > 0.
  size_t below(size_t bound) { return next() % bound; }
  double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

  template <typename T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  template <typename T, size_t kSize>
  const T& pick(const T (&from)[kSize]) {
    return from[below(kSize)];
  }
  std::string hex(size_t digits) {
    std::string text;
    while (text.size() < digits) text += "0123456789abcdef"[below(16)];
    return text;
  }

 private:
  uint64_t state_;
};

}  // namespace flawless::bench
