// Blocks that the disk cannot read: they cost what lies in them, unless the disk is away.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "journal/recovery.h"
#include "journal/salvage.h"
#include "journal/test_support.h"
#include "os/durable_file.h"
#include "os/fake_disk.h"

namespace flawless::journal {
namespace {

using testing::HasSubstr;

constexpr const char* kFirst = "/data/journal/journal-00000000000000000001.seg";
constexpr uint64_t kBlock = os::File::kBlockBytes;
constexpr uint64_t kForEver = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kRecords = 8;

std::string payload_of(uint64_t number) { return numbered(number, 3000); }

class Salvage : public testing::Test {
 protected:
  Salvage() {
    auto journal = must_open();
    for (uint64_t i = 1; i <= kRecords; ++i) {
      auto placed = append_and_wait(*journal, payload_of(i));
      FLAWLESS_CHECK(placed.is_ok() && placed->position.segment == 1);
      places_.push_back(placed->position);
    }
  }
  std::unique_ptr<Journal> must_open() {
    auto journal = open(disk_, options_, clock_);
    FLAWLESS_CHECK(journal.is_ok());
    return std::move(*journal);
  }
  // The block in which the record begins, from then on.
  uint64_t break_block_of(uint64_t number, uint64_t reads = kForEver) {
    const uint64_t from = places_[number - 1].offset / kBlock * kBlock;
    disk_.fail_reads(kFirst, from, from + kBlock, 0, reads);
    return from;
  }
  // Those no byte of which is in there.
  [[nodiscard]] std::vector<uint64_t> intact(uint64_t from) const {
    std::vector<uint64_t> numbers;
    for (uint64_t i = 1; i <= kRecords; ++i) {
      const uint64_t start = places_[i - 1].offset;
      if (start >= from + kBlock || start + record_bytes(payload_of(i).size()) <= from) {
        numbers.push_back(i);
      }
    }
    return numbers;
  }

