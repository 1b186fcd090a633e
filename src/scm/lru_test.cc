#include "scm/lru.h"

#include <gtest/gtest.h>

namespace flawless::scm {
namespace {

std::shared_ptr<const int> number(int n) { return std::make_shared<const int>(n); }

TEST(Lru, DropsWhatWasNotAskedForLongest) {
  Lru<int> cache(1000);
  cache.put("a", number(1), 300);
  cache.put("b", number(2), 300);
  ASSERT_TRUE(cache.find("a"));
  cache.put("c", number(3), 300);
  EXPECT_TRUE(cache.find("a"));
  EXPECT_FALSE(cache.find("b"));
  EXPECT_EQ(*cache.find("c"), 3);
  EXPECT_LE(cache.bytes(), 1000U);
}

TEST(Lru, ReplacesAndForgets) {
  Lru<int> cache(1000);
  cache.put("a", number(1), 600);
  const size_t before = cache.bytes();
  cache.put("a", number(2), 600);
  EXPECT_EQ(cache.bytes(), before);
  const auto held = cache.find("a");
  cache.clear();
  EXPECT_FALSE(cache.find("a"));
  EXPECT_EQ(cache.bytes(), 0U);
  EXPECT_EQ(*held, 2) << "who holds a value keeps it";
}

TEST(Lru, DoesNotEmptyItselfForWhatCannotFit) {
  Lru<int> cache(1000);
  cache.put("a", number(1), 100);
  cache.put("huge", number(2), 5000);
  EXPECT_FALSE(cache.find("huge"));
  EXPECT_TRUE(cache.find("a"));
}

}  // namespace
}  // namespace flawless::scm
