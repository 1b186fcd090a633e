#include "base/ids.h"

#include <gtest/gtest.h>

namespace flawless {
namespace {

TEST(ReportId, DashesAndCaseDoNotMatter) {
  auto plain = ReportId::parse("00112233445566778899aabbccddeeff");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain, ReportId::parse("00112233-4455-6677-8899-AABBCCDDEEFF"));
  EXPECT_EQ(plain->dashed(), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(plain->hex(), "00112233445566778899aabbccddeeff");
}

TEST(ReportId, RefusesOtherLengthsAndDigits) {
  for (const char* text :
       {"", "0011", "00112233445566778899aabbccddeef", "00112233445566778899aabbccddeeff0",
        "g0112233445566778899aabbccddeeff"}) {
    EXPECT_FALSE(ReportId::parse(text)) << text;
  }
}

// A client may send any string as uuid: the same one is the same report, another one is not.
TEST(ReportId, AnyClientStringIsIdempotent) {
  EXPECT_EQ(ReportId::from_client("order-17"), ReportId::from_client("order-17"));
  EXPECT_NE(ReportId::from_client("order-17"), ReportId::from_client("order-18"));
  EXPECT_EQ(ReportId::from_client("00112233445566778899aabbccddeeff").hex(),
            "00112233445566778899aabbccddeeff");
}

TEST(ReportId, GeneratedOnesGrowWithTimeAndAreUnique) {
  EXPECT_LT(ReportId::generate(1000), ReportId::generate(2000));
  EXPECT_NE(ReportId::generate(1000), ReportId::generate(1000));
}

}  // namespace
}  // namespace flawless
