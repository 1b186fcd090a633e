// Quotas per token and minute. The window starts with its first report and lasts a minute.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/ids.h"
#include "base/locked.h"
#include "base/time.h"

namespace flawless::intake {

struct RateVerdict {
  bool admitted = true;
  bool over_soft = false;  // counted in full, but bodies may be sampled
  uint64_t limit = 0;      // the hard one; 0 = none
  uint64_t remaining = 0;
  int64_t reset_unix = 0;  // seconds: when the window ends
  int64_t remaining_seconds = 0;
};

class RateLimiter {
 public:
  // Counts one report. 0 = no limit. Over the hard limit one report a second is admitted still, so
  // that a new error is seen even while another one floods.
  RateVerdict admit(TokenId token, uint64_t soft_per_minute, uint64_t hard_per_minute, Time now);

 private:
  struct Window {
    Time start;
    Time last_over_hard;
    uint64_t count = 0;
  };
  Locked<std::unordered_map<TokenId, Window>> windows_;
};

}  // namespace flawless::intake
