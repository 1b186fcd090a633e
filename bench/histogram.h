// Counts of durations in buckets that are under 1 % wide, from nanoseconds to hours.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace flawless::bench {

class Histogram {
 public:
  void add(int64_t ns);
  [[nodiscard]] uint64_t count() const { return count_; }
  [[nodiscard]] int64_t max_ns() const { return max_ns_; }
  [[nodiscard]] double mean_ns() const;
  // The duration that `share` (0 … 1) of all do not exceed; 0 if there are none.
  [[nodiscard]] int64_t quantile_ns(double share) const;

 private:
  static constexpr unsigned kSubBits = 7;  // 128 buckets per power of two
  static constexpr size_t kBuckets = size_t{64} << kSubBits;
  static size_t bucket_of(uint64_t ns);
  static uint64_t upper_bound_of(size_t bucket);

  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  int64_t max_ns_ = 0;
  double sum_ns_ = 0;
};

}  // namespace flawless::bench
