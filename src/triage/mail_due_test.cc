#include "triage/mail_due.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flawless::triage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Time at(std::string_view text) { return parse_rfc3339(text).value(); }

TEST(ParseDate, ComparesAsDates) {
  EXPECT_EQ(parse_date("2014-2-1"), parse_date("2014-02-01"));
  EXPECT_EQ(parse_date("2014-02-01"), std::chrono::sys_days(std::chrono::year(2014) / 2 / 1));
  EXPECT_LT(parse_date("2014-9-30"), parse_date("2014-10-01"));
  for (const char* bad : {"", "2014", "2014-02", "2014-02-30", "2014-13-01", "2014-02-01x", "a-b-c",
                          "2014/02/01", "-1-02-01", "2014--2-1", "2014-002-01", "99999-1-1"}) {
    EXPECT_EQ(parse_date(bad), std::nullopt) << bad;
  }
}

TEST(MailDue, TheFirstSightingIsMailedAndNoOther) {
  MailQuestion question;
  EXPECT_TRUE(mail_due(question).due);
  question.mailed = true;
  question.count = 10'000;
  const MailAnswer again = mail_due(question);
  EXPECT_FALSE(again.due);
  EXPECT_EQ(again.wake_at, 0U);
  EXPECT_FALSE(again.new_episode);
}

TEST(MailDue, WaitsForTheThreshold) {
  MailQuestion question;
  question.threshold = 3;
  question.count = 2;
  EXPECT_FALSE(mail_due(question).due);
  EXPECT_EQ(mail_due(question).wake_at, 3U);
  question.count = 3;
  EXPECT_TRUE(mail_due(question).due);
}

TEST(MailDue, TheReportsOwnThresholdWins) {
  MailQuestion question;
  question.threshold = 3;
  question.own_threshold = 1;
  EXPECT_TRUE(mail_due(question).due);
  question.own_threshold = 7;
  question.count = 5;
  EXPECT_EQ(mail_due(question).wake_at, 7U);
}

TEST(MailDue, CodeFromBeforeTheMinimumDateIsNeverMailed) {
  MailQuestion question;
  question.minimum_date = parse_date("2014-2-1");
  question.changed_at = at("2014-01-31T23:59:59Z");
  const MailAnswer old = mail_due(question);
  EXPECT_FALSE(old.due);
  EXPECT_EQ(old.wake_at, 0U);
  EXPECT_THAT(old.reason, HasSubstr("2014-02-01"));
  question.changed_at = at("2014-02-01T00:00:00Z");
  EXPECT_TRUE(mail_due(question).due);
  question.changed_at.reset();
  EXPECT_TRUE(mail_due(question).due);
}

TEST(MailDue, SilenceIsKept) {
  for (auto member :
       {&MailQuestion::third_party, &MailQuestion::is_library, &MailQuestion::silenced}) {
    MailQuestion question;
    question.*member = true;
    EXPECT_FALSE(mail_due(question).due);
    question.known = AlertSchedule{.min = 1, .max = {}, .every = 1};
    EXPECT_FALSE(mail_due(question).due);
  }
  MailQuestion question;
  question.notifies = false;
  EXPECT_FALSE(mail_due(question).due);
}

TEST(MailDue, AMutedItemIsAskedAboutAgainMoreAndMoreRarely) {
  MailQuestion question;
  question.silenced = true;
  question.count = 8;
  EXPECT_EQ(mail_due(question).wake_at, 16U);
}

TEST(MailDue, ARegressionIsMailedOnceMore) {
  MailQuestion question;
  question.mailed = question.regression = true;
  question.count = 40;
  const MailAnswer answer = mail_due(question);
  EXPECT_TRUE(answer.due);
  EXPECT_TRUE(answer.new_episode);
  question.mailed = false;  // it was resolved before anybody was told
  EXPECT_TRUE(mail_due(question).due);
  EXPECT_FALSE(mail_due(question).new_episode);
}

// Counts at which a known error is mailed when it is asked about as it wishes to be.
std::vector<uint64_t> mailed_at(const AlertSchedule& schedule, uint64_t upto) {
  MailQuestion question;
  question.known = schedule;
  std::vector<uint64_t> mailed;
  MailAnswer answer = mail_due(question);
  while (question.count <= upto) {
    if (answer.due) mailed.push_back(question.count);
    question.mailed = question.mailed || answer.due;
    if (answer.wake_at == 0) break;
    EXPECT_GT(answer.wake_at, question.count);
    question.count = answer.wake_at;
    question.was_known = true;
    answer = mail_due(question);
  }
  return mailed;
}

TEST(MailDue, KnownErrorsFollowTheirSchedule) {
  EXPECT_THAT(mailed_at({}, 100), ElementsAre());
  EXPECT_THAT(mailed_at({.min = 5, .max = {}, .every = {}}, 100), ElementsAre(5));
  EXPECT_THAT(mailed_at({.min = {}, .max = {}, .every = 30}, 100), ElementsAre(30, 60, 90));
  EXPECT_THAT(mailed_at({.min = 5, .max = 60, .every = 30}, 100), ElementsAre(5, 30, 60));
  EXPECT_THAT(mailed_at({.min = 5, .max = 4, .every = {}}, 100), ElementsAre());
  EXPECT_THAT(mailed_at({.min = 1, .max = 0, .every = 1}, 100), ElementsAre());
  EXPECT_THAT(mailed_at({.min = {}, .max = 10, .every = {}}, 100), ElementsAre());
  EXPECT_THAT(mailed_at({.min = 0, .max = {}, .every = 0}, 100), ElementsAre());
}

TEST(MailDue, KnownErrorsIgnoreThresholdAndMinimumDate) {
  MailQuestion question;
  question.known = AlertSchedule{.min = 1, .max = {}, .every = {}};
  question.threshold = 9;
  question.minimum_date = parse_date("2014-2-1");
  question.changed_at = at("2001-01-01T00:00:00Z");
  EXPECT_TRUE(mail_due(question).due);
}

TEST(MailDue, ABatchThatPassesSeveralMultiplesIsOneMail) {
  MailQuestion question;
  question.known = AlertSchedule{.min = {}, .max = 12, .every = 5};
  question.was_known = true;
  question.count = 13;
  const MailAnswer answer = mail_due(question);
  EXPECT_TRUE(answer.due);
  EXPECT_EQ(answer.ordinal, "10");
  EXPECT_EQ(answer.wake_at, 0U);  // 15 is above max
}

TEST(MailDue, ANewScheduleDoesNotLookBack) {
  MailQuestion question;
  question.known = AlertSchedule{.min = {}, .max = {}, .every = 10};
  question.count = 13;
  EXPECT_FALSE(mail_due(question).due);
  EXPECT_EQ(mail_due(question).wake_at, 20U);
}

TEST(MailDue, OrdinalsTellScheduledMailsApart) {
  MailQuestion question;
  question.known = AlertSchedule{.min = 3, .max = {}, .every = 10};
  question.count = 3;
  EXPECT_EQ(mail_due(question).ordinal, "min");
  question.mailed = question.was_known = true;
  question.count = 10;
  EXPECT_EQ(mail_due(question).ordinal, "10");
  question.count = 20;
  EXPECT_EQ(mail_due(question).ordinal, "20");
}

}  // namespace
}  // namespace flawless::triage
