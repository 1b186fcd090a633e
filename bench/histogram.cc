#include "histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace flawless::bench {

size_t Histogram::bucket_of(uint64_t ns) {
  if (ns < (uint64_t{1} << kSubBits)) return ns;
  auto shift = static_cast<unsigned>(std::bit_width(ns)) - kSubBits - 1;
  return (size_t{shift + 1} << kSubBits) + ((ns >> shift) - (uint64_t{1} << kSubBits));
}

uint64_t Histogram::upper_bound_of(size_t bucket) {
  size_t power = bucket >> kSubBits;
  uint64_t sub = bucket & ((size_t{1} << kSubBits) - 1);
  if (power == 0) return sub;
  return ((sub + (uint64_t{1} << kSubBits) + 1) << (power - 1)) - 1;
}

void Histogram::add(int64_t ns) {
  ns = std::max<int64_t>(ns, 0);
  ++buckets_[bucket_of(static_cast<uint64_t>(ns))];
  ++count_;
  max_ns_ = std::max(max_ns_, ns);
  sum_ns_ += static_cast<double>(ns);
}

double Histogram::mean_ns() const {
  return count_ == 0 ? 0 : sum_ns_ / static_cast<double>(count_);
}

int64_t Histogram::quantile_ns(double share) const {
  if (count_ == 0) return 0;
  auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_)));
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= std::max<uint64_t>(wanted, 1)) {
      return std::min(static_cast<int64_t>(upper_bound_of(bucket)), max_ns_);
    }
  }
  return max_ns_;
}

}  // namespace flawless::bench