  os::FakeDisk disk_;
  Options options_ = small_options();
  SharedClock clock_;
  std::vector<Position> places_;
};

TEST_F(Salvage, ABlockInTheNewestSegmentCostsTheRecordsInIt) {
  auto numbers = intact(break_block_of(4));
  ASSERT_GE(numbers.size(), kRecords - 3);
  auto journal = must_open();
  EXPECT_EQ(read_all(*journal).sequences(), numbers);
  EXPECT_EQ(journal->read(places_[3]).code(), Code::kCorrupt);
  EXPECT_TRUE(journal->read(places_[7]));
  EXPECT_THAT(journal->health().fault, HasSubstr(kFirst));
  auto placed = append_and_wait(*journal, "the next");
  ASSERT_TRUE(placed);
  EXPECT_EQ(placed->position.segment, 2U) << "nothing is added to a file with bad blocks";
  EXPECT_EQ(placed->sequence, kRecords + 1);
  numbers.push_back(placed->sequence);
  journal.reset();
  journal = must_open();
  EXPECT_EQ(read_all(*journal).sequences(), numbers);
}

TEST_F(Salvage, ABlockOfAnOlderSegmentIsPassedOver) {
  auto journal = must_open();
  uint64_t last = kRecords;
  while (append_and_wait(*journal, payload_of(9))->position.segment < 3) ++last;
  auto numbers = intact(break_block_of(2));
  for (uint64_t i = kRecords + 1; i <= last + 1; ++i) numbers.push_back(i);
  EXPECT_EQ(read_all(*journal).sequences(), numbers);
  EXPECT_THAT(journal->health().fault, HasSubstr(kFirst));
}

// As a torn tail it would be written over, and its numbers given out again.
TEST_F(Salvage, AnUnreadableEndIsNotTakenForATornTail) {
  const auto numbers = intact(break_block_of(kRecords));
  for (int run = 0; run < 2; ++run) {
    auto journal = must_open();
    EXPECT_EQ(read_all(*journal).sequences(), numbers);
    EXPECT_THAT(journal->health().fault, HasSubstr("the disk cannot read " + std::string(kFirst)));
    EXPECT_THAT(journal->health().fault, HasSubstr(fmt::format("{} and up", numbers.back() + 1)));
    Cursor read_before = journal->start();
    read_before.sequence = kRecords;
    EXPECT_TRUE(journal->read_after(read_before)) << "its consumer had read them all";
  }
  auto placed = append_and_wait(*must_open(), "the next");
  ASSERT_TRUE(placed);
  EXPECT_GT(placed->sequence, kRecords);
  disk_.fail_reads(kFirst, 0, 0, 0, 0);
  auto journal = must_open();
  EXPECT_EQ(read_all(*journal).records.size(), kRecords + 1) << "once the disk can read it again";
}

TEST_F(Salvage, ABlockThatCanBeReadAtTheThirdTryCostsNothing) {
  break_block_of(4, 4);  // the read of much, the block alone, and two more
  auto journal = must_open();
  EXPECT_EQ(journal->health().fault, "");
  EXPECT_EQ(append_and_wait(*journal, "the next")->position.segment, 1U);
  EXPECT_EQ(read_all(*journal).records.size(), kRecords + 1);
}

TEST_F(Salvage, ADiskThatIsAwayCostsNothing) {
  auto journal = must_open();
  auto reader = journal->read_after(journal->start());
  ASSERT_TRUE(reader);
  break_block_of(4);
  disk_.fail_writes(0, kForEver);
  auto next = (*reader)->next();
  while (next && *next) next = (*reader)->next();
  EXPECT_EQ(next.code(), Code::kUnavailable);
  EXPECT_THAT(next.message(), HasSubstr("nor does the disk take a write"));
  reader->reset();
  journal.reset();
  EXPECT_EQ(open(disk_, options_, clock_).code(), Code::kUnavailable);
  disk_.fail_writes(0, 0);
  disk_.fail_reads(kFirst, 0, 0, 0, 0);
  journal = must_open();
  EXPECT_EQ(append_and_wait(*journal, "the next")->position.segment, 1U);
  EXPECT_EQ(read_all(*journal).records.size(), kRecords + 1);
  EXPECT_EQ(journal->health().fault, "");
}

TEST_F(Salvage, AFullDiskIsNotAway) {
  const auto numbers = intact(break_block_of(4));
  must_open().reset();  // the next segment is there
  disk_.set_capacity(0);
  EXPECT_EQ(read_all(*must_open()).sequences(), numbers);
}

TEST_F(Salvage, TheBlockOfTheSegmentsHeaderCostsNothing) {
  disk_.fail_reads(kFirst, 0, kBlock, 0, kForEver);
  auto journal = must_open();
  EXPECT_EQ(read_all(*journal).records.size(), kRecords);
  EXPECT_THAT(journal->health().fault, HasSubstr("damaged in its header"));
}

TEST_F(Salvage, ASegmentNothingOfWhichCanBeReadIsSetAside) {
  disk_.fail_reads(kFirst, 0, kForEver, 0, kForEver);
  auto journal = must_open();
  EXPECT_EQ(read_all(*journal).records.size(), 0U);
  EXPECT_THAT(journal->health().fault, HasSubstr("damaged-"));
  EXPECT_GT(append_and_wait(*journal, "the next")->sequence, kRecords);
}

// Which block (that of the end, or one within a record), and how often it can be read before.
class SalvageWriteBack : public Salvage,
                         public testing::WithParamInterface<std::tuple<bool, uint64_t>> {};

// Readers are given zeros. Whoever writes back what was read must not be.
TEST_P(SalvageWriteBack, NothingMadeUpIsWritten) {
  const auto [is_last, readable] = GetParam();
  const uint64_t end = places_.back().offset + record_bytes(payload_of(kRecords).size());
  ASSERT_NE(end % kBlock, 0U) << "the next record shares a block with the last";
  const uint64_t from = is_last ? end / kBlock * kBlock : 3 * kBlock;
  const std::string bytes = os::read_file(disk_, kFirst).value_or("").substr(0, end);
  disk_.fail_reads(kFirst, from, from + kBlock, readable, kForEver);
  if (auto journal = open(disk_, options_, clock_)) {
    static_cast<void>(append_and_wait(**journal, "the next"));
  }
  disk_.fail_reads(kFirst, 0, 0, 0, 0);
  EXPECT_EQ(os::read_file(disk_, kFirst).value_or("").substr(0, end), bytes);
}

INSTANTIATE_TEST_SUITE_P(All, SalvageWriteBack,
                         testing::Combine(testing::Bool(), testing::Range<uint64_t>(0, 6)));

// As a record of a file system whose records are large.
TEST_F(Salvage, ReadsOnBehindManyBlocks) {
  constexpr uint64_t kFirstBad = 3, kBad = 40, kBlocks = 60;
  const std::string path = "/data/journal/large";
  const std::string bytes(kBlocks * kBlock, 'x');
  ASSERT_TRUE(os::write_durably(disk_, path, bytes));
  disk_.fail_reads(path, kFirstBad * kBlock, (kFirstBad + kBad) * kBlock, 0, kForEver);
  auto file = disk_.open(path, os::OpenMode::kWrite);
  ASSERT_TRUE(file);
  const SalvagedFile salvaged(std::move(*file), path, disk_, "/data", std::chrono::milliseconds(0));
  std::string read(bytes.size(), '?');
  ASSERT_TRUE(salvaged.read_at(0, {reinterpret_cast<uint8_t*>(read.data()), read.size()}));
  EXPECT_EQ(read, std::string(kFirstBad * kBlock, 'x') + std::string(kBad * kBlock, '\0') +
                      std::string((kBlocks - kFirstBad - kBad) * kBlock, 'x'));
}

TEST_F(Salvage, ReadsAroundTheBlock) {
  const std::string bytes = os::read_file(disk_, kFirst).value_or("");
  disk_.fail_reads(kFirst, 2 * kBlock, 3 * kBlock, 0, kForEver);
  auto file = disk_.open(kFirst, os::OpenMode::kWrite);
  ASSERT_TRUE(file);
  const SalvagedFile salvaged(std::move(*file), kFirst, disk_, "/data",
                              std::chrono::milliseconds(0));
  std::string read(bytes.size() + 10, 'x');
  auto got = salvaged.read_at(10, {reinterpret_cast<uint8_t*>(read.data()), read.size()});
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, bytes.size() - 10) << "fewer only at the end of the file";
  std::string expected = bytes;
  std::fill_n(expected.begin() + static_cast<std::ptrdiff_t>(2 * kBlock), kBlock, '\0');
  EXPECT_EQ(read.substr(0, *got), expected.substr(10));
  EXPECT_TRUE(salvaged.is_unreadable(0, 2 * kBlock + 1));
  EXPECT_TRUE(salvaged.is_unreadable(3 * kBlock - 1, 4 * kBlock));
  EXPECT_FALSE(salvaged.is_unreadable(0, 2 * kBlock));
  EXPECT_FALSE(salvaged.is_unreadable(3 * kBlock, bytes.size()));
}

}  // namespace
}  // namespace flawless::journal
