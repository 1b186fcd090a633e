// Each message once, whatever fails between; and what is handed over and not confirmed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "notify/mailer_fixture.h"

namespace flawless::notify {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(MailerTest, ALineIsMailedOnce) {
  world_.fail("shop/banner.py");
  EXPECT_EQ(round(), std::nullopt);
  round();
  restart();
  round();
  ASSERT_EQ(transport_.mails.size(), 1u);
  const Envelope& mail = transport_.mails[0];
  EXPECT_EQ(mail.to, "ada@shop.example");
  EXPECT_EQ(mail.from, "flawless@f.example");
  EXPECT_THAT(told_, ElementsAre(std::pair(int64_t{1}, std::string("ada@shop.example"))));
  EXPECT_EQ(world_.outbox().sent, 1u);
  EXPECT_EQ(mailer_->state().fault, "");
}

TEST_F(MailerTest, TheMailTellsTheStory) {
  world_.fail("shop/banner.py");
  round();
  ASSERT_EQ(transport_.mails.size(), 1u);
  const std::string& bytes = transport_.mails[0].bytes;
  for (const char* part :
       {"Ada Lovelace", "3f2c9e1d00", "pick a banner at random", "return random.choice(banners)",
        "Traceback (most recent call last):", "banners=3D[]", "release a1b2c3d4e5", "host web-1",
        "You last changed the line that failed.", "https://f.example/p/1/items/1",
        "/view_traceback?filename", "/add_known_error?filename"}) {
    EXPECT_THAT(bytes, HasSubstr(part));
  }
  const Envelope& mail = transport_.mails[0];
  EXPECT_EQ(header(mail, "List-Id"), "<shop.flawless.f.example>");
  EXPECT_EQ(header(mail, "Auto-Submitted"), "auto-generated");
  EXPECT_EQ(header(mail, "X-Flawless-Project"), "shop");
  EXPECT_EQ(header(mail, "X-Flawless-Item"), "1");
  EXPECT_EQ(header(mail, "X-Flawless-Line"), "1");
  EXPECT_EQ(header(mail, "References"), header(mail, "In-Reply-To"));
  EXPECT_NE(header(mail, "References"), header(mail, "Message-ID"));
}

TEST_F(MailerTest, ACrashBeforeHandingOverSendsItLater) {
  world_.fail("shop/banner.py");
  transport_.dies = FakeTransport::Dies::kBeforeData;
  crash();
  EXPECT_EQ(world_.outbox().sending, 1u);
  transport_.dies = FakeTransport::Dies::kNever;
  restart();
  round();
  EXPECT_EQ(transport_.mails.size(), 1u);
  EXPECT_EQ(world_.outbox().sent, 1u);
}

TEST_F(MailerTest, ACrashAfterHandingOverSendsTheSameMessageAgain) {
  world_.fail("shop/banner.py");
  transport_.dies = FakeTransport::Dies::kAfterData;
  crash();
  restart();
  crash();
  transport_.dies = FakeTransport::Dies::kNever;
  restart();
  round();
  round();
  EXPECT_EQ(transport_.mails.size(), 3u);
  EXPECT_EQ(message_ids().size(), 1u);
  EXPECT_EQ(world_.outbox().sent, 1u);
}

TEST_F(MailerTest, WhatWasBegunCannotBeWrittenDown) {
  world_.fail("shop/banner.py");
  outbox_->begin_fails = true;
  EXPECT_TRUE(round()) << "it has to come back";
  EXPECT_EQ(transport_.tries, 0) << "the server hears of nothing that is not on disk";
  outbox_->begin_fails = false;
  round();
  EXPECT_EQ(transport_.mails.size(), 1u);
}

TEST_F(MailerTest, WhatWasSentCannotBeWrittenDown) {
  world_.fail("shop/banner.py");
  outbox_->sent_fails = true;
  EXPECT_TRUE(round());
  round();
  EXPECT_EQ(transport_.mails.size(), 1u) << "not sent again while this process lives";
  outbox_->sent_fails = false;
  round();
  round();
  EXPECT_EQ(transport_.mails.size(), 1u);
  EXPECT_EQ(world_.outbox().sent, 1u);
  EXPECT_EQ(told_.size(), 1u);
}

// While it waits to be written down, what was refused before it is not forgotten.
TEST_F(MailerTest, WhatWasSentAndIsWrittenDownLaterTellsOfRefusedOnesToo) {
  world_.fail("a.py");
  world_.fail("b.py", "grace@shop.example");
  transport_.answers_to["ada@shop.example"] = {Outcome::kPolicy, "554 5.7.1 relay access denied"};
  outbox_->sent_fails = true;
  EXPECT_TRUE(round());
  EXPECT_THAT(recipients(), ElementsAre("grace@shop.example"));
  outbox_->sent_fails = false;
  round();
  EXPECT_EQ(world_.outbox().failed, 1u) << "refused before and after hers was accepted";
}

TEST_F(MailerTest, WhatIsAskedAboutOnceMoreIsKnownThoughItsTimeCannotBeWrittenDown) {
  world_.fail("a.py");
  world_.fail("b.py", "grace@shop.example");
  transport_.answers_to["ada@shop.example"] = {Outcome::kPolicy, "554 5.7.1 relay access denied"};
  outbox_->postpone_fails = true;
  EXPECT_TRUE(round());
  outbox_->postpone_fails = false;
  run_for(1min);
  EXPECT_EQ(world_.outbox().failed, 1u);
}

TEST_F(MailerTest, DifferentLinesAreDifferentMessagesOfDifferentThreads) {
  world_.fail("a.py");
  world_.fail("b.py");
  round();
  ASSERT_EQ(transport_.mails.size(), 2u);
  EXPECT_EQ(message_ids().size(), 2u);
  EXPECT_NE(header(transport_.mails[0], "References"), header(transport_.mails[1], "References"));
}

TEST_F(MailerTest, ARegressionJoinsTheThread) {
  const std::string key = world_.fail("a.py");
  round();
  store::NewMessage again{
      key.substr(0, key.size() - 1) + "1", "line", "ada@shop.example", "{}", {}};
  ASSERT_TRUE(world_.store->outbox().add(again, world_.clock.now(), world_.clock.now()));
  round();
  ASSERT_EQ(transport_.mails.size(), 2u);
  EXPECT_EQ(message_ids().size(), 2u);
  EXPECT_EQ(header(transport_.mails[0], "References"), header(transport_.mails[1], "References"));
}

TEST_F(MailerTest, WhatIsGoneIsLeftOut) {
  const store::NewMessage bare{"line:99:0", "line", "ada@shop.example", "not json", {}};
  ASSERT_TRUE(world_.store->outbox().add(bare, world_.clock.now(), world_.clock.now()));
  round();
  ASSERT_EQ(transport_.mails.size(), 1u);
  EXPECT_THAT(transport_.mails[0].bytes, HasSubstr("no longer kept"));
}

// --- handed over, and no answer ---

const Delivery kNoAnswer{Outcome::kUnconfirmed, "no answer (at END)"};

TEST_F(MailerTest, WhatIsNeverConfirmedIsHandedOverAFewTimesOnly) {
  world_.fail("a.py");
  world_.fail("b.py", "grace@shop.example");
  transport_.answers_to["ada@shop.example"] = kNoAnswer;
  round();
  EXPECT_THAT(recipients(), ElementsAre("grace@shop.example"));
  run_for(96h);
  EXPECT_EQ(transport_.tries_with["ada@shop.example"], 3);
  EXPECT_EQ(world_.outbox().failed, 1u);
  ASSERT_EQ(world_.outbox().undeliverable.size(), 1u);
  EXPECT_THAT(world_.outbox().undeliverable[0].error,
              HasSubstr("handed over 3 of 3 times and not confirmed, it may have arrived"));
  EXPECT_EQ(recipients().back(), "oncall@shop.example");
  EXPECT_EQ(transport_.mails.size(), 2u);
}

TEST_F(MailerTest, TheSecondTimeIsSoonTheThirdAfterAnHour) {
  world_.fail("a.py");
  transport_.answers.assign(2, kNoAnswer);
  const Time first = world_.clock.now();
  const auto second = round();
  ASSERT_TRUE(second);
  EXPECT_LE(*second - first, 6s);
  world_.clock.set(*second);
  const auto third = round();
  ASSERT_TRUE(third);
  EXPECT_GE(*third - *second, 1h) << "a server that has trouble is given time";
  EXPECT_THAT(mailer_->state().fault, HasSubstr("no answer"));
  world_.clock.set(*third);
  round();
  EXPECT_EQ(transport_.mails.size(), 1u);
  EXPECT_EQ(world_.outbox().sent, 1u);
  EXPECT_EQ(world_.outbox().last_error, "");
}

TEST_F(MailerTest, HowOftenItWasHandedOverIsKnownAfterARestartAndOtherTrouble) {
  const Delivery away{Outcome::kServerAway, "connection refused"};
  const Delivery busy{Outcome::kRecipientLater, "450 busy"};
  world_.fail("a.py");
  transport_.answers = {kNoAnswer, away, busy, kNoAnswer, busy, away, kNoAnswer};
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(world_.outbox().failed, 0u) << i;
    round();
    restart();
    advance(2h);
  }
  EXPECT_EQ(world_.outbox().failed, 1u);
  EXPECT_THAT(world_.outbox().last_error, HasSubstr("handed over 3 of 3 times"));
}

