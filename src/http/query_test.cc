#include "http/query.h"

#include <gmock/gmock.h>

namespace flawless::http {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(QueryTest, DecodesEscapes) {
  EXPECT_EQ(percent_decode("a%20b%C3%a4+c"), "a b\xc3\xa4+c");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_decode(""), "");
  for (const char* bad : {"%", "%1", "%g0", "%0g", "%00", "a%"}) {
    EXPECT_EQ(percent_decode(bad), std::nullopt) << bad;
  }
}

TEST(QueryTest, ParsesParametersInOrder) {
  EXPECT_THAT(parse_query("a=1&b=x%20y+z&&flag&a=2&e=f=g"),
              ElementsAre(Pair("a", "1"), Pair("b", "x y z"), Pair("flag", ""), Pair("a", "2"),
                          Pair("e", "f=g")));
  EXPECT_TRUE(parse_query("").empty());
}

TEST(QueryTest, KeepsWhatItCannotDecode) {
  EXPECT_THAT(parse_query("a=100%&%zz=1"), ElementsAre(Pair("a", "100%"), Pair("%zz", "1")));
}

TEST(QueryTest, FindsTheFirstValue) {
  EXPECT_EQ(query_value("xa=0&a=1&a=2", "a"), "1");
  EXPECT_EQ(query_value("access%5Ftoken=t%2B", "access_token"), "t+");
  EXPECT_EQ(query_value("ab=1", "a"), "");
  EXPECT_EQ(query_value("", "a"), "");
}

TEST(QueryTest, ParsesTargets) {
  const auto target = parse_target("/a%2Fb/..c?x=%20&y");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a/b/..c");
  EXPECT_EQ(target->query, "x=%20&y");
  EXPECT_EQ(parse_target("https://h")->path, "/");
  EXPECT_FALSE(parse_target("://h/"));
  EXPECT_FALSE(parse_target("/a/..?x"));
}

}  // namespace
}  // namespace flawless::http
