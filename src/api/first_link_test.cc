#include "api/first_link.h"

#include <gmock/gmock.h>

namespace flawless::api {
namespace {

TEST(FirstLink, WorksOnceWithinItsHour) {
  ManualClock clock(from_unix_ms(1'763'800'000'000));
  FirstLink link(clock);
  EXPECT_FALSE(link.valid(""));
  EXPECT_FALSE(link.take(""));
  const std::string token = link.issue();
  EXPECT_EQ(token.size(), 43u);
  EXPECT_TRUE(link.valid(token));
  EXPECT_FALSE(link.valid(token.substr(1)));
  EXPECT_TRUE(link.take(token));
  EXPECT_FALSE(link.valid(token));
  EXPECT_FALSE(link.take(token));
  link.put_back();
  clock.advance(std::chrono::minutes(59));
  EXPECT_TRUE(link.valid(token));
  clock.advance(std::chrono::minutes(1));
  EXPECT_FALSE(link.take(token));
}

TEST(FirstLink, ANewOneVoidsTheOld) {
  ManualClock clock(from_unix_ms(1'763'800'000'000));
  FirstLink link(clock);
  const std::string old = link.issue();
  const std::string young = link.issue();
  EXPECT_NE(old, young);
  EXPECT_FALSE(link.take(old));
  EXPECT_TRUE(link.take(young));
}

}  // namespace
}  // namespace flawless::api
