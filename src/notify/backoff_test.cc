#include "notify/backoff.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace flawless::notify {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, GrowsToAnHour) {
  const std::chrono::milliseconds steps[] = {5s, 30s, 2min, 10min, 1h, 1h};
  for (int tries = 1; tries <= 6; ++tries) {
    const auto delay = retry_delay(tries, "line:17:0");
    EXPECT_GE(delay, steps[tries - 1]) << tries;
    EXPECT_LE(delay, steps[tries - 1] * 6 / 5) << tries;
  }
  EXPECT_LE(retry_delay(1'000'000, "x"), 72min);
}

TEST(Backoff, IsSpread) {
  std::set<std::chrono::milliseconds> delays;
  for (int i = 0; i < 50; ++i) delays.insert(retry_delay(4, "line:" + std::to_string(i)));
  EXPECT_GT(delays.size(), 40u);
}

TEST(Backoff, TheServerIsAskedEveryTenMinutes) {
  EXPECT_GE(pause_delay(1, "x", false), 5s);
  EXPECT_LE(pause_delay(50, "x", false), 12min);
  EXPECT_GE(pause_delay(50, "x", false), 10min);
}

TEST(Backoff, AServerThatIsAwayIsLookedForEveryHalfMinute) {
  EXPECT_GE(pause_delay(1, "x", true), 5s);
  EXPECT_GE(pause_delay(50, "x", true), 30s);
  EXPECT_LE(pause_delay(50, "x", true), 36s);
}

TEST(Backoff, WhatMayHaveArrivedGoesAgainSoonAndThenHourly) {
  EXPECT_LE(confirm_delay(1, "x"), 6s);
  EXPECT_GE(confirm_delay(2, "x"), 1h);
  EXPECT_GE(confirm_delay(3, "x"), 1h);
}

}  // namespace
}  // namespace flawless::notify
