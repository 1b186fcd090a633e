#include "api/attempts.h"

#include <gmock/gmock.h>

namespace flawless::api {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::Eq;
using testing::Optional;

class AttemptsTest : public testing::Test {
 protected:
  void fail(int times, std::string_view email, std::string_view peer) {
    for (int i = 0; i < times; ++i) ASSERT_THAT(attempts_.begin(email, peer), Eq(std::nullopt));
  }
  ManualClock clock_{from_unix_ms(1'763'800'000'000)};
  Attempts attempts_{clock_};
};

TEST_F(AttemptsTest, FiftyForAnAddressFromWherever) {
  for (int i = 0; i < 50; ++i) fail(1, "Ada@shop.example", "192.0.2." + std::to_string(i));
  EXPECT_THAT(attempts_.begin("ada@shop.example", "192.0.2.99"), Optional(seconds(600)));
  EXPECT_EQ(attempts_.begin("grace@shop.example", "192.0.2.99"), std::nullopt);
}

// Else anybody could keep the administrator out by a wrong password a minute.
TEST_F(AttemptsTest, OnePeerCannotLockOutAnAddress) {
  fail(10, "ada@shop.example", "192.0.2.1");
  EXPECT_NE(attempts_.begin("ada@shop.example", "192.0.2.1"), std::nullopt);
  EXPECT_EQ(attempts_.begin("ada@shop.example", "192.0.2.2"), std::nullopt);
}

TEST_F(AttemptsTest, TenForAPeerWhateverTheAddress) {
  for (int i = 0; i < 10; ++i) fail(1, std::to_string(i) + "@shop.example", "192.0.2.1");
  EXPECT_NE(attempts_.begin("ada@shop.example", "192.0.2.1"), std::nullopt);
  EXPECT_EQ(attempts_.begin("ada@shop.example", "192.0.2.2"), std::nullopt);
}

TEST_F(AttemptsTest, ANetworkOfIpv6IsOnePeer) {
  for (int i = 0; i < 10; ++i) {
    fail(1, std::to_string(i) + "@shop.example", "2001:db8:1:2::" + std::to_string(i + 1));
  }
  EXPECT_NE(attempts_.begin("ada@shop.example", "2001:db8:1:2:ffff::1"), std::nullopt);
  EXPECT_EQ(attempts_.begin("ada@shop.example", "2001:db8:1:3::1"), std::nullopt);
}

TEST_F(AttemptsTest, TheOldestFailureRunsOutFirst) {
  fail(1, "a@b", "p");
  clock_.advance(minutes(4));
  fail(9, "a@b", "p");
  EXPECT_THAT(attempts_.begin("a@b", "p"), Optional(seconds(360)));
  clock_.advance(minutes(6));
  EXPECT_EQ(attempts_.begin("a@b", "p"), std::nullopt);
  EXPECT_THAT(attempts_.begin("a@b", "p"), Optional(seconds(240)));
}

TEST_F(AttemptsTest, SuccessClearsTheAddressButNotThePeersOtherFailures) {
  for (int i = 0; i < 40; ++i) fail(1, "victim@shop.example", "p" + std::to_string(i));
  fail(9, "victim@shop.example", "p");
  fail(1, "own@shop.example", "p");
  attempts_.succeeded("own@shop.example", "p");
  fail(1, "victim@shop.example", "p");
  EXPECT_NE(attempts_.begin("own@shop.example", "p"), std::nullopt);
  EXPECT_NE(attempts_.begin("victim@shop.example", "q"), std::nullopt);
  attempts_.succeeded("victim@shop.example", "p");
  EXPECT_EQ(attempts_.begin("victim@shop.example", "q"), std::nullopt);
}

TEST_F(AttemptsTest, MemoryIsBoundedAndTheNewestFailuresStay) {
  Attempts small(clock_, {.of_peer = 1, .of_address = 1, .within = minutes(10), .most_keys = 20});
  for (int i = 0; i < 500; ++i) {
    clock_.advance(std::chrono::milliseconds(10));
    ASSERT_EQ(small.begin(std::to_string(i), "p" + std::to_string(i)), std::nullopt);
    ASSERT_LE(small.keys(), 20u);
  }
  EXPECT_NE(small.begin("499", "new"), std::nullopt);
  EXPECT_EQ(small.begin("0", "new"), std::nullopt);
}

}  // namespace
}  // namespace flawless::api
