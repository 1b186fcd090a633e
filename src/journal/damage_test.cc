// Bytes that a disk has changed behind the journal's back: every other record is found, also behind
// them, and what is lost is said.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "journal/recovery.h"
#include "journal/scanner.h"
#include "journal/test_support.h"
#include "os/durable_file.h"
#include "os/fake_disk.h"

namespace flawless::journal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kFirst = "/data/journal/journal-00000000000000000001.seg";
constexpr const char* kSecond = "/data/journal/journal-00000000000000000002.seg";
constexpr uint64_t kRecords = 6;

std::string payload_of(uint64_t number) { return numbered(number, 20 + 13 * number); }

// 1 … `last` without those.
std::vector<uint64_t> all_but(const std::vector<uint64_t>& lost, uint64_t last) {
  std::vector<uint64_t> numbers;
  for (uint64_t i = 1; i <= last; ++i) {
    if (std::find(lost.begin(), lost.end(), i) == lost.end()) numbers.push_back(i);
  }
  return numbers;
}

class Damage : public testing::Test {
 protected:
  Damage() { make_records(); }

  // Six records in one segment, written by one commit each.
  void make_records() {
    auto journal = must_open();
    for (uint64_t i = 1; i <= kRecords; ++i) places_.push_back(append(*journal, payload_of(i)));
    journal->stop();
    segment_ = os::read_file(*disk_, kFirst).value();
    id_ = os::read_file(*disk_, "/data/journal/journal.id").value();
  }
  std::unique_ptr<Journal> must_open() {
    auto journal = open(*disk_, options_, clock_);
    FLAWLESS_CHECK(journal.is_ok());
    return std::move(*journal);
  }
  static Position append(Journal& journal, std::string payload) {
    auto placed = append_and_wait(journal, std::move(payload));
    FLAWLESS_CHECK(placed.is_ok());
    return placed->position;
  }
  // On a disk of its own, with the first segment as given.
  std::unique_ptr<Journal> open_with(const std::string& bytes) {
    disk_ = std::make_unique<os::FakeDisk>();
    FLAWLESS_CHECK(disk_->make_directory("/data/journal").is_ok());
    FLAWLESS_CHECK(os::write_durably(*disk_, "/data/journal/journal.id", id_).is_ok());
    FLAWLESS_CHECK(os::write_durably(*disk_, kFirst, bytes).is_ok());
    return must_open();
  }
  void change(const std::string& path, uint64_t offset, std::string_view bytes) {
    auto file = disk_->open(path, os::OpenMode::kWrite);
    ASSERT_TRUE(file && (*file)->write_at(offset, as_bytes(bytes)) && (*file)->sync_data());
  }
  // Offset of a record's header, by its number.
  [[nodiscard]] uint64_t start(uint64_t number) const { return places_[number - 1].offset; }
  [[nodiscard]] std::string with_flipped(uint64_t at) const {
    std::string bytes = segment_;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    return bytes;
  }
  [[nodiscard]] std::string with_zeros(uint64_t from, uint64_t to) const {
    std::string bytes = segment_;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from),
              bytes.begin() + static_cast<std::ptrdiff_t>(to), '\0');
    return bytes;
  }

  // All but the lost ones are found by readers and at their places, the file is left alone, the
  // next one goes into a segment of its own, and all this again after another opening.
  void expect_only_lost(const std::string& bytes, const std::vector<uint64_t>& lost) {
    auto journal = open_with(bytes);
    EXPECT_TRUE(journal->health().writable);
    EXPECT_EQ(read_all(*journal).sequences(), all_but(lost, kRecords));
    auto placed = append_and_wait(*journal, "the next");
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->sequence, kRecords + 1);
    EXPECT_EQ(placed->position.segment, 2U);
    for (int run = 0; run < 2; ++run) {
      EXPECT_EQ(read_all(*journal).sequences(), all_but(lost, kRecords + 1));
      for (uint64_t i = 1; i <= kRecords; ++i) {
        auto record = journal->read(places_[i - 1]);
        const bool is_lost = std::find(lost.begin(), lost.end(), i) != lost.end();
        EXPECT_EQ(record.code(), is_lost ? Code::kCorrupt : Code::kOk) << i;
        if (record) {
          EXPECT_EQ(record->payload, payload_of(i));
        }
      }
      EXPECT_THAT(journal->health().fault, HasSubstr(kFirst));
      if (!lost.empty()) {
        EXPECT_THAT(journal->health().fault, HasSubstr(fmt::format(" {} ", lost.front())));
      }
      EXPECT_EQ(os::read_file(*disk_, kFirst).value(), bytes) << "it is written to";
      journal->stop();
      journal.reset();
      journal = must_open();
    }
  }

  std::unique_ptr<os::FakeDisk> disk_ = std::make_unique<os::FakeDisk>();
  Options options_ = small_options();
  SharedClock clock_;
  std::string id_, segment_;
  std::vector<Position> places_;
};

