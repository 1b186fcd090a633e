#include "wire/names.h"

#include <gtest/gtest.h>

#include <string>

namespace flawless::wire {
namespace {

// "ab" and "ac" share a slot, as do names whose first byte and length make up for each other.
constexpr Names<5> kNames({"ab", "ac", "b", "filename", "function"});

TEST(Names, AreFoundAtTheirPosition) {
  EXPECT_EQ(kNames.find("ab"), 0U);
  EXPECT_EQ(kNames.find("ac"), 1U);
  EXPECT_EQ(kNames.find("b"), 2U);
  EXPECT_EQ(kNames.find("filename"), 3U);
  EXPECT_EQ(kNames.find("function"), 4U);
}

TEST(Names, OthersAreNot) {
  for (std::string_view other : {"", "a", "ad", "c", "functiom", "filenam", "filenames"}) {
    EXPECT_EQ(kNames.find(other), 5U) << other;
  }
  EXPECT_EQ(kNames.find(std::string(10'000, 'f')), 5U);
  EXPECT_EQ(kNames.find(std::string_view("\xff\0", 2)), 5U);
}

}  // namespace
}  // namespace flawless::wire
