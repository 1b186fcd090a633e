#include "journal/recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "journal/scanner.h"
#include "journal/test_support.h"
#include "os/durable_file.h"
#include "os/fake_disk.h"

namespace flawless::journal {
namespace {

using testing::HasSubstr;

constexpr const char* kFirst = "/data/journal/journal-00000000000000000001.seg";

// A journal of six records in one segment, written by one commit each.
class TornTail : public testing::Test {
 protected:
  TornTail() {
    auto journal = open(disk_, options_, clock_);
    FLAWLESS_CHECK(journal.is_ok());
    for (uint64_t i = 1; i <= 6; ++i) {
      auto placed = append_and_wait(**journal, numbered(i, 20 + 13 * i));
      FLAWLESS_CHECK(placed.is_ok());
      starts_.push_back(placed->position.offset);
      payload_ends_.push_back(placed->position.offset + kRecordHeaderBytes +
                              numbered(i, 20 + 13 * i).size());
    }
    (*journal)->stop();
    id_ = os::read_file(disk_, "/data/journal/journal.id").value();
    segment_ = os::read_file(disk_, kFirst).value();
    segment_.resize(payload_ends_.back() + 512);
  }

  // Opens a journal with the segment's bytes as given and says how many records it finds; also that
  // it goes on.
  size_t records_in(const std::string& bytes) {
    os::FakeDisk disk;
    FLAWLESS_CHECK(disk.make_directory("/data/journal").is_ok());
    FLAWLESS_CHECK(os::write_durably(disk, "/data/journal/journal.id", id_).is_ok());
    FLAWLESS_CHECK(os::write_durably(disk, kFirst, bytes).is_ok());
    auto journal = open(disk, options_, clock_);
    FLAWLESS_CHECK(journal.is_ok());
    const size_t found = read_all(**journal).records.size();
    torn_ = (*journal)->health().torn_bytes_at_open;
    auto placed = append_and_wait(**journal, "the next");
    EXPECT_TRUE(placed);
    EXPECT_EQ(placed->sequence, found + 1);
    journal->reset();

    journal = open(disk, options_, clock_);
    const Found again = read_all(**journal);
    EXPECT_EQ(again.records.size(), found + 1);
    for (size_t i = 0; i < found; ++i) {
      EXPECT_EQ(again.records[i].payload, numbered(i + 1, 20 + 13 * (i + 1)));
    }
    EXPECT_EQ(again.records.back().payload, "the next");
    return found;
  }

  // Records that end at or before `offset`.
  size_t whole_before(uint64_t offset) const {
    size_t whole = 0;
    while (whole < payload_ends_.size() && payload_ends_[whole] <= offset) ++whole;
    return whole;
  }

  os::FakeDisk disk_;
  Options options_ = small_options();
  SharedClock clock_;
  std::string id_, segment_;
  std::vector<uint64_t> starts_, payload_ends_;
  std::optional<uint64_t> torn_;
};

TEST_F(TornTail, CutAtEveryByteKeepsWhatIsBefore) {
  for (uint64_t at = starts_[3]; at <= payload_ends_[5] + 8; ++at) {
    ASSERT_EQ(records_in(segment_.substr(0, at)), whole_before(at)) << at;
  }
}

TEST_F(TornTail, ZerosFromEveryByteKeepWhatIsBefore) {
  for (uint64_t at = starts_[3]; at <= payload_ends_[5] + 8; ++at) {
    std::string bytes = segment_;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), '\0');
    // A record that ends in zeros is whole already when only those are missing; ours do not.
    ASSERT_EQ(records_in(bytes), whole_before(at)) << at;
  }
}

TEST_F(TornTail, GarbageInEveryByteOfTheLastRecordKeepsWhatIsBefore) {
  for (uint64_t at = starts_[5]; at < payload_ends_[5]; ++at) {
    std::string bytes = segment_;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
    ASSERT_EQ(records_in(bytes), 5U) << at;
  }
}

TEST_F(TornTail, IsReported) {
  EXPECT_EQ(records_in(segment_), 6U);
  EXPECT_FALSE(torn_);
  std::string bytes = segment_;
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(starts_[5] + 40), bytes.end(), '\0');
  EXPECT_EQ(records_in(bytes), 5U);
  EXPECT_EQ(torn_.value_or(0), record_bytes(payload_ends_[5] - starts_[5] - kRecordHeaderBytes));
}

