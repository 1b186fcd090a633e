#include "wire/names.h"

#include <gtest/gtest.h>

#include <string>

namespace flawless::wire {
namespace {

// "ab" and "ac" share a slot, as do names whose first byte and length make up for each other.
constexpr Names<8> kNames(
    {"ab", "ac", "b", "filename", "function", "vars", "instruction_addr", "a_name_of_17_byte"});

TEST(Names, AreFoundAtTheirPosition) {
  EXPECT_EQ(kNames.find("ab"), 0U);
  EXPECT_EQ(kNames.find("ac"), 1U);
  EXPECT_EQ(kNames.find("b"), 2U);
  EXPECT_EQ(kNames.find("filename"), 3U);
  EXPECT_EQ(kNames.find("function"), 4U);
  EXPECT_EQ(kNames.find("vars"), 5U);
  EXPECT_EQ(kNames.find("instruction_addr"), 6U);
  EXPECT_EQ(kNames.find("a_name_of_17_byte"), 7U);
}

TEST(Names, OthersAreNot) {
  for (std::string_view other : {"", "a", "ad", "c", "functiom", "filenam", "filenames"}) {
    EXPECT_EQ(kNames.find(other), 8U) << other;
  }
  EXPECT_EQ(kNames.find(std::string(10'000, 'f')), 8U);
  EXPECT_EQ(kNames.find(std::string_view("\xff\0", 2)), 8U);
}

// Each byte counts, where the words that are compared begin, end and overlap.
TEST(Names, OneOtherByteMakesAnother) {
  for (std::string_view name : {"vars", "filename", "instruction_addr", "a_name_of_17_byte"}) {
    for (size_t at = 0; at < name.size(); ++at) {
      std::string other(name);
      other[at] ^= 1;
      EXPECT_EQ(kNames.find(other), 8U) << other;
    }
  }
}

}  // namespace
}  // namespace flawless::wire
