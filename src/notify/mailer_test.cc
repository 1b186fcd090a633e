#include "notify/mailer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/log.h"
#include "notify/test_world.h"

namespace flawless::notify {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

struct Crash {};

// Answers as told, then accepts.
class FakeTransport final : public Transport {
 public:
  enum class Dies { kNever, kBeforeData, kAfterData };

  Delivery deliver(const Envelope& envelope, const std::stop_token&) override {
    ++tries;
    if (dies == Dies::kBeforeData) throw Crash();
    Delivery answer;
    if (!answers.empty()) {
      answer = answers.front();
      answers.erase(answers.begin());
    }
    for (const auto& [text, always] : answers_to) {
      if (envelope.to != text && envelope.bytes.find("\r\n" + text) == std::string::npos) continue;
      ++tries_with[text];
      answer = always;
    }
    if (answer.outcome == Outcome::kSent) mails.push_back(envelope);
    if (dies == Dies::kAfterData) throw Crash();
    return answer;
  }
  void idle() override {}

  std::vector<Delivery> answers;
  std::map<std::string, Delivery> answers_to;  // recipients, or headers
  std::map<std::string, int> tries_with;
  std::vector<Envelope> mails;
  Dies dies = Dies::kNever;
  int tries = 0;
};

// The store's outbox, which can be told to fail.
class FaultyOutbox final : public store::Outbox {
 public:
  explicit FaultyOutbox(store::Outbox& real) : real_(&real) {}
  bool sent_fails = false, begin_fails = false, postpone_fails = false;

  Status add(const store::NewMessage& message, Time due, Time now) override {
    return real_->add(message, due, now);
  }
  Result<std::vector<store::Message>> due(Time now, size_t limit) override {
    return real_->due(now, limit);
  }
  Result<std::vector<store::Message>> queued_for(std::string_view recipient,
                                                 size_t limit) override {
    return real_->queued_for(recipient, limit);
  }
  Result<std::vector<Time>> sent_times(std::string_view recipient, Time since) override {
    return real_->sent_times(recipient, since);
  }
  Status begin(std::span<const int64_t> ids, std::string_view id, Time now) override {
    return begin_fails ? kFull : real_->begin(ids, id, now);
  }
  Status sent(std::span<const int64_t> ids, Time now) override {
    return sent_fails ? kFull : real_->sent(ids, now);
  }
  Status retry(std::span<const int64_t> ids, Time due, std::string_view error) override {
    return real_->retry(ids, due, error);
  }
  Status failed(std::span<const int64_t> ids, std::string_view error, Time now) override {
    return real_->failed(ids, error, now);
  }
  Status postpone(std::span<const int64_t> ids, Time due) override {
    return postpone_fails ? kFull : real_->postpone(ids, due);
  }
  Result<std::optional<Time>> next_due() override { return real_->next_due(); }
  Result<store::OutboxHealth> health() override { return real_->health(); }

 private:
  const Status kFull{Code::kUnavailable, "the disk is full"};
  store::Outbox* real_;
};

class MailerTest : public testing::Test {
 protected:
  MailerTest() {
    set_log_level(LogLevel::kError);
    restart();
  }

  // As a new process would, over what is on disk.
  void restart() {
    mailer_.reset();
    composer_.reset();
    outbox_.reset();
    world_.open_store();
    outbox_ = std::make_unique<FaultyOutbox>(world_.store->outbox());
    composer_ = std::make_unique<Composer>(
        ComposerOptions{{"Flawless", "flawless@f.example"}, "https://f.example", kKey},
        *world_.store, world_.bodies);
    mailer_ = std::make_unique<Mailer>(Mailer::Parts{
        *outbox_, *composer_, transport_, world_.clock, "flawless@f.example", "oncall@shop.example",
        [this](ProjectId, int64_t number, const auto& to) { told_.emplace_back(number, to); },
        pace_});
  }
  std::optional<Time> round() { return mailer_->round(std::stop_token()); }
  void crash() { EXPECT_THROW(round(), Crash); }
  void advance(std::chrono::milliseconds by) { world_.clock.advance(by); }
  // Rounds as they come due, for so long.
  void run_for(std::chrono::milliseconds time) {
    const Time end = world_.clock.now() + time;
    for (auto next = round(); next && *next < end; next = round()) {
      world_.clock.set(std::max(*next, world_.clock.now() + 5ms));
    }
    world_.clock.set(std::max(end, world_.clock.now()));
  }
  std::vector<std::string> recipients() const {
    std::vector<std::string> to;
    for (const Envelope& mail : transport_.mails) to.push_back(mail.to);
    return to;
  }

  static std::string header(const Envelope& mail, const std::string& name) {
    const size_t at = mail.bytes.find("\r\n" + name + ": ");
    if (at == mail.bytes.npos) return {};
    const size_t from = at + name.size() + 4;
    return mail.bytes.substr(from, mail.bytes.find("\r\n", from) - from);
  }
  std::set<std::string> message_ids() const {
    std::set<std::string> ids;
    for (const Envelope& mail : transport_.mails) ids.insert(header(mail, "Message-ID"));
    return ids;
  }

  World world_;
  FakeTransport transport_;
  Pace pace_;
  std::unique_ptr<FaultyOutbox> outbox_;
  std::unique_ptr<Composer> composer_;
  std::unique_ptr<Mailer> mailer_;
  std::vector<std::pair<int64_t, std::string>> told_;
};

// --- once ---

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

// --- five at once, then one ---

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

// --- refusals ---

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