TEST_F(MailerTest, HowOftenItWasHandedOverIsKnownAfterItCouldNotBeMade) {
  world_.fail("a.py");
  transport_.answers_to["ada@shop.example"] = kNoAnswer;
  round();
  for (int i = 0; i < 2; ++i) {
    advance(2h);
    world_.break_lines();
    round();
    EXPECT_THAT(world_.outbox().last_error, HasSubstr("no such table"));
    world_.mend_lines();
    advance(2h);
    round();
  }
  EXPECT_EQ(transport_.tries_with["ada@shop.example"], 3);
  ASSERT_EQ(world_.outbox().undeliverable.size(), 1u);
  EXPECT_THAT(world_.outbox().undeliverable[0].error, StartsWith("handed over 3 of 3 times"));
}

TEST_F(MailerTest, TheFaultOfAllMailIsNotOneMailsHistory) {
  world_.fail("a.py");
  transport_.answers = {kNoAnswer, {Outcome::kServerAway, "connection refused"}};
  world_.clock.set(*round());
  EXPECT_EQ(mailer_->state().fault, "no answer (at END); the mail server's log may say why");
  round();
  EXPECT_THAT(mailer_->state().fault, StartsWith("connection refused; nothing is lost"));
  EXPECT_THAT(world_.outbox().last_error, StartsWith("handed over 1 of 3 times"));
}

TEST_F(MailerTest, WhileNothingIsConfirmedEverythingWaits) {
  for (int i = 0; i < 40; ++i) {
    world_.fail("f" + std::to_string(i) + ".py", "dev" + std::to_string(i) + "@shop.example");
  }
  transport_.answers.assign(100'000, kNoAnswer);
  run_for(10min);
  EXPECT_LT(transport_.tries, 20);
  EXPECT_EQ(world_.outbox().failed, 0u);
  transport_.answers.clear();
  run_for(2h);
  EXPECT_EQ(world_.outbox().sent, 40u);
}

}  // namespace
}  // namespace flawless::notify
