#include "api/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace flawless::api {
namespace {

// Occupies a thread until opened. Outlives the pool.
class Gate {
 public:
  std::function<void()> job() {
    return [this] {
      entered_.set_value();
      opened_.wait();
    };
  }
  void wait_until_entered() { entered_.get_future().wait(); }
  void open() { open_.set_value(); }

 private:
  std::promise<void> entered_, open_;
  std::shared_future<void> opened_ = open_.get_future().share();
};

TEST(Pool, RefusesWhenTheQueueIsFullAndRunsWhatItTook) {
  Gate gate;
  Pool pool({.threads = 1, .queue = 2});
  std::atomic<int> ran{0};
  ASSERT_TRUE(pool.try_run(Pool::Lane::kWork, gate.job()));
  gate.wait_until_entered();
  EXPECT_TRUE(pool.try_run(Pool::Lane::kWork, [&] { ++ran; }));
  EXPECT_TRUE(pool.try_run(Pool::Lane::kWork, [&] { ++ran; }));
  EXPECT_EQ(pool.waiting(), 2u);
  EXPECT_FALSE(pool.try_run(Pool::Lane::kWork, [&] { ++ran; }));
  gate.open();
  pool.stop();
  EXPECT_EQ(ran, 2);
}

TEST(Pool, ProbesRunWhileWorkIsStuck) {
  Gate gate;
  std::promise<void> probed;
  Pool pool({.threads = 1, .queue = 1});
  ASSERT_TRUE(pool.try_run(Pool::Lane::kWork, gate.job()));
  gate.wait_until_entered();
  ASSERT_TRUE(pool.try_run(Pool::Lane::kProbe, [&] { probed.set_value(); }));
  EXPECT_EQ(probed.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
  gate.open();
}

TEST(Pool, StopIsFinalAndIdempotent) {
  Pool pool;
  pool.stop();
  pool.stop();
  EXPECT_FALSE(pool.try_run(Pool::Lane::kWork, [] {}));
  EXPECT_FALSE(pool.try_run(Pool::Lane::kProbe, [] {}));
}

}  // namespace
}  // namespace flawless::api
