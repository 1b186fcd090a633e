// The first few at once, the rest as roll-ups.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "notify/mailer_fixture.h"

namespace flawless::notify {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST_F(MailerTest, FiveAtOnceThenOneRollUpWhenTheTenMinutesAreOver) {
  const Time began = world_.clock.now();
  for (int i = 0; i < 12; ++i) world_.fail("shop/f" + std::to_string(i) + ".py");
  EXPECT_EQ(round(), began + 10min);
  EXPECT_EQ(transport_.mails.size(), 5u);
  advance(9min);
  world_.fail("shop/late.py");
  EXPECT_EQ(round(), began + 10min);
  restart();
  EXPECT_EQ(round(), began + 10min);
  EXPECT_EQ(transport_.mails.size(), 5u);

  advance(1min);
  EXPECT_EQ(round(), std::nullopt);
  ASSERT_EQ(transport_.mails.size(), 6u);
  EXPECT_EQ(message_ids().size(), 6u);
  EXPECT_EQ(world_.outbox().sent, 13u);
  EXPECT_EQ(told_.size(), 13u);
  const Envelope& last = transport_.mails.back();
  EXPECT_EQ(header(last, "Subject"), "[shop] 8 new errors in your code");
  for (const char* path : {"shop/f5.py", "shop/f11.py", "shop/late.py"}) {
    EXPECT_THAT(last.bytes, HasSubstr(path));
  }
}

TEST_F(MailerTest, HowManyAtOnceAndForHowLongCanBeSet) {
  pace_ = {.at_once = 2, .window = 1h};
  restart();
  const Time began = world_.clock.now();
  for (int i = 0; i < 5; ++i) world_.fail("shop/f" + std::to_string(i) + ".py");
  EXPECT_EQ(round(), began + 1h);
  EXPECT_EQ(transport_.mails.size(), 2u);
  advance(59min);
  EXPECT_EQ(round(), began + 1h);
  advance(1min);
  round();
  ASSERT_EQ(transport_.mails.size(), 3u);
  EXPECT_EQ(header(transport_.mails[2], "Subject"), "[shop] 3 new errors in your code");
  advance(1min);
  world_.fail("shop/late.py");
  EXPECT_EQ(round(), std::nullopt) << "the first two are of another window";
  EXPECT_EQ(transport_.mails.size(), 4u);
}

TEST_F(MailerTest, AThousandLinesAreAFewMails) {
  const Time now = world_.clock.now();
  for (int i = 0; i < 1000; ++i) {
    const store::NewMessage line{"line:" + std::to_string(i) + ":0",
                                 "line",
                                 "ada@shop.example",
                                 R"({"path":"shop/a.py"})",
                                 {}};
    ASSERT_TRUE(world_.store->outbox().add(line, now, now));
  }
  round();
  EXPECT_EQ(transport_.mails.size(), 5u);
  advance(10min);
  round();
  EXPECT_EQ(transport_.mails.size(), 7u);
  EXPECT_EQ(message_ids().size(), 7u);
  EXPECT_EQ(world_.outbox().sent, 1000u);
}

TEST_F(MailerTest, AFloodOfLinesIsAFewMailsAnHourAndNoneIsLost) {
  const Time now = world_.clock.now();
  constexpr uint64_t kLines = 5000;
  for (uint64_t i = 0; i < kLines; ++i) {
    const store::NewMessage line{"line:" + std::to_string(i) + ":0",
                                 "line",
                                 "ada@shop.example",
                                 R"({"path":"shop/a.py"})",
                                 {}};
    ASSERT_TRUE(world_.store->outbox().add(line, now, now));
  }
  for (int i = 0; i < 100 && world_.outbox().sent < kLines; ++i) {
    const size_t before = transport_.mails.size();
    std::optional<Time> next = round();
    for (int again = 0; again < 20 && next && *next <= world_.clock.now(); ++again) next = round();
    EXPECT_LE(transport_.mails.size() - before, Pace().at_once + kRollups);
    if (next) world_.clock.set(std::max(*next, world_.clock.now()));
  }
  EXPECT_EQ(world_.outbox().sent, kLines);
  EXPECT_GE(world_.clock.now() - now, 2 * Pace().window);
  EXPECT_EQ(message_ids().size(), transport_.mails.size());
}

TEST_F(MailerTest, AClockThatIsSetBackHoldsNothingUp) {
  advance(24h * 365);
  for (int i = 0; i < 7; ++i) world_.fail("shop/f" + std::to_string(i) + ".py");
  round();
  EXPECT_EQ(transport_.mails.size(), 5u);
  advance(-24h * 365);
  world_.fail("shop/now.py");
  round();
  EXPECT_GE(transport_.mails.size(), 6u);
  advance(10min);
  round();
  EXPECT_EQ(world_.outbox().sent, 8u);
}

TEST_F(MailerTest, OneThatWaitedAloneIsAMailOfItsOwn) {
  for (int i = 0; i < 6; ++i) world_.fail("shop/f" + std::to_string(i) + ".py");
  round();
  advance(10min);
  round();
  ASSERT_EQ(transport_.mails.size(), 6u);
  EXPECT_THAT(header(transport_.mails[5], "Subject"), HasSubstr("[shop] IndexError"));
  EXPECT_THAT(transport_.mails[5].bytes, HasSubstr("shop/f5.py:17 in pick_banner"));
}

TEST_F(MailerTest, OthersDoNotWait) {
  for (int i = 0; i < 9; ++i) world_.fail("shop/f" + std::to_string(i) + ".py");
  world_.fail("shop/x.py", "grace@shop.example");
  round();
  EXPECT_EQ(transport_.mails.size(), 6u);
  EXPECT_EQ(transport_.mails.back().to, "grace@shop.example");
}

TEST_F(MailerTest, OtherKindsDoNotWaitButCount) {
  const Time now = world_.clock.now();
  for (int i = 0; i < 7; ++i) {
    const store::NewMessage known{"known:1:" + std::to_string(i) + ":ada@shop.example",
                                  "known_error",
                                  "ada@shop.example",
                                  "{}",
                                  {}};
    ASSERT_TRUE(world_.store->outbox().add(known, now, now));
  }
  round();
  EXPECT_EQ(transport_.mails.size(), 7u);
  world_.fail("shop/a.py");
  EXPECT_EQ(round(), now + 10min);
  EXPECT_EQ(transport_.mails.size(), 7u);
}

TEST_F(MailerTest, ARollUpThatWasCutShortGoesAgainWhole) {
  for (int i = 0; i < 8; ++i) world_.fail("shop/f" + std::to_string(i) + ".py");
  round();
  advance(10min);
  transport_.dies = FakeTransport::Dies::kAfterData;
  crash();
  transport_.dies = FakeTransport::Dies::kNever;
  world_.fail("shop/new.py");
  restart();
  round();
  ASSERT_GE(transport_.mails.size(), 7u);
  EXPECT_EQ(header(transport_.mails[5], "Message-ID"), header(transport_.mails[6], "Message-ID"));
  EXPECT_EQ(header(transport_.mails[6], "Subject"), "[shop] 3 new errors in your code");
}

TEST_F(MailerTest, ARollUpThatIsPutOffStaysOneMail) {
  for (int i = 0; i < 8; ++i) world_.fail("shop/f" + std::to_string(i) + ".py");
  round();
  advance(10min);
  transport_.answers = {{Outcome::kRecipientLater, "450 busy"}};
  round();
  advance(10s);
  round();
  ASSERT_EQ(transport_.mails.size(), 6u);
  EXPECT_EQ(header(transport_.mails[5], "Subject"), "[shop] 3 new errors in your code");
  EXPECT_EQ(world_.outbox().sent, 8u);
}

}  // namespace
}  // namespace flawless::notify
