// For tests of the mailer: an outbox that can fail, and a mail server that answers as told.
#pragma once

#include <algorithm>

#include "base/log.h"
#include "notify/test_world.h"

namespace flawless::notify {

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
      world_.clock.set(std::max(*next, world_.clock.now() + std::chrono::milliseconds(5)));
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

}  // namespace flawless::notify
