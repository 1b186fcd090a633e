#include "base/time.h"

#include <gtest/gtest.h>

namespace flawless {
namespace {

TEST(Rfc3339, ReadsWhatSdksSend) {
  Time expected = from_unix_ms(1763820311250);
  for (const char* text :
       {"2025-11-22T14:05:11.250Z", "2025-11-22T14:05:11.250456Z", "2025-11-22T14:05:11.25",
        "2025-11-22 15:05:11.250+01:00", "2025-11-22T09:05:11.250-0500"}) {
    EXPECT_EQ(parse_rfc3339(text), expected) << text;
  }
  EXPECT_EQ(parse_rfc3339("1970-01-01"), from_unix_ms(0));
  EXPECT_EQ(to_rfc3339(expected), "2025-11-22T14:05:11.250Z");
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const char* text : {"", "now", "2025-13-01T00:00:00Z", "2025-02-30", "2025-11-22T25:00:00Z",
                           "2025-11-22T14:05:11Zjunk"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

}  // namespace
}  // namespace flawless