TEST_F(Damage, OfAnyByteOfARecordCostsThatRecord) {
  for (uint64_t number : {1, 3, 5}) {
    const uint64_t end = start(number) + kRecordHeaderBytes + payload_of(number).size();
    for (uint64_t at = start(number); at < end; ++at) {
      SCOPED_TRACE(testing::Message() << "record " << number << " byte " << at - start(number));
      ASSERT_NO_FATAL_FAILURE(expect_only_lost(with_flipped(at), {number}));
      if (HasFailure()) return;
    }
  }
}

TEST_F(Damage, OfTheSegmentsHeaderCostsNothing) {
  for (uint64_t at = 0; at < 52; ++at) {
    SCOPED_TRACE(at);
    ASSERT_NO_FATAL_FAILURE(expect_only_lost(with_flipped(at), {}));
    if (HasFailure()) return;
  }
}

TEST_F(Damage, OfAHeaderInTheMiddleOfTheJournalCostsNothing) {
  auto journal = must_open();
  for (uint64_t i = 7; i <= 20; ++i) append(*journal, numbered(i, 6000));
  journal.reset();
  change(kSecond, 34, "?");
  journal = must_open();
  EXPECT_EQ(read_all(*journal).sequences(), all_but({}, 20));
  EXPECT_THAT(journal->health().fault, HasSubstr(kSecond));
  EXPECT_EQ(append_and_wait(*journal, "the next")->sequence, 21U);
}

TEST_F(Damage, SaysWhatIsLostAndWhatToDo) {
  auto journal = open_with(with_flipped(start(3) + 40));
  const std::string fault = journal->health().fault;
  EXPECT_THAT(fault, HasSubstr(kFirst));
  EXPECT_THAT(fault, HasSubstr("from byte " + std::to_string(start(3)) + " to " +
                               std::to_string(start(4)) + ": report 3 of"));
  EXPECT_THAT(fault, HasSubstr("all others can"));
  EXPECT_THAT(fault, HasSubstr("backup"));
  EXPECT_FALSE(journal->health().torn_bytes_at_open);
}

TEST_F(Damage, OfTwoPlacesCostsTheirRecords) {
  std::string bytes = with_flipped(start(2) + 3);
  bytes[start(5) + 35] = '\0';
  expect_only_lost(bytes, {2, 5});
  bytes = with_flipped(start(2) + 35);
  bytes[start(3) + 1] = '\1';
  expect_only_lost(bytes, {2, 3});
}

// As a sector that cannot be read any more.
TEST_F(Damage, OfWholeHeadersCostsTheRecordsTheyAreOf) {
  expect_only_lost(with_zeros(start(2), start(2) + 8), {2});
  expect_only_lost(with_zeros(start(2) + 40, start(4) + 40), {2, 3, 4});
  std::string bytes = with_zeros(start(2), start(3));
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(start(5)),
            bytes.begin() + static_cast<std::ptrdiff_t>(start(5) + 32), '\xff');
  expect_only_lost(bytes, {2, 5});
}