// Nobody was told that it is there, but a part of it is.
TEST_F(TornTail, ALoneTornRecordGoesInTime) {
  std::string bytes = segment_.substr(0, payload_ends_[0] - 1);
  ASSERT_NE(bytes.find("record 1"), std::string::npos);
  os::FakeDisk disk;
  ASSERT_TRUE(disk.make_directory("/data/journal"));
  ASSERT_TRUE(os::write_durably(disk, "/data/journal/journal.id", id_));
  ASSERT_TRUE(os::write_durably(disk, kFirst, bytes));
  auto journal = open(disk, options_, clock_);
  ASSERT_TRUE(journal);
  ASSERT_TRUE((*journal)->health().torn_bytes_at_open);
  clock_.advance(options_.keep_for);
  (*journal)->release((*journal)->start());
  EXPECT_TRUE(soon([&] { return !disk.open(kFirst, os::OpenMode::kRead).is_ok(); }));
  EXPECT_EQ(append_and_wait(**journal, "the next")->sequence, 1U);
}

class Files : public testing::Test {
 protected:
  std::unique_ptr<Journal> must_open() {
    auto journal = open(disk_, options_, clock_);
    FLAWLESS_CHECK(journal.is_ok());
    return std::move(*journal);
  }
  void write_some(uint64_t from, uint64_t to) {
    auto journal = must_open();
    for (uint64_t i = from; i <= to; ++i) {
      ASSERT_TRUE(append_and_wait(*journal, numbered(i, 6000)));
    }
  }
  void change(const std::string& path, uint64_t offset, std::string_view bytes) {
    auto file = disk_.open(path, os::OpenMode::kWrite);
    ASSERT_TRUE(file && (*file)->write_at(offset, as_bytes(bytes)) && (*file)->sync_data());
  }

  os::FakeDisk disk_;
  Options options_ = small_options();
  SharedClock clock_;
};

TEST_F(Files, OfAnotherJournalAreRefused) {
  write_some(1, 2);
  ASSERT_TRUE(os::write_durably(disk_, "/data/journal/journal.id",
                                "flawless-journal 1\nid 00000000000000aa\nepoch 1\n"));
  auto opened = open(disk_, options_, clock_);
  EXPECT_EQ(opened.code(), Code::kConflict);
  EXPECT_THAT(opened.message(), HasSubstr("belongs to another journal"));
}

TEST_F(Files, WithoutTheIdAreRefused) {
  write_some(1, 2);
  ASSERT_TRUE(disk_.unlink("/data/journal/journal.id"));
  EXPECT_EQ(open(disk_, options_, clock_).code(), Code::kCorrupt);
  for (const char* bad : {"", "flawless-journal 1\nid xyz\nepoch 1\n",
                          "flawless-journal 1\nid 00000000000000aa\nepoch 1\nmore"}) {
    ASSERT_TRUE(os::write_durably(disk_, "/data/journal/journal.id", bad));
    EXPECT_EQ(open(disk_, options_, clock_).code(), Code::kCorrupt) << bad;
  }
}

TEST_F(Files, OfANewerFormatAreRefused) {
  write_some(1, 1);
  std::string header = os::read_file(disk_, kFirst).value().substr(0, 52);
  header[8] = 9;
  store_le(header.data() + 48, crc32c(as_bytes(header).first(48)));
  change(kFirst, 0, header);
  auto opened = open(disk_, options_, clock_);
  EXPECT_EQ(opened.code(), Code::kInvalid);
  EXPECT_THAT(opened.message(), HasSubstr("journal format 9"));
}

TEST_F(Files, EveryOpeningIsAnEpoch) {
  const Cursor first = must_open()->start();
  const Cursor second = must_open()->start();
  EXPECT_EQ(second.journal_id, first.journal_id);
  EXPECT_EQ(second.epoch, first.epoch + 1);
}

