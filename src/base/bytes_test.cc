#include "base/bytes.h"

#include <gtest/gtest.h>

namespace flawless {
namespace {

TEST(Hex, RoundTripsAndRefusesWhatIsNotHex) {
  EXPECT_EQ(to_hex(as_bytes("\x01\xfe")), "01fe");
  EXPECT_EQ(from_hex("01Fe"), "\x01\xfe");
  EXPECT_EQ(from_hex("abc"), std::nullopt);
  EXPECT_EQ(from_hex("zz"), std::nullopt);
}

// The check value of the CRC catalogue, in one piece and in two: hardware and table must agree with
// it.
TEST(Crc32c, MatchesTheCatalogueAndContinues) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283U);
  EXPECT_EQ(crc32c(as_bytes("6789"), crc32c(as_bytes("12345"))), 0xe3069283U);
  EXPECT_EQ(crc32c({}), 0U);
}

TEST(Random, FillsEveryByteSoonerOrLater) {
  EXPECT_EQ(random_hex(16).size(), 32U);
  EXPECT_NE(random_hex(16), random_hex(16));
}

TEST(EqualConstantTime, ComparesWhole) {
  EXPECT_TRUE(equal_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_constant_time("secret", "secreT"));
  EXPECT_FALSE(equal_constant_time("secret", "secre"));
}

}  // namespace
}  // namespace flawless