// The sixth record's number is known from its header, so nothing else gets it.
TEST_F(Damage, NoNumberIsGivenOutTwice) {
  std::string bytes = with_flipped(start(3) + 40);
  bytes[start(6) + 40] = '?';
  auto journal = open_with(bytes);
  EXPECT_THAT(read_all(*journal).sequences(), ElementsAre(1, 2, 4, 5));
  EXPECT_EQ(append_and_wait(*journal, "the next")->sequence, 7U);
  EXPECT_EQ(journal->read(places_[5]).code(), Code::kCorrupt);
  EXPECT_THAT(journal->health().fault, HasSubstr("1 more"));
}

TEST_F(Damage, AgainAfterAKill) {
  auto journal = open_with(with_flipped(start(3) + 40));
  std::vector<Position> later;
  for (uint64_t i = 7; i <= 9; ++i) later.push_back(append(*journal, payload_of(i)));
  disk_->kill_process();
  journal->stop();
  change(kSecond, later[1].offset + 8, "?");
  change(kFirst, start(5) + 8, "?");
  journal = must_open();
  for (int run = 0; run < 2; ++run) {
    EXPECT_THAT(read_all(*journal).sequences(), ElementsAre(1, 2, 4, 6, 7, 9));
    journal.reset();
    journal = must_open();
  }
  EXPECT_EQ(append_and_wait(*journal, "the next")->sequence, 10U);
}

TEST_F(Damage, OfAnOlderSegmentIsTheSame) {
  auto journal = must_open();
  for (uint64_t i = 7; i <= 20; ++i) append(*journal, numbered(i, 6000));
  const Position tenth = read_all(*journal, 9).records.front().position;
  ASSERT_GT(journal->health().segments, 3U);
  journal.reset();
  change(kFirst, start(2), "?");
  change(kFirst, start(4) + 40, "?");
  auto file = disk_->open("/data/journal/" + segment_name("journal", tenth.segment),
                          os::OpenMode::kWrite);
  ASSERT_TRUE(file && (*file)->write_at(tenth.offset + 20, as_bytes("?")));
  journal = must_open();
  EXPECT_EQ(read_all(*journal).sequences(), all_but({2, 4, 10}, 20));
  EXPECT_EQ(read_all(*journal, 9).records.front().sequence, 11U);
  EXPECT_EQ(journal->read(tenth).code(), Code::kCorrupt);
  EXPECT_THAT(journal->health().fault, HasSubstr("2 more"));
}

TEST_F(Damage, OfTheLastRecordOfAnOlderSegmentEndsIt) {
  auto journal = must_open();
  for (uint64_t i = 7; i <= 20; ++i) append(*journal, numbered(i, 6000));
  const auto records = read_all(*journal).records;
  auto last = std::find_if(records.begin(), records.end(),
                           [](const Record& record) { return record.position.segment == 2; }) -
              1;
  journal.reset();
  change(kFirst, last->position.offset + 40, "?");
  journal = must_open();
  EXPECT_EQ(read_all(*journal).sequences(), all_but({last->sequence}, 20));
  EXPECT_THAT(journal->health().fault, HasSubstr("report " + std::to_string(last->sequence)));
}

TEST_F(Damage, WhileTheJournalIsOpenIsPassedOverToo) {
  auto journal = must_open();
  change(kFirst, start(3) + 40, "?");
  EXPECT_EQ(read_all(*journal).sequences(), all_but({3}, 6));
  change(kFirst, start(6) + 40, "?");
  auto reader = journal->read_after(journal->start());
  ASSERT_TRUE(reader);
  uint64_t last = 0;
  for (auto next = (*reader)->next(); next && *next; next = (*reader)->next()) {
    last = (*next)->sequence;
  }
  EXPECT_EQ(last, 5U);
  EXPECT_FALSE((*reader)->next()->has_value());
  append(*journal, payload_of(7));
  auto next = (*reader)->next();
  ASSERT_TRUE(next && *next);
  EXPECT_EQ((*next)->sequence, 7U);
}

