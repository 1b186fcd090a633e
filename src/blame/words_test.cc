#include "blame/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flawless::blame {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Time kThen{std::chrono::milliseconds(1'700'000'000'000)};

TEST(SpanOfTime, IsRoundedDown) {
  EXPECT_EQ(span_of_time(kThen, kThen + minutes(59)), "less than an hour");
  EXPECT_EQ(span_of_time(kThen, kThen + hours(1)), "1 hour");
  EXPECT_EQ(span_of_time(kThen, kThen + hours(23)), "23 hours");
  EXPECT_EQ(span_of_time(kThen, kThen + hours(47)), "1 day");
  EXPECT_EQ(span_of_time(kThen, kThen + hours(24 * 59)), "59 days");
  EXPECT_EQ(span_of_time(kThen, kThen + hours(24 * 91)), "2 months");
  EXPECT_EQ(span_of_time(kThen, kThen + hours(24 * 92)), "3 months");
  EXPECT_EQ(span_of_time(kThen, kThen + hours(24 * 638)), "20 months");
  EXPECT_EQ(span_of_time(kThen, kThen + hours(24 * 366 * 4)), "4 years");
}

TEST(Authorship, SaysWhoWhatWhenAndWhere) {
  scm::BlamedCommit commit;
  commit.id = "3f2c9e1" + std::string(33, '0');
  commit.author = "Ada Lovelace";
  commit.author_time = kThen;
  commit.summary = "Pick a banner at random";
  const std::string revision = "a1b2c3d" + std::string(33, '0');
  EXPECT_EQ(authorship(commit, kThen + hours(100), revision, ""),
            "Ada Lovelace last changed this line in 3f2c9e1 “Pick a banner at random”, 4 days "
            "before this report; blamed at the deployed commit a1b2c3d.");
  EXPECT_THAT(authorship(commit, kThen + hours(100), revision, "the report names no release"),
              EndsWith("blamed at the newest commit a1b2c3d, since the report names no release."));
  // A clock that is wrong, or a line that was changed since: no nonsense about the time.
  EXPECT_THAT(authorship(commit, kThen - hours(1), revision, ""), Not(HasSubstr("before")));
}

TEST(CommitWithSummary, IsCutBetweenCharacters) {
  scm::BlamedCommit commit;
  commit.id = std::string(40, 'a');
  for (int i = 0; i < 80; ++i) commit.summary += "ü";
  std::string expected = "aaaaaaa “";
  for (int i = 0; i < 50; ++i) expected += "ü";
  EXPECT_EQ(commit_with_summary(commit), expected + "…”");
}

}  // namespace
}  // namespace flawless::blame
