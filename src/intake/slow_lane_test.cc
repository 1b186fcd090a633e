#include "intake/slow_lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "base/locked.h"

namespace flawless::intake {
namespace {

using testing::ElementsAre;

class SlowLaneTest : public testing::Test {
 protected:
  // Occupies the lane until it is let go.
  void block() {
    ASSERT_TRUE(lane_.offer(
        [this](bool) {
          begun_.set_value();
          let_go_.get_future().wait();
        },
        1, true));
    begun_.get_future().wait();
  }
  SlowLane::Task note(const std::string& name) {
    return [this, name](bool is_over) {
      done_.lock()->push_back(is_over ? name + " refused" : name);
    };
  }
  std::vector<std::string> finished() {
    let_go_.set_value();
    std::promise<void> last;
    EXPECT_TRUE(lane_.offer([&last](bool) { last.set_value(); }, 1, false));
    last.get_future().wait();
    return done_.copy();
  }

  std::promise<void> begun_, let_go_;
  Locked<std::vector<std::string>> done_;
  SlowLane lane_;
};

TEST_F(SlowLaneTest, KnownSendersGoFirstOthersInTheirOrder) {
  block();
  for (const char* name : {"stranger 1", "stranger 2"}) {
    EXPECT_TRUE(lane_.offer(note(name), 1, false));
  }
  EXPECT_TRUE(lane_.offer(note("known"), 1, true));
  EXPECT_THAT(finished(), ElementsAre("known", "stranger 1", "stranger 2"));
}

TEST_F(SlowLaneTest, StrangersCannotFillItForKnownSenders) {
  block();
  int taken = 0;
  while (taken < 1000 && lane_.offer(note("stranger"), 1, false)) ++taken;
  EXPECT_GT(taken, 1);
  EXPECT_LT(taken, 1000);
  EXPECT_TRUE(lane_.offer(note("known"), 1, true));
  let_go_.set_value();
}

TEST_F(SlowLaneTest, WhatWaitsIsBoundedInBytes) {
  block();
  EXPECT_TRUE(lane_.offer(note("large"), 40u << 20, true));
  EXPECT_FALSE(lane_.offer(note("too much"), 40u << 20, true));
  EXPECT_TRUE(lane_.offer(note("small"), 1000, true));
  EXPECT_THAT(finished(), ElementsAre("large", "small"));
  EXPECT_TRUE(lane_.offer(note("large again"), 40u << 20, true)) << "its bytes were given back";
}

TEST_F(SlowLaneTest, AFailureEndsOnlyWhatFailed) {
  block();
  EXPECT_TRUE(lane_.offer([](bool) { throw std::bad_alloc(); }, 1, true));
  EXPECT_TRUE(lane_.offer(note("next"), 1, true));
  EXPECT_THAT(finished(), ElementsAre("next"));
}

TEST_F(SlowLaneTest, WhatWaitsAtTheEndIsToldSo) {
  block();
  EXPECT_TRUE(lane_.offer(note("one"), 1, true));
  EXPECT_TRUE(lane_.offer(note("two"), 1, false));
  std::thread stopping([this] { lane_.stop(); });
  while (done_.copy().size() < 2) std::this_thread::yield();
  EXPECT_FALSE(lane_.offer(note("late"), 1, true));
  let_go_.set_value();
  stopping.join();
  EXPECT_THAT(done_.copy(), ElementsAre("one refused", "two refused"));
}

}  // namespace
}  // namespace flawless::intake