TEST_F(Damage, IsForgottenWithItsSegment) {
  auto journal = open_with(with_flipped(start(3) + 40));
  append(*journal, "the next");
  ASSERT_NE(journal->health().fault, "");
  Cursor consumed = journal->start();
  consumed.sequence = 6;
  clock_.advance(2 * options_.keep_for);
  journal->release(consumed);
  EXPECT_TRUE(soon([&] { return journal->health().fault.empty(); }));
}

TEST_F(Damage, OnAFullDiskLeavesTheRestReadable) {
  open_with(with_flipped(start(3) + 40)).reset();
  ASSERT_TRUE(disk_->unlink(kSecond));
  disk_->set_capacity(0);
  auto journal = must_open();
  EXPECT_EQ(read_all(*journal).sequences(), all_but({3}, 6));
  EXPECT_EQ(append_and_wait(*journal, "refused").code(), Code::kUnavailable);
  disk_->set_capacity(1U << 30U);
  ASSERT_TRUE(soon([&] { return journal->health().writable; }));
  EXPECT_EQ(append_and_wait(*journal, "the next")->sequence, 7U);
  EXPECT_EQ(read_all(*journal).sequences(), all_but({3}, 7));
}

// --- Payloads that look like records ---

// A record as this journal would write it, but for what only the journal knows.
std::string imitation(uint64_t journal_id, uint64_t segment, uint64_t offset, uint64_t sequence) {
  RecordHeader header{.length = 8, .previous = 0, .sequence = sequence, .unix_ms = 1};
  std::string bytes(as_text(encode_record({journal_id, segment, offset}, header, "imitated")));
  return bytes + "imitated";
}

class Imitation : public Damage {
 protected:
  // Every place in the payload may hold one: of the numbers behind the record's own, and of copies
  // of records that the journal has written.
  std::string hostile_payload() {
    const uint64_t begin =
        start(kRecords) + record_bytes(payload_of(kRecords).size()) + kRecordHeaderBytes;
    std::string payload;
    while (payload.size() < 4000) {
      payload += imitation(0x1111, 1, begin + payload.size(), 7 + payload.size() / 40 % 4);
      payload += segment_.substr(start(5), record_bytes(payload_of(5).size()));
    }
    return payload;
  }
  // Six ordinary records, a hostile one, and `behind` more.
  void make_hostile(uint64_t behind) {
    disk_ = std::make_unique<os::FakeDisk>();
    places_.clear();
    auto journal = must_open();
    for (uint64_t i = 1; i <= kRecords; ++i) places_.push_back(append(*journal, payload_of(i)));
    places_.push_back(append(*journal, hostile_payload()));
    for (uint64_t i = 0; i < behind; ++i) places_.push_back(append(*journal, "behind"));
    journal->stop();
    segment_ = os::read_file(*disk_, kFirst).value();
    id_ = os::read_file(*disk_, "/data/journal/journal.id").value();
  }
};

TEST_F(Imitation, InADamagedRecordIsNotFound) {
  make_hostile(2);
  for (uint64_t at : {0, 2, 5, 9, 13, 17, 25, 40, 3000}) {
    auto journal = open_with(with_flipped(start(7) + at));
    EXPECT_EQ(read_all(*journal).sequences(), all_but({7}, 9)) << at;
  }
  auto journal = open_with(with_zeros(start(7), start(7) + 64));
  EXPECT_EQ(read_all(*journal).sequences(), all_but({7}, 9));
}

TEST_F(Imitation, InATornRecordIsNotFound) {
  make_hostile(0);
  for (uint64_t gone : {8, 32, 512}) {
    auto journal = open_with(with_zeros(start(7), start(7) + gone));
    EXPECT_EQ(read_all(*journal).sequences(), all_but({}, 6)) << gone;
    auto placed = append_and_wait(*journal, "the next");
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->position, places_[6]) << "it goes where the torn one was";
    journal.reset();
    EXPECT_EQ(read_all(*must_open()).sequences(), all_but({}, 7));
  }
}

