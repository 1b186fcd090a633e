#include "base/bounded_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace flawless {
namespace {

using std::chrono::milliseconds;

TEST(BoundedQueue, RefusesWhenFullAndLeavesTheValue) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  EXPECT_TRUE(queue.try_push(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.try_push(std::move(second)));
  ASSERT_TRUE(second);
  EXPECT_EQ(*second, 2);
}

TEST(BoundedQueue, ClosedQueueIsDrainedThenDone) {
  BoundedQueue<int> queue(4);
  queue.try_push(1);
  queue.try_push(2);
  queue.close();
  EXPECT_FALSE(queue.try_push(3));
  EXPECT_EQ(queue.pop_batch(10, milliseconds(0)), (std::vector<int>{1, 2}));
  EXPECT_TRUE(queue.drained());
}

TEST(BoundedQueue, ClosingWakesAWaiter) {
  BoundedQueue<int> queue(4);
  std::thread waiter([&] { EXPECT_TRUE(queue.pop_batch(1, std::chrono::seconds(30)).empty()); });
  queue.close();
  waiter.join();
}

}  // namespace
}  // namespace flawless
