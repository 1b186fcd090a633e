#include "journal/committer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "journal/test_support.h"
#include "os/durable_file.h"
#include "os/fake_disk.h"

namespace flawless::journal {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kFirst = "/data/journal/journal-00000000000000000001.seg";

class FaultyDisk : public testing::Test {
 protected:
  Journal& reopen() {
    journal_.reset();
    auto opened = open(disk_, options_, clock_);
    FLAWLESS_CHECK(opened.is_ok());
    journal_ = std::move(*opened);
    return *journal_;
  }

  os::FakeDisk disk_;
  Options options_ = small_options();
  SharedClock clock_;
  std::unique_ptr<Journal> journal_;
};

TEST_F(FaultyDisk, AFailedSyncCostsItsBatchOnly) {
  options_.prepare_bytes = 0;  // the upkeep thread shall not meet the fault
  Journal& journal = reopen();
  ASSERT_TRUE(append_and_wait(journal, "one"));
  disk_.fail_syncs(0, 1);
  auto refused = append_and_wait(journal, "two");
  EXPECT_EQ(refused.code(), Code::kUnavailable);
  EXPECT_THAT(refused.message(), HasSubstr("sync"));
  auto placed = append_and_wait(journal, "three");
  ASSERT_TRUE(placed);
  EXPECT_EQ(placed->sequence, 2U);
  EXPECT_EQ(placed->position.segment, 2U);
  EXPECT_THAT(read_all(journal).payloads(), ElementsAre("one", "three"));
  EXPECT_EQ(journal.health().failed_syncs, 1U);
  EXPECT_TRUE(journal.health().writable);
  EXPECT_THAT(read_all(reopen()).payloads(), ElementsAre("one", "three"));
}

TEST_F(FaultyDisk, WhileNothingCanBeSyncedEverythingIsRefused) {
  Journal& journal = reopen();
  ASSERT_TRUE(append_and_wait(journal, "one"));
  disk_.fail_syncs(0, ~0ULL);
  EXPECT_EQ(append_and_wait(journal, "two").code(), Code::kUnavailable);
  EXPECT_EQ(append_and_wait(journal, "three").code(), Code::kUnavailable);
  EXPECT_FALSE(journal.health().writable);
  EXPECT_THAT(journal.health().fault, HasSubstr("Input/output error"));
  EXPECT_THAT(read_all(journal).payloads(), ElementsAre("one"));
  disk_.fail_syncs(0, 0);
  EXPECT_TRUE(soon([&] { return journal.health().writable; })) << "without being asked";
  EXPECT_EQ(append_and_wait(journal, "four")->sequence, 2U);
  EXPECT_THAT(read_all(reopen()).payloads(), ElementsAre("one", "four"));
}

TEST_F(FaultyDisk, AProcessKilledWithoutACutBringsNothingBack) {
  Journal& journal = reopen();
  ASSERT_TRUE(append_and_wait(journal, "one"));
  disk_.fail_syncs(0, ~0ULL);
  EXPECT_EQ(append_and_wait(journal, "two").code(), Code::kUnavailable);
  disk_.kill_process();
  disk_.fail_syncs(0, 0);
  EXPECT_THAT(read_all(reopen()).payloads(), ElementsAre("one"));
}

// The first of them is no longer whole, the others would be found behind it.
TEST_F(FaultyDisk, AProcessKilledWithoutACutBringsNothingOfABatchBack) {
  options_.gather = 20ms;
  Journal& journal = reopen();
  ASSERT_TRUE(append_and_wait(journal, "one"));
  disk_.fail_syncs(0, ~0ULL);
  Appender appender;
  for (uint64_t i = 0; i < 100; ++i) appender.begin(journal, numbered(i, 50));
  appender.wait();
  for (const auto& [payload, answer] : appender.take()) EXPECT_FALSE(answer);
  disk_.kill_process();
  disk_.fail_syncs(0, 0);
  EXPECT_THAT(read_all(reopen()).payloads(), ElementsAre("one"));
  EXPECT_EQ(append_and_wait(*journal_, "two")->sequence, 2U);
}

// The record is on the disk, and neither the cut nor the zeros over it could be written at first.
class HardlyWritable : public FaultyDisk {
 protected:
  void refuse_one() {
    options_.prepare_bytes = 0;  // the upkeep thread shall not meet the faults
    Journal& journal = reopen();
    ASSERT_TRUE(append_and_wait(journal, "one"));
    disk_.fail_syncs(0, 1);
    disk_.fail_writes(1, 2);
    disk_.fail_directory_syncs(0, ~0ULL);
    ASSERT_EQ(append_and_wait(journal, "refused").code(), Code::kUnavailable);
  }
  bool is_found(std::string_view text) {
    return os::read_file(disk_, kFirst)->find(text) != std::string::npos;
  }
};

TEST_F(HardlyWritable, ErasesUntilTheCutSucceeds) {
  refuse_one();
  EXPECT_TRUE(soon([&] { return !is_found("refused"); }));
  disk_.kill_process();
  disk_.fail_directory_syncs(0, 0);
  EXPECT_THAT(read_all(reopen()).payloads(), ElementsAre("one"));
}

TEST_F(HardlyWritable, CutsBeforeItStops) {
  refuse_one();
  disk_.fail_directory_syncs(0, 0);
  journal_->stop();
  disk_.power_off(os::FakeDisk::Loss::kEverything);
  disk_.power_on();
  EXPECT_THAT(read_all(reopen()).payloads(), ElementsAre("one"));
}

TEST_F(FaultyDisk, AFullDiskRefusesAndRecoversByItself) {
  Journal& journal = reopen();
  disk_.set_capacity(20'000);
  std::vector<std::string> expected;
  Result<Appended> answer = Status();
  while ((answer = append_and_wait(journal, numbered(expected.size(), 3000)))) {
    expected.push_back(numbered(expected.size(), 3000));
  }
  EXPECT_EQ(answer.code(), Code::kUnavailable);
  EXPECT_THAT(answer.message(), HasSubstr("free some space"));
  EXPECT_FALSE(journal.health().writable);
  EXPECT_EQ(journal.health().segments, 1U) << "no segment is given up for want of space";
  disk_.set_capacity(1U << 30U);
  EXPECT_TRUE(soon([&] { return journal.health().writable; }));
  ASSERT_TRUE(append_and_wait(journal, "after"));
  expected.emplace_back("after");
  EXPECT_EQ(read_all(journal).payloads(), expected);
  EXPECT_EQ(read_all(reopen()).payloads(), expected);
}

TEST_F(FaultyDisk, LittleFreeSpaceRefuses) {
  options_.min_free_bytes = 1U << 20U;
  disk_.set_capacity(512U << 10U);
  Journal& journal = reopen();
  auto refused = append_and_wait(journal, "one");
  EXPECT_EQ(refused.code(), Code::kUnavailable);
  EXPECT_THAT(refused.message(), HasSubstr("must stay free"));
  EXPECT_THAT(journal.health().fault, HasSubstr("must stay free"));
  disk_.set_capacity(64U << 20U);
  EXPECT_TRUE(soon([&] { return journal.health().writable; }));
  EXPECT_TRUE(append_and_wait(journal, "two"));
}

// A segment that upkeep has taken out of the set and not yet laid by as a spare is on disk all the
// same.
TEST_F(FaultyDisk, TheCapHoldsWhileASegmentIsBeingDropped) {
  options_.max_total_bytes = 4 * options_.segment_bytes;
  Journal& journal = reopen();
  disk_.slow_directory_syncs(5ms);
  Cursor cursor = journal.start();
  for (uint64_t i = 1; i <= 120; ++i) {
    ASSERT_TRUE(append_and_wait(journal, numbered(i, 3000)));
    cursor.sequence = i;
    journal.release(cursor);
    ASSERT_LE(journal.health().bytes_on_disk, options_.max_total_bytes + options_.prepare_bytes);
  }
}

// What the old segment was is whole without the new one, and the new one without the old.
TEST_F(FaultyDisk, APowerCutBetweenEndingAndDroppingASegmentLosesNothing) {
  using Loss = os::FakeDisk::Loss;
  uint64_t sequence = 0;
  for (Loss loss : {Loss::kEverything, Loss::kPrefix, Loss::kSectors}) {
    Journal& journal = reopen();
    ASSERT_TRUE(append_and_wait(journal, numbered(++sequence, 100)));
    const uint64_t segments = journal.health().segments;
    clock_.advance(options_.keep_for / 10);
    journal.release(journal.start());
    ASSERT_TRUE(soon([&] { return journal.health().segments == segments + 1; }));
    ASSERT_TRUE(append_and_wait(journal, numbered(++sequence, 100)));
    disk_.power_off(loss);
    journal.stop();
    journal_.reset();
    disk_.power_on();
    const Found found = read_all(reopen());
    ASSERT_EQ(found.records.size(), sequence);
    for (const Record& record : found.records) {
      EXPECT_EQ(record.payload, numbered(record.sequence, 100));
    }
  }
}

// The directory may or may not show the new segment after a power cut, so nothing is written behind
// its beginning into the old one.
TEST_F(FaultyDisk, ASegmentWhoseSuccessorIsInDoubtTakesNothingMore) {
  using Loss = os::FakeDisk::Loss;
  std::vector<std::string> expected;
  for (Loss loss : {Loss::kEverything, Loss::kPrefix, Loss::kSectors}) {
    Journal& journal = reopen();
    auto before = append_and_wait(journal, "before");
    ASSERT_TRUE(before);
    disk_.fail_directory_syncs(0, ~0ULL);
    clock_.advance(options_.keep_for / 10);
    journal.release(journal.start());
    ASSERT_TRUE(soon([&] { return !journal.health().writable; }));
    EXPECT_EQ(append_and_wait(journal, "in doubt").code(), Code::kUnavailable);
    disk_.fail_directory_syncs(0, 0);
    ASSERT_TRUE(soon([&] { return journal.health().writable; }));
    auto after = append_and_wait(journal, "after");
    ASSERT_TRUE(after);
    EXPECT_GT(after->position.segment, before->position.segment);
    expected.insert(expected.end(), {"before", "after"});
    disk_.power_off(loss);
    journal.stop();
    journal_.reset();
    disk_.power_on();
    EXPECT_EQ(read_all(reopen()).payloads(), expected);
  }
}

TEST_F(FaultyDisk, ASegmentThatCannotBeDroppedIsDroppedAtTheNextStart) {
  Journal& journal = reopen();
  ASSERT_TRUE(append_and_wait(journal, "one"));
  clock_.advance(options_.keep_for);
  journal.release(journal.start());
  ASSERT_TRUE(soon([&] { return journal.health().segments == 2; }));
  disk_.fail_directory_syncs(0, 1);
  Cursor cursor = journal.start();
  cursor.sequence = 1;
  journal.release(cursor);
  ASSERT_TRUE(soon([&] { return journal.health().segments == 1; }));
  disk_.power_off(os::FakeDisk::Loss::kEverything);
  journal.stop();
  journal_.reset();
  disk_.power_on();
  EXPECT_THAT(read_all(reopen()).payloads(), ElementsAre("one")) << "the test shows nothing";
  cursor.epoch = journal_->start().epoch;
  journal_->release(cursor);
  EXPECT_TRUE(soon([&] { return !disk_.open(kFirst, os::OpenMode::kRead).is_ok(); }));
}

TEST_F(FaultyDisk, AnOldSegmentGoesOnWhereThereIsNoRoomForTheNext) {
  options_.max_total_bytes = 3 * options_.segment_bytes;
  Journal& journal = reopen();
  // Nine are in a segment; nothing is released.
  for (uint64_t i = 1; i <= 25; ++i) ASSERT_TRUE(append_and_wait(journal, numbered(i, 3000)));
  clock_.advance(options_.keep_for);
  journal.release(journal.start());
  std::this_thread::sleep_for(20ms);
  auto placed = append_and_wait(journal, "one more");
  ASSERT_TRUE(placed) << placed.message();
  EXPECT_EQ(placed->position.segment, 3U);
  EXPECT_TRUE(journal.health().writable);
}

TEST_F(FaultyDisk, ShortWritesAreContinued) {
  disk_.set_short_writes(true);
  Journal& journal = reopen();
  std::vector<std::string> expected;
  Appender appender;
  for (uint64_t i = 0; i < 60; ++i) {
    expected.push_back(numbered(i, 100 * i));
    appender.begin(journal, expected.back());
  }
  appender.wait();
  EXPECT_EQ(read_all(journal).payloads(), expected);
  EXPECT_EQ(read_all(reopen()).payloads(), expected);
}

TEST_F(FaultyDisk, ACommitIsOneSyncForAllThatWait) {
  options_.prepare_bytes = 0;
  options_.gather = 2ms;
  Journal& journal = reopen();
  Appender appender;
  for (uint64_t i = 0; i < 200; ++i) appender.begin(journal, "x");
  appender.wait();
  EXPECT_LT(journal.health().syncs, 100U);
  EXPECT_EQ(journal.health().records, 200U);
}

}  // namespace
}  // namespace flawless::journal