// --- Records of earlier versions of the program, which have no mark ---

std::string unmarked(uint64_t sequence, uint32_t& previous, std::string_view payload) {
  std::string bytes(kRecordHeaderBytes, '\0');
  store_le(bytes.data(), static_cast<uint32_t>(payload.size()));
  store_le(bytes.data() + 8, previous);
  store_le(bytes.data() + 16, sequence);
  store_le(bytes.data() + 24, uint64_t{1'700'000'000'000});
  std::string number(8, '\0');
  store_le(number.data(), uint64_t{1});
  previous = crc32c(as_bytes(number + bytes.substr(0, 4) + bytes.substr(8) + std::string(payload)));
  store_le(bytes.data() + 4, previous);
  return bytes.append(payload).append(padding_after(payload.size()), '\0');
}

class Unmarked : public Damage {
 protected:
  Unmarked() {
    segment_.resize(kRecordsStart);
    uint32_t previous = 0;
    for (uint64_t i = 1; i <= kRecords; ++i) segment_ += unmarked(i, previous, payload_of(i));
    segment_.resize(options_.segment_bytes);
  }
};

TEST_F(Unmarked, AreReadAndFollowed) {
  auto journal = open_with(segment_);
  EXPECT_EQ(read_all(*journal).sequences(), all_but({}, 6));
  EXPECT_EQ(append(*journal, "the next").segment, 1U);
  journal.reset();
  journal = must_open();
  EXPECT_EQ(read_all(*journal).sequences(), all_but({}, 7));
  EXPECT_EQ(journal->health().fault, "");
}

TEST_F(Unmarked, SurviveTheLossOfTheirSegmentsHeader) { expect_only_lost(with_flipped(34), {}); }

TEST_F(Unmarked, WithADamagedPayloadCostThatRecord) {
  expect_only_lost(with_flipped(start(3) + 40), {3});
  std::string bytes = with_flipped(start(3) + 40);
  bytes[start(4) + 50] = '?';
  expect_only_lost(bytes, {3, 4});
}

// Nothing tells an imitation from the next record.
TEST_F(Unmarked, BehindADamagedHeaderAreFoundOnlyFromTheFirstMarkedOneOn) {
  auto journal = open_with(segment_);
  append(*journal, payload_of(7));
  append(*journal, payload_of(8));
  journal.reset();
  change(kFirst, start(3) + 16, "?");
  journal = must_open();
  EXPECT_THAT(read_all(*journal).sequences(), ElementsAre(1, 2, 7, 8));
  EXPECT_TRUE(journal->read(places_[4])) << "who knows the place can read it";
}

// --- Scanning ---

// Every eighth byte begins a header that may be right but for its mark.
TEST(Scanner, LooksThroughHostileBytesOnce) {
  os::FakeDisk disk;
  auto file = disk.open("/data/segment", os::OpenMode::kCreate);
  ASSERT_TRUE(file);
  constexpr uint64_t kBytes = 4U << 20U;
  std::string bytes;
  while (bytes.size() < kBytes) append_le(bytes, uint64_t{100});
  ASSERT_TRUE((*file)->write_at(0, as_bytes(bytes)));
  const SalvagedFile salvaged(std::move(*file), "/data/segment", disk, "/data",
                              std::chrono::milliseconds(0));
  Scanner scanner(salvaged, 7, 1);
  auto gap = scanner.pass_over(kRecordsStart, kBytes, {.sequence = 100, .previous = 0});
  ASSERT_TRUE(gap);
  EXPECT_FALSE(gap->after);
  EXPECT_EQ(gap->end, kBytes);
  EXPECT_EQ(gap->last_lost, 99U);
}

}  // namespace
}  // namespace flawless::journal
