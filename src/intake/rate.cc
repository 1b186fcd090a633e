#include "intake/rate.h"

namespace flawless::intake {

namespace {
constexpr std::chrono::milliseconds kWindow = std::chrono::minutes(1);
constexpr std::chrono::milliseconds kOverHardEvery = std::chrono::seconds(1);
}  // namespace

RateVerdict RateLimiter::admit(TokenId token, uint64_t soft, uint64_t hard, Time now) {
  if (soft == 0 && hard == 0) return {};
  auto windows = windows_.lock();
  Window& window = (*windows)[token];
  if (now - window.start >= kWindow || now < window.start) window = {now, {}, 0};
  ++window.count;

  RateVerdict verdict;
  verdict.over_soft = soft != 0 && window.count > soft;
  verdict.limit = hard;
  Time end = window.start + kWindow;
  verdict.reset_unix = unix_ms(end) / 1000;
  verdict.remaining_seconds = (end - now + std::chrono::milliseconds(999)).count() / 1000;
  verdict.remaining = window.count < hard ? hard - window.count : 0;
  if (hard != 0 && window.count > hard) {
    verdict.admitted = now - window.last_over_hard >= kOverHardEvery;
    if (verdict.admitted) window.last_over_hard = now;
  }
  return verdict;
}

}  // namespace flawless::intake