TEST_F(Files, AllDeletedMakeANewJournal) {
  const Cursor before = must_open()->start();
  ASSERT_TRUE(disk_.unlink(kFirst));
  EXPECT_NE(must_open()->start().journal_id, before.journal_id);
}

TEST_F(Files, OpenOnAFullDisk) {
  write_some(1, 2);
  disk_.set_capacity(0);
  auto journal = must_open();
  EXPECT_EQ(read_all(*journal).records.size(), 2U);
}

// Without the first record's header nothing says where a segment begins.
void spoil_beginning(os::Disk& disk, const std::string& path) {
  auto file = disk.open(path, os::OpenMode::kWrite);
  ASSERT_TRUE(file && (*file)->write_at(30, as_bytes("?")) &&
              (*file)->write_at(kRecordsStart + 16, as_bytes("?")) && (*file)->sync_data());
}

TEST_F(Files, WithoutABeginningAreSetAsideAndTheirNumbersAreNotUsedAgain) {
  write_some(1, 7);
  const Position place = read_all(*must_open()).records.back().position;
  ASSERT_EQ(place.segment, 2U);
  const std::string path = "/data/journal/journal-00000000000000000002.seg";
  spoil_beginning(disk_, path);
  auto journal = must_open();
  auto placed = append_and_wait(*journal, "after");
  ASSERT_TRUE(placed);
  EXPECT_GT(placed->sequence, 7U);
  EXPECT_GT(placed->position.segment, place.segment);
  const Found found = read_all(*journal);
  EXPECT_EQ(found.records.back().payload, "after");
  EXPECT_EQ(found.records[0].payload, numbered(1, 6000));
  EXPECT_TRUE(disk_.open("/data/journal/damaged-00000000000000000002.seg", os::OpenMode::kRead));
  for (int run = 0; run < 2; ++run) {
    EXPECT_THAT(journal->health().fault, HasSubstr("damaged-00000000000000000002.seg"));
    EXPECT_TRUE(journal->health().writable);
    EXPECT_EQ(journal->read(place).code(), Code::kCorrupt) << "it was not dropped by age";
    journal.reset();
    journal = must_open();
  }
}

TEST_F(Files, SetAsideOnAFullDiskKeepTheirNumbersToo) {
  write_some(1, 7);
  spoil_beginning(disk_, "/data/journal/journal-00000000000000000002.seg");
  disk_.set_capacity(0);
  EXPECT_EQ(read_all(*must_open()).records.back().payload, numbered(4, 6000));
  disk_.set_capacity(1U << 30U);
  EXPECT_GT(append_and_wait(*must_open(), "after")->sequence, 7U);
}

TEST_F(Files, AllSetAsideAreOfTheSameJournal) {
  write_some(1, 2);
  const Cursor before = must_open()->start();
  spoil_beginning(disk_, kFirst);
  disk_.set_capacity(0);
  EXPECT_EQ(open(disk_, options_, clock_).code(), Code::kUnavailable);
  disk_.set_capacity(1U << 30U);
  auto journal = must_open();
  EXPECT_EQ(journal->start().journal_id, before.journal_id);
  EXPECT_GT(append_and_wait(*journal, "after")->sequence, 2U);
}

TEST_F(Files, ThatWereCutToNothingKeepTheirNumbersToo) {
  write_some(1, 7);
  auto file = disk_.open("/data/journal/journal-00000000000000000002.seg", os::OpenMode::kWrite);
  ASSERT_TRUE(file && (*file)->truncate(0) && (*file)->sync_data());
  EXPECT_GT(append_and_wait(*must_open(), "after")->sequence, 7U);
}

// Otherwise nothing behind it would be dropped either, and the journal would fill up to its cap.
TEST_F(Files, TheSegmentBeforeADamagedOneIsDroppedLikeOthers) {
  write_some(1, 12);
  spoil_beginning(disk_, "/data/journal/journal-00000000000000000002.seg");
  auto journal = must_open();
  ASSERT_EQ(journal->health().segments, 2U);
  Cursor consumed = journal->start();
  consumed.sequence = 8;
  clock_.advance(2 * options_.keep_for);
  journal->release(consumed);
  EXPECT_TRUE(soon([&] { return journal->health().first_sequence == 9; }));
}

}  // namespace
}  // namespace flawless::journal
