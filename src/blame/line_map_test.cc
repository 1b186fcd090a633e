#include "blame/line_map.h"

#include <gtest/gtest.h>

namespace flawless::blame {
namespace {

LineMap parse(std::string_view diff) {
  auto map = LineMap::parse(diff);
  EXPECT_TRUE(map) << map.message();
  return map.value_or({});
}

TEST(LineMap, OfEqualFilesIsTheLineItself) { EXPECT_EQ(parse("").new_of(7), 7U); }

TEST(LineMap, CountsWhatCameAndWentBefore) {
  const LineMap map = parse(
      "diff --git a/x b/x\n--- a/x\n+++ b/x\n"
      "@@ -0,0 +1,2 @@\n+one\n+two\n"
      "@@ -3 +5,3 @@ def f():\n-old\n+a\n+b\n+c\n"
      "@@ -6,2 +9,0 @@\n-@@ -1 +1 @@\n-gone\n");
  EXPECT_EQ(map.new_of(1), 3U);
  EXPECT_EQ(map.new_of(2), 4U);
  EXPECT_EQ(map.new_of(3), 0U);
  EXPECT_EQ(map.new_of(4), 8U);
  EXPECT_EQ(map.new_of(5), 9U);
  EXPECT_EQ(map.new_of(6), 0U);
  EXPECT_EQ(map.new_of(7), 0U);
  EXPECT_EQ(map.new_of(8), 10U);
}

TEST(LineMap, RefusesWhatIsNoHunk) {
  EXPECT_EQ(LineMap::parse("@@ -x +1 @@\n").code(), Code::kInternal);
  EXPECT_EQ(LineMap::parse("@@ -1,2 1 @@\n").code(), Code::kInternal);
}

}  // namespace
}  // namespace flawless::blame
