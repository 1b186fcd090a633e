// What is put off, what is given up, and what pauses all mail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "notify/mailer_fixture.h"

namespace flawless::notify {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(MailerTest, PutOffIsTriedAgainWithBackOff) {
  world_.fail("shop/banner.py");
  transport_.answers.assign(4, {Outcome::kRecipientLater, "450 4.2.0 mailbox busy (at RCPT)"});
  for (const auto step : {5s, 30s, 120s, 600s}) {
    const Time now = world_.clock.now();
    const auto next = round();
    ASSERT_TRUE(next);
    EXPECT_GE(*next - now, step);
    EXPECT_LE(*next - now, step * 6 / 5);
    EXPECT_EQ(world_.outbox().last_error, "450 4.2.0 mailbox busy (at RCPT)");
    EXPECT_EQ(mailer_->state().fault, "") << "nothing is wrong with us";
    world_.clock.set(*next - 1ms);
    const int tries = transport_.tries;
    round();
    EXPECT_EQ(transport_.tries, tries) << "not before its time";
    world_.clock.set(*next);
  }
  round();
  EXPECT_EQ(transport_.mails.size(), 1u);
}

TEST_F(MailerTest, PutOffForThreeDaysIsGivenUpAndTold) {
  world_.fail("shop/banner.py");
  transport_.answers.assign(6, {Outcome::kRecipientLater, "450 busy"});
  for (int i = 0; i < 5; ++i) {
    round();
    advance(2h);
  }
  advance(62h);
  round();
  EXPECT_EQ(world_.outbox().failed, 1u);
  round();
  ASSERT_EQ(transport_.mails.size(), 1u);
  EXPECT_EQ(transport_.mails[0].to, "oncall@shop.example");
  EXPECT_THAT(transport_.mails[0].bytes, HasSubstr("given up after three days: 450 busy"));
}

// A server that greylists puts off everything it sees for the first time.
TEST_F(MailerTest, WhatWaitedLongForAServerIsNotGivenUpAtItsFirstTry) {
  world_.fail("shop/banner.py");
  advance(24h * 5);
  transport_.answers.assign(3, {Outcome::kRecipientLater, "450 4.7.1 greylisted"});
  for (int i = 0; i < 4; ++i) {
    round();
    advance(5min);
  }
  EXPECT_EQ(world_.outbox().failed, 0u);
  EXPECT_EQ(world_.outbox().sent, 1u);
}

// More is begun than is read at once: a mail goes again whole or not at all.
TEST_F(MailerTest, RollUpsThatArePutOffStayWhole) {
  const Time now = world_.clock.now();
  for (int to = 0; to < 6; ++to) {
    for (int i = 0; i < 480; ++i) {
      const store::NewMessage line{"line:" + std::to_string(i * 6 + to) + ":0",
                                   "line",
                                   "dev" + std::to_string(to) + "@shop.example",
                                   R"({"path":"shop/a.py"})",
                                   {}};
      ASSERT_TRUE(world_.store->outbox().add(line, now, now));
    }
  }
  for (int i = 0; i < 4; ++i) round();  // five each, the rest waits
  ASSERT_EQ(transport_.mails.size(), 30u);
  advance(10min);
  transport_.answers.assign(6, {Outcome::kRecipientLater, "450 busy"});
  for (int i = 0; i < 4; ++i) round();
  advance(10min);
  for (int i = 0; i < 4; ++i) round();
  EXPECT_EQ(world_.outbox().sent, 6u * 480u);
  EXPECT_EQ(transport_.mails.size(), 36u);
  EXPECT_EQ(message_ids().size(), transport_.mails.size());
}

TEST_F(MailerTest, RefusedForGoodIsToldToTheDefaultContactOnce) {
  const std::string key = world_.fail("shop/banner.py");
  transport_.answers = {{Outcome::kRecipientNever, "550 5.1.1 no such user here (at RCPT)"}};
  round();
  round();
  restart();
  round();
  EXPECT_EQ(transport_.tries, 2);
  ASSERT_EQ(transport_.mails.size(), 1u);
  EXPECT_EQ(transport_.mails[0].to, "oncall@shop.example");
  EXPECT_EQ(header(transport_.mails[0], "Subject"), "[shop] Could not mail ada@shop.example");
  EXPECT_THAT(transport_.mails[0].bytes, HasSubstr("550 5.1.1 no such user here"));
  EXPECT_EQ(world_.outbox().failed, 1u);
  EXPECT_EQ(world_.outbox().sent, 1u);
}

TEST_F(MailerTest, NoMailAboutAMailAboutAMail) {
  world_.fail("shop/banner.py");
  transport_.answers.assign(5, {Outcome::kRecipientNever, "550 no"});
  round();
  round();
  round();
  EXPECT_EQ(transport_.tries, 2);
  EXPECT_EQ(world_.outbox().failed, 2u);
}

TEST_F(MailerTest, TheDefaultContactIsNotToldOfItself) {
  world_.fail("shop/banner.py", "OnCall@shop.example");
  transport_.answers = {{Outcome::kRecipientNever, "550 no"}};
  round();
  round();
  EXPECT_EQ(transport_.tries, 1);
  EXPECT_EQ(world_.outbox().failed, 1u);
}

TEST_F(MailerTest, NotAnAddressIsNotSent) {
  world_.fail("shop/banner.py", "ada@shop.example\r\nRCPT TO:<eve@evil.example>");
  round();
  round();
  ASSERT_EQ(transport_.mails.size(), 1u);
  EXPECT_EQ(transport_.mails[0].to, "oncall@shop.example");
  EXPECT_EQ(world_.outbox().failed, 1u);
  EXPECT_THAT(world_.outbox().last_error, HasSubstr("is not a mail address"));
}

TEST_F(MailerTest, WhileTheServerRefusesUsEverythingWaitsAndNothingIsLost) {
  for (int i = 0; i < 4; ++i) {
    world_.fail("shop/f" + std::to_string(i) + ".py", "dev" + std::to_string(i) + "@shop.example");
  }
  transport_.answers.assign(2000, {Outcome::kServerLater, "535 5.7.8 wrong password (at AUTH)"});
  const Time end = world_.clock.now() + 96h;
  while (world_.clock.now() < end) {
    const auto next = round();
    ASSERT_TRUE(next);
    ASSERT_GT(*next, world_.clock.now());
    ASSERT_LE(*next - world_.clock.now(), 12min);
    world_.clock.set(*next);
    EXPECT_THAT(mailer_->state().fault, HasSubstr("535 5.7.8 wrong password"));
  }
  EXPECT_EQ(world_.outbox().failed, 0u) << "longer than three days";
  transport_.answers.clear();
  round();
  EXPECT_EQ(transport_.mails.size(), 4u);
  EXPECT_EQ(message_ids().size(), 4u);
  EXPECT_EQ(mailer_->state().fault, "");
  EXPECT_TRUE(mailer_->state().last_sent_at);
}

TEST_F(MailerTest, AfterAnHourWithoutAServerMailIsSentWithinAMinute) {
  world_.fail("a.py");
  transport_.answers.assign(2000, {Outcome::kServerAway, "connection refused"});
  const Time end = world_.clock.now() + 1h;
  while (world_.clock.now() < end) {
    const auto next = round();
    ASSERT_TRUE(next);
    ASSERT_GT(*next, world_.clock.now());
    ASSERT_LE(*next - world_.clock.now(), 1min);
    world_.clock.set(*next);
  }
  transport_.answers.clear();
  round();
  EXPECT_EQ(transport_.mails.size(), 1u);
}

TEST_F(MailerTest, APauseIsNotCutShortByNewMessages) {
  world_.fail("a.py");
  transport_.answers = {{Outcome::kServerLater, "no route"}};
  round();
  world_.fail("b.py", "grace@shop.example");
  round();
  EXPECT_EQ(transport_.tries, 1);
  advance(10s);
  round();
  EXPECT_EQ(transport_.mails.size(), 2u);
}

// Wherever it comes in the order, a mail at which the server hangs up is not all that is tried.
TEST_F(MailerTest, AMailThatTheServerCannotTakeDoesNotStarveOthers) {
  world_.fail("a.py");
  transport_.answers_to["ada@shop.example"] = {Outcome::kServerLater, "connection reset"};
  for (int i = 0; i < 4; ++i) {
    world_.clock.set(*round());
    world_.fail("b" + std::to_string(i) + ".py", "grace@shop.example");
    round();
    EXPECT_EQ(transport_.mails.size(), i + 1u);
  }
  EXPECT_EQ(world_.outbox().failed, 0u);
}

// --- refusals that may be about this mail, or about us ---

const Delivery kRelayDenied{Outcome::kPolicy, "554 5.7.1 relay access denied (at RCPT)"};

TEST_F(MailerTest, ARefusedRecipientHoldsUpNobody) {
  world_.fail("a.py");
  world_.fail("b.py", "grace@shop.example");
  world_.fail("c.py", "linus@shop.example");
  transport_.answers_to["ada@shop.example"] = kRelayDenied;
  round();
  EXPECT_THAT(recipients(), ElementsAre("grace@shop.example", "linus@shop.example"));
  EXPECT_EQ(world_.outbox().failed, 0u) << "others go: only now it is known whose fault it is";
  run_for(1min);
  EXPECT_EQ(world_.outbox().failed, 1u);
  EXPECT_EQ(transport_.tries_with["ada@shop.example"], 2);
  EXPECT_EQ(recipients().back(), "oncall@shop.example");
  EXPECT_EQ(transport_.mails.size(), 3u);
  EXPECT_THAT(transport_.mails.back().bytes, HasSubstr("554 5.7.1 relay access denied"));
  EXPECT_EQ(mailer_->state().fault, "");
}

TEST_F(MailerTest, WhatComesAfterARefusedMailGoesAtOnce) {
  world_.fail("a.py");
  transport_.answers_to["ada@shop.example"] = kRelayDenied;
  run_for(24h);
  EXPECT_THAT(mailer_->state().fault, HasSubstr("relay access denied"));
  EXPECT_EQ(world_.outbox().failed, 0u) << "nothing else was sent: it may be about us";
  world_.fail("b.py", "grace@shop.example");
  round();
  EXPECT_THAT(recipients(), ElementsAre("grace@shop.example"));
  EXPECT_EQ(mailer_->state().fault, "");
  round();
  EXPECT_EQ(world_.outbox().failed, 1u);
}

TEST_F(MailerTest, RefusedContentsHoldUpNothingElseForTheSamePerson) {
  for (const char* path : {"one.py", "cheap_pills.py", "two.py"}) world_.fail(path);
  transport_.answers_to["X-Flawless-Line: 2"] = {Outcome::kPolicy, "554 5.7.1 spam (at END)"};
  round();
  run_for(1min);
  EXPECT_EQ(world_.outbox().failed, 1u);
  EXPECT_EQ(world_.outbox().sent, 2u + 1u) << "and the default contact's";
}

TEST_F(MailerTest, ManyMailsToARefusedRecipientHoldUpNobody) {
  pace_.at_once = 10;
  restart();
  for (int i = 0; i < 8; ++i) world_.fail("a" + std::to_string(i) + ".py");
  transport_.answers_to["ada@shop.example"] = kRelayDenied;
  round();
  EXPECT_EQ(transport_.tries_with["ada@shop.example"], 8);
  world_.fail("b.py", "grace@shop.example");
  round();
  EXPECT_THAT(recipients(), ElementsAre("grace@shop.example"));
  run_for(1h);
  EXPECT_EQ(world_.outbox().failed, 8u);
}

TEST_F(MailerTest, ARollUpToARefusedRecipientHoldsUpNobody) {
  for (int i = 0; i < 7; ++i) world_.fail("a" + std::to_string(i) + ".py");
  transport_.answers_to["ada@shop.example"] = kRelayDenied;
  run_for(2h);
  EXPECT_EQ(world_.row("line:7:0").attempts, world_.row("line:6:0").attempts);
  EXPECT_GT(world_.row("line:7:0").attempts, 0) << "five alone, and two as the sixth mail";
  world_.fail("b.py", "grace@shop.example");
  round();
  EXPECT_THAT(recipients(), ElementsAre("grace@shop.example"));
  run_for(1h);
  EXPECT_EQ(world_.outbox().failed, 7u);
}

TEST_F(MailerTest, OneRecipientInTwoSpellingsHoldsUpNobody) {
  for (int i = 0; i < 4; ++i) {
    world_.fail("a" + std::to_string(i) + ".py");
    world_.fail("b" + std::to_string(i) + ".py", "Ada@Shop.example");
  }
  transport_.answers_to["ada@shop.example"] = kRelayDenied;
  transport_.answers_to["Ada@Shop.example"] = kRelayDenied;
  round();
  world_.fail("c.py", "grace@shop.example");
  round();
  EXPECT_THAT(recipients(), ElementsAre("grace@shop.example"));
}

TEST_F(MailerTest, WhileAllAreRefusedTheSameWayEverythingWaitsAndNothingIsLost) {
  for (int i = 0; i < 40; ++i) {
    world_.fail("f" + std::to_string(i) + ".py", "dev" + std::to_string(i) + "@shop.example");
  }
  transport_.answers.assign(100'000, kRelayDenied);
  round();
  EXPECT_LT(transport_.tries, 10);
  transport_.tries = 0;
  run_for(96h);
  EXPECT_LT(transport_.tries, 96 * 6 + 20) << "as often as a server is asked that refuses us";
  EXPECT_THAT(mailer_->state().fault, HasSubstr("relay access denied"));
  EXPECT_EQ(world_.outbox().failed, 0u);

  transport_.answers.clear();
  run_for(12min);
  EXPECT_EQ(transport_.mails.size(), 40u) << "what was refused before all was well is not lost";
  EXPECT_EQ(message_ids().size(), 40u);
  EXPECT_EQ(mailer_->state().fault, "");
}

TEST_F(MailerTest, AfterARestartItIsFoundOutAgainWhoseFaultItIs) {
  world_.fail("a.py");
  transport_.answers_to["ada@shop.example"] = kRelayDenied;
  run_for(1h);
  restart();
  world_.fail("b.py", "grace@shop.example");
  run_for(12min);
  EXPECT_EQ(world_.outbox().failed, 0u);
  world_.fail("c.py", "grace@shop.example");
  run_for(1min);
  EXPECT_EQ(world_.outbox().failed, 1u);
  EXPECT_EQ(recipients().back(), "oncall@shop.example");
}

TEST_F(MailerTest, ADefaultContactWhoIsRefusedIsNotToldOfThat) {
  world_.fail("a.py");
  transport_.answers_to["ada@shop.example"] = {Outcome::kRecipientNever, "550 5.1.1 nobody"};
  transport_.answers_to["oncall@shop.example"] = kRelayDenied;
  run_for(1min);
  world_.fail("b.py", "grace@shop.example");
  run_for(24h);
  EXPECT_THAT(recipients(), ElementsAre("grace@shop.example"));
  EXPECT_EQ(world_.outbox().failed, 2u);
  EXPECT_EQ(world_.outbox().queued, 0u);
}

}  // namespace
}  // namespace flawless::notify
