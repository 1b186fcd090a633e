#include "api/query.h"

#include <gmock/gmock.h>

namespace flawless::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kKnown[] = {"level", "limit", "seen_after"};

Result<Query> read(std::string query) {
  http::Request request;
  request.query = std::move(query);
  return Query::read(request, kKnown);
}

TEST(Query, UnknownNamesAreRefusedWithTheKnownOnes) {
  auto query = read("level=error&lmit=3");
  ASSERT_EQ(query.code(), Code::kInvalid);
  EXPECT_THAT(query.message(), HasSubstr("'lmit'"));
  EXPECT_THAT(query.message(), HasSubstr("level, limit, seen_after"));
}

TEST(Query, TheTokenIsNoFilter) { EXPECT_TRUE(read("access_token=x&limit=3").is_ok()); }

TEST(Query, ListsAreRepeatedOrSeparatedByCommas) {
  auto query = read("level=error,warning&level=info&level=,");
  ASSERT_TRUE(query.is_ok());
  EXPECT_THAT(query->list("level"), ElementsAre("error", "warning", "info"));
  EXPECT_THAT(query->list("limit"), IsEmpty());
}

TEST(Query, IntegersHaveBounds) {
  EXPECT_EQ(*read("limit=200")->integer("limit", 1, 200, 50), 200);
  EXPECT_EQ(*read("")->integer("limit", 1, 200, 50), 50);
  for (const char* bad : {"limit=0", "limit=201", "limit=ten", "limit=1.5", "limit=-1",
                          "limit=99999999999999999999", "limit=%201"}) {
    auto limit = read(bad)->integer("limit", 1, 200, 50);
    ASSERT_EQ(limit.code(), Code::kInvalid) << bad;
    EXPECT_THAT(limit.message(), HasSubstr("from 1 to 200")) << bad;
  }
}

TEST(Query, ASingleValueIsNotGivenTwice) {
  EXPECT_EQ(read("limit=1&limit=2")->integer("limit", 1, 200, 50).code(), Code::kInvalid);
}

TEST(Query, TimesAreRfc3339) {
  auto time = read("seen_after=2026-11-22T14:05:11%2B01:00")->time("seen_after");
  ASSERT_TRUE(time.is_ok());
  EXPECT_EQ(to_rfc3339(**time), "2026-11-22T13:05:11.000Z");
  EXPECT_EQ(read("seen_after=yesterday")->time("seen_after").code(), Code::kInvalid);
  EXPECT_FALSE(read("")->time("seen_after")->has_value());
}

TEST(Query, OverlongValuesAreRefused) {
  EXPECT_EQ(read("level=" + std::string(1001, 'x')).code(), Code::kInvalid);
}

}  // namespace
}  // namespace flawless::api
