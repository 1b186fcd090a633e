#include "digest/digest_fixture.h"

namespace flawless::digest {
namespace {

// What is read on from a cursor cannot be had.
class UnreadableJournal final : public JournalInFront {
 public:
  using JournalInFront::JournalInFront;
  Result<std::unique_ptr<Reader>> read_after(const journal::Cursor&) const override {
    return Status(Code::kUnavailable, "input/output error");
  }
};

TEST_F(DigestTest, WhatIsHandedOverIsStoredWithCulpritAndReason) {
  start_digest();
  accept_many(0, 3);
  drain();
  auto item = store_->item(kAll, project_, 1, clock_.now());
  ASSERT_TRUE(item.is_ok()) << item.message();
  EXPECT_EQ(item->count, 3u);
  EXPECT_EQ(item->title.substr(0, 10), "ValueError");
  EXPECT_NE(item->culprit.find("shop/cart.py"), std::string::npos);
  ASSERT_EQ(item->keys.size(), 1u);
  EXPECT_FALSE(item->keys[0].reason.empty());
  EXPECT_EQ(digest_->stats().reread, 0u) << "nothing should have been read again";
}

TEST_F(DigestTest, WhatLayInTheJournalAtStartIsStored) {
  accept_many(0, 50, /*hand_over=*/false);
  start_digest();
  drain();
  EXPECT_EQ(counted(), 50u);
}

// A hand-off that holds next to nothing: most reports are read again, in order, none twice.
TEST_F(DigestTest, ASlowDigestLosesAndRepeatsNothing) {
  handoff_ = std::make_unique<wire::HandOff>(100'000);
  start_digest();
  accept_many(0, 2000);
  drain();
  EXPECT_EQ(rows(), 2000u);
  EXPECT_EQ(counted(), 2000u);
  EXPECT_EQ(digest_->stats().duplicates, 0u);
  EXPECT_GT(digest_->stats().reread, 0u) << "the test did not make it fall behind";
}

TEST_F(DigestTest, ARestartGoesOnWhereItStopped) {
  start_digest();
  accept_many(0, 20);
  drain();
  stop_digest();
  accept_many(20, 20);
  start_digest();
  drain();
  EXPECT_EQ(counted(), 40u);
  EXPECT_EQ(digest_->stats().duplicates, 0u);
}

// The innermost frame is blamed, until somebody says that it is a library's.
TEST_F(DigestTest, LibraryCodeIsReplacedWhileRunning) {
  start_digest();
  auto two_frames = [&](int number) {
    std::string body =
        R"x({"exceptions":[{"type":"E","message":"m","frames":[{"path":"shop/cart.py","function":"total","line":3,"code":"check(n)","in_app":true},{"path":"shop/lib.py","function":"check","line":9,"code":"a[0]","in_app":true}]}]})x";
    wire::ReportRecord record;
    record.protocol = wire::Protocol::kFlawless;
    record.inflated_bytes = static_cast<uint32_t>(body.size());
    record.project = project_;
    record.received_at = clock_.now();
    record.report_id = ReportId::from_client("frames " + std::to_string(number));
    record.body = body;
    return std::make_shared<const std::string>(wire::encode_record(record));
  };
  auto blamed = [&] {
    store::OccurrenceQuery query;
    query.project = project_;
    query.limit = 1;
    auto page = store_->occurrences(kAll, query);
    return page && !page->rows.empty() ? page->rows[0].site_path : "";
  };
  accept(two_frames(1));
  drain();
  EXPECT_EQ(blamed(), "shop/lib.py");
  digest_->set_library({.everywhere = {{"shop/lib.py", "", ""}}});
  accept(two_frames(2));
  drain();
  EXPECT_EQ(blamed(), "shop/cart.py");
  digest_->set_library({});
  accept(two_frames(3));
  drain();
  EXPECT_EQ(blamed(), "shop/lib.py");
  // Another project's rule is not ours.
  digest_->set_library({{}, {{ProjectId{project_.v + 1}, {{"shop/lib.py", "", ""}}}}});
  accept(two_frames(4));
  drain();
  EXPECT_EQ(blamed(), "shop/lib.py");
  digest_->set_library({{}, {{project_, {{"shop/lib.py", "", ""}}}}});
  accept(two_frames(5));
  drain();
  EXPECT_EQ(blamed(), "shop/cart.py");
}

TEST_F(DigestTest, AReportThatStandsForManyCountsThem) {
  start_digest();
  std::string body = R"({"message":"m","count":40,"error_threshold":3})";
  wire::ReportRecord record;
  record.protocol = wire::Protocol::kFlawless;
  record.inflated_bytes = static_cast<uint32_t>(body.size());
  record.project = project_;
  record.received_at = clock_.now();
  record.report_id = ReportId::from_client("many");
  record.body = body;
  accept(std::make_shared<const std::string>(wire::encode_record(record)));
  drain();
  EXPECT_EQ(counted(), 40u);
  EXPECT_EQ(rows(), 1u);
}

TEST_F(DigestTest, TheSameReportTwiceCountsOnce) {
  start_digest();
  accept(payload(1));
  accept(payload(1));
  drain();
  EXPECT_EQ(counted(), 1u);
  EXPECT_EQ(digest_->stats().duplicates, 1u);
}

TEST_F(DigestTest, AReportThatTakesForEverIsNamed) {
  std::promise<void> gate;
  digest_ = std::make_unique<Digest>(
      Options{.gather = milliseconds(1), .running_marker = kMarker}, *journal_, *store_, *handoff_,
      disk_, Rules{&scrubber_, {}},
      [held = gate.get_future().share()](auto, auto) { held.wait(); }, clock_);
  ASSERT_TRUE(digest_->start().is_ok());
  accept(payload(1));
  for (int i = 0; i < 5000 && digest_->stats().digested < 1; ++i) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_EQ(digest_->fault(), "");
  clock_.advance(std::chrono::seconds(20));
  EXPECT_EQ(digest_->fault(), "");
  clock_.advance(std::chrono::seconds(10));
  EXPECT_NE(digest_->fault().find("at report 1 since 20"), std::string::npos) << digest_->fault();
  gate.set_value();
  drain();
  EXPECT_EQ(digest_->fault(), "");
}

// Stopping while reports pour in: every one is stored by this run or the next.
TEST_F(DigestTest, StoppingMidWorkLosesNothing) {
  start_digest();
  std::thread sender([&] { accept_many(0, 500); });
  std::this_thread::sleep_for(milliseconds(5));
  digest_->stop();
  sender.join();
  stop_digest();
  start_digest();
  drain();
  EXPECT_EQ(counted(), 500u);
  EXPECT_EQ(rows(), 500u);
}

// The journal lost its end and gives its numbers out again.
TEST_F(DigestTest, AJournalBehindTheStoreIsReadAgainAndCountedOnce) {
  start_digest();
  accept_many(0, 3);
  drain();
  stop_digest();
  journal::Cursor origin = journal_->start();
  ASSERT_TRUE(store_->apply({}, {origin.journal_id, origin.epoch, origin.partition, 50}).is_ok());
  accept_many(3, 2, /*hand_over=*/false);
  ManualClock clock(clock_.now());
  digest_ = std::make_unique<Digest>(Options{.gather = milliseconds(1), .running_marker = kMarker},
                                     *journal_, *store_, *handoff_, disk_, Rules{&scrubber_, {}},
                                     nullptr, clock);
  ASSERT_TRUE(digest_->start().is_ok());
  drain();
  EXPECT_EQ(counted(), 5u);
  EXPECT_EQ(digest_->stats().duplicates, 3u);
  EXPECT_NE(digest_->notice().find("up to 50"), std::string::npos) << digest_->notice();
  EXPECT_EQ(digest_->fault(), "") << "it goes on";
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(digest_->notice(), "");
  stop_digest();
  accept_many(5, 2, /*hand_over=*/false);
  start_digest();
  EXPECT_EQ(digest_->notice(), "");
  drain();
  EXPECT_EQ(counted(), 7u);
  EXPECT_EQ(digest_->stats().duplicates, 0u) << "the cursor did not go back";
}

// Reports that came before digestion began hide that the journal had ended too early.
TEST_F(DigestTest, NumbersThatWereGivenOutAgainAreNoticed) {
  start_digest();
  accept_many(0, 3);
  drain();
  stop_digest();
  journal::Cursor origin = journal_->start();
  ASSERT_TRUE(store_->apply({}, {origin.journal_id, origin.epoch, origin.partition, 5}).is_ok());
  accept_many(3, 4, /*hand_over=*/false);
  start_digest();
  EXPECT_NE(digest_->notice(), "");
  drain();
  EXPECT_EQ(counted(), 7u);
}

// What was accepted can still be read, and space may return.
TEST_F(DigestTest, StartsOnAFullDisk) {
  accept_many(0, 3, /*hand_over=*/false);
  disk_.set_capacity(0);
  start_digest();
  drain();
  EXPECT_EQ(counted(), 3u);
}

TEST_F(DigestTest, StoppingDoesNotWaitForAJournalThatCannotBeRead) {
  UnreadableJournal unreadable(*journal_);
  make_digest(unreadable);
  ASSERT_TRUE(digest_->start().is_ok());
  accept(payload(1), /*hand_over=*/false);
  accept(payload(2));  // behind a gap that only the journal could fill
  auto stopped = std::async(std::launch::async, [&] { digest_->stop(); });
  EXPECT_EQ(stopped.wait_for(std::chrono::seconds(4)), std::future_status::ready);
  handoff_->resume();  // forgets what it holds: this ends the wait in any case
}

// What intake could not keep parsed (it was large) is handed over as a place only.
TEST_F(DigestTest, AReportHandedOverWithoutItsEventIsReadWhereItLies) {
  start_digest();
  accept(payload(1));
  drain();
  journal::Appended place = append(payload(2));
  (void)handoff_->offer(unread(place));
  drain();
  EXPECT_EQ(counted(), 2u);
  EXPECT_EQ(digest_->stats().reread, 1u);
  EXPECT_FALSE(handoff_->paused());
}

}  // namespace
}  // namespace flawless::digest
