// What is in quarantine is tried again.
#include <gmock/gmock.h>

#include "digest/digest_fixture.h"

namespace flawless::digest {
namespace {

using store::Retried;

// Bodies are dropped, or the process ends when one is read.
class JournalWithoutBodies final : public JournalInFront {
 public:
  JournalWithoutBodies(Journal& inner, bool is_deadly)
      : JournalInFront(inner), is_deadly_(is_deadly) {}
  Result<journal::Record> read(journal::Position) const override {
    if (is_deadly_) ::raise(SIGKILL);
    return Status(Code::kNotFound, "segment is gone");
  }

 private:
  const bool is_deadly_;
};

TEST_F(DigestTest, WhatIsTriedAgainWithItsCauseGoneIsStored) {
  accept(payload(1), /*hand_over=*/false);
  accept(payload_of({2}, 2), /*hand_over=*/false);
  accept(payload_of({2}, 3), /*hand_over=*/false);
  start_digest();
  drain();
  ASSERT_EQ(store_->quarantined()->size(), 2u);
  ASSERT_EQ(store_->create_project("again", clock_.now())->project.id.v, 2);
  auto retried = digest_->retry({3, 2, 1});
  ASSERT_TRUE(retried.is_ok()) << retried.message();
  ASSERT_EQ(retried->size(), 3u);
  EXPECT_EQ((*retried)[0].sequence, 3u);
  EXPECT_EQ((*retried)[0].outcome, Retried::Outcome::kStored);
  EXPECT_EQ((*retried)[0].project.v, 2);
  EXPECT_EQ((*retried)[0].applied.item_number, 1);
  EXPECT_TRUE((*retried)[0].applied.new_item);
  EXPECT_EQ((*retried)[1].outcome, Retried::Outcome::kStored);
  EXPECT_EQ((*retried)[2].outcome, Retried::Outcome::kUnknown);
  EXPECT_EQ(store_->quarantined()->size(), 0u);
  EXPECT_EQ(store_->item(kAll, {2}, 1, clock_.now())->count, 2u);
  EXPECT_EQ(counted(), 1u);
  EXPECT_EQ(digest_->stats().stored_sequence, 3u);
  EXPECT_EQ(digest_->retry({3})->front().outcome, Retried::Outcome::kUnknown);
  accept(payload(4));
  drain();
  EXPECT_EQ(counted(), 2u);
}

TEST_F(DigestTest, WhatFailsAgainStaysWithTheNewReason) {
  start_digest();
  accept(payload_of({99}, 1));
  accept(std::make_shared<const std::string>("this is no report"));
  drain();
  store::Quarantined first = store_->quarantined()->front();
  EXPECT_EQ(first.report_id, ReportId::from_client("report 1"));
  first.reason = "of an earlier version";
  const journal::Cursor origin = journal_->start();
  ASSERT_TRUE(store_->quarantine(first, {origin.journal_id, origin.epoch, 0, 0}).is_ok());
  auto retried = digest_->retry({1, 2});
  ASSERT_TRUE(retried.is_ok()) << retried.message();
  for (const Retried& one : *retried) {
    EXPECT_EQ(one.outcome, Retried::Outcome::kFailed) << one.sequence;
    EXPECT_FALSE(one.reason.empty()) << one.sequence;
  }
  auto aside = store_->quarantined();
  ASSERT_EQ(aside->size(), 2u);
  EXPECT_THAT((*aside)[0].reason, testing::HasSubstr("99"));
  EXPECT_EQ((*aside)[0].at, first.at);
}

TEST_F(DigestTest, WhatTheJournalHasDroppedLeavesTheQuarantine) {
  JournalWithoutBodies journal(*journal_, /*is_deadly=*/false);
  accept(payload_of({99}, 1), /*hand_over=*/false);
  make_digest(journal);
  ASSERT_TRUE(digest_->start().is_ok());
  drain();
  auto retried = digest_->retry({1});
  ASSERT_TRUE(retried.is_ok()) << retried.message();
  EXPECT_EQ(retried->front().outcome, Retried::Outcome::kGone);
  EXPECT_EQ(store_->quarantined()->size(), 0u);
  digest_->stop();
}

// A journal that was replaced has other records under the same numbers and in the same places.
TEST_F(DigestTest, AnotherRecordInItsPlaceIsNotTakenForIt) {
  start_digest();
  accept(payload_of({99}, 1));
  drain();
  store::Quarantined row = store_->quarantined()->front();
  row.report_id = ReportId::from_client("of the journal before");
  const journal::Cursor origin = journal_->start();
  ASSERT_TRUE(store_->quarantine(row, {origin.journal_id, origin.epoch, 0, 0}).is_ok());
  ASSERT_EQ(store_->create_project("again", clock_.now())->project.id.v, 2);
  EXPECT_EQ(digest_->retry({1})->front().outcome, Retried::Outcome::kGone);
}

TEST_F(DigestTest, ManyAreTriedAgainWhileReportsComeIn) {
  for (int number = 0; number < 100; ++number) accept(payload_of({2}, number), false);
  start_digest();
  drain();
  ASSERT_EQ(store_->create_project("again", clock_.now())->project.id.v, 2);
  std::vector<uint64_t> sequences;
  for (uint64_t sequence = 1; sequence <= 100; ++sequence) sequences.push_back(sequence);
  std::thread sender([&] { accept_many(100, 500); });
  auto retried = digest_->retry(sequences);
  sender.join();
  ASSERT_TRUE(retried.is_ok()) << retried.message();
  EXPECT_EQ(retried->size(), 100u);
  drain();
  EXPECT_EQ(counted(), 500u);
  EXPECT_EQ(store_->item(kAll, {2}, 1, clock_.now())->count + store_->quarantined()->size(), 100u);
}

// Nobody waits for ever, and what nobody waits for is not tried.
TEST_F(DigestTest, WhoeverAsksDoesNotWaitForDigestionThatIsHeldUp) {
  std::promise<void> gate;
  digest_ = std::make_unique<Digest>(
      Options{.gather = milliseconds(1), .retry_patience = milliseconds(20),
              .running_marker = kMarker},
      *journal_, *store_, *handoff_, disk_, Rules{&scrubber_, {}},
      [held = gate.get_future().share()](auto, auto) { held.wait(); }, clock_);
  accept(payload_of({2}, 1), /*hand_over=*/false);
  ASSERT_TRUE(digest_->start().is_ok());
  drain();
  accept(payload(2));
  for (int i = 0; i < 5000 && digest_->stats().digested < 1; ++i) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  ASSERT_EQ(store_->create_project("again", clock_.now())->project.id.v, 2);
  EXPECT_EQ(digest_->retry({1}).code(), Code::kUnavailable);
  gate.set_value();
  drain();
  digest_->stop();
  EXPECT_EQ(store_->quarantined()->size(), 1u);
  EXPECT_EQ(digest_->retry({1}).code(), Code::kUnavailable) << "stopped";
}

// A server that stops does not wait until their patience is at its end.
TEST_F(DigestTest, WhoeverAsksIsToldWhenNothingIsTriedAnyMore) {
  std::promise<void> gate;
  digest_ = std::make_unique<Digest>(
      Options{.gather = milliseconds(1), .retry_patience = std::chrono::minutes(10),
              .running_marker = kMarker},
      *journal_, *store_, *handoff_, disk_, Rules{&scrubber_, {}},
      [held = gate.get_future().share()](auto, auto) { held.wait(); }, clock_);
  ASSERT_TRUE(digest_->start().is_ok());
  accept(payload(1));
  std::thread asking([&] { EXPECT_EQ(digest_->retry({1}).message(), "the server is stopping"); });
  digest_->end_retries();
  asking.join();
  gate.set_value();
}

// Nothing is lost, nothing is stored twice, and the next start does not try it by itself.
TEST_F(DigestTest, AReportThatEndsTheProcessWhenTriedAgainStaysInQuarantine) {
  os::PosixDisk disk;
  journal_.reset();
  open_journal(disk, directory_ + "/journal");
  accept(payload(1), /*hand_over=*/false);
  accept(payload_of({2}, 2), /*hand_over=*/false);
  // What they keep open and their threads must not come with a fork.
  journal_.reset();
  store_.reset();
  const pid_t child = ::fork();
  if (child == 0) {
    open_journal(disk, directory_ + "/journal");
    open_store();
    JournalWithoutBodies deadly(*journal_, /*is_deadly=*/true);
    digest_ = std::make_unique<Digest>(
        Options{.gather = milliseconds(1), .running_marker = directory_ + "/digest.running"},
        deadly, *store_, *handoff_, disk, Rules{&scrubber_, {}}, nullptr, clock_);
    if (!digest_->start().is_ok()) ::_exit(1);
    drain();
    (void)digest_->retry({2});
    ::_exit(2);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  EXPECT_EQ(digest_in_a_child(0), 0);
  open_store();
  EXPECT_EQ(counted(), 1u);
  ASSERT_EQ(store_->quarantined()->size(), 1u);
  EXPECT_EQ(store_->quarantined()->front().sequence, 2u);
}

}  // namespace
}  // namespace flawless::digest
