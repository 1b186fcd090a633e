#include "journal/file_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "journal/format.h"
#include "journal/test_support.h"
#include "os/durable_file.h"
#include "os/fake_disk.h"

namespace flawless::journal {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Cursor at(const Journal& journal, uint64_t sequence) {
  Cursor cursor = journal.start();
  cursor.sequence = sequence;
  return cursor;
}

// On the machine's file system and on the fake one.
class AnyJournal : public testing::TestWithParam<bool> {
 protected:
  AnyJournal() {
    if (GetParam()) {
      std::string made = "/tmp/flawless-journal-XXXXXX";
      FLAWLESS_CHECK(::mkdtemp(made.data()) != nullptr);
      root_ = made;
      disk_ = std::make_unique<os::PosixDisk>();
    } else {
      disk_ = std::make_unique<os::FakeDisk>();
    }
    options_ = small_options(root_ + "/journal");
  }
  ~AnyJournal() override {
    journal_.reset();
    if (GetParam()) std::filesystem::remove_all(root_);
  }
  Journal& reopen() {
    journal_.reset();
    auto opened = open(*disk_, options_, clock_);
    FLAWLESS_CHECK(opened.is_ok());
    journal_ = std::move(*opened);
    return *journal_;
  }
  // Appends records first … last of about 3000 B, nine to a segment.
  void append(uint64_t first, uint64_t last) {
    Appender appender;
    for (uint64_t i = first; i <= last; ++i) appender.begin(*journal_, numbered(i, 3000));
    appender.wait();
    for (auto& [payload, answer] : appender.take()) {
      ASSERT_TRUE(answer) << answer.message();
      ASSERT_EQ(payload, numbered(answer->sequence, 3000));
    }
  }
  // Whether any of the files holds it, whatever for.
  bool on_disk(std::string_view text) {
    const auto names = disk_->list(options_.directory).value();
    return std::any_of(names.begin(), names.end(), [&](const auto& name) {
      auto bytes = os::read_file(*disk_, options_.directory + "/" + name);
      return bytes && bytes->find(text) != std::string::npos;
    });
  }
  // The consumer has everything up to there, and time passes.
  void release_after(std::chrono::milliseconds time, uint64_t sequence) {
    clock_.advance(time);
    journal_->release(at(*journal_, sequence));
  }

  std::string root_ = "/data";
  std::unique_ptr<os::Disk> disk_;
  Options options_;
  SharedClock clock_;
  std::unique_ptr<Journal> journal_;
};

INSTANTIATE_TEST_SUITE_P(Disks, AnyJournal, testing::Bool(), [](const auto& test) {
  return test.param ? std::string("Posix") : std::string("Fake");
});

TEST_P(AnyJournal, BeginsEmpty) {
  Journal& journal = reopen();
  EXPECT_TRUE(read_all(journal).records.empty());
  const Health health = journal.health();
  EXPECT_TRUE(health.writable);
  EXPECT_EQ(health.last_sequence, 0U);
  EXPECT_FALSE(health.torn_bytes_at_open);
  EXPECT_NE(journal.start().journal_id, 0U);
}

TEST_P(AnyJournal, FindsRecordsAgainAfterEveryOpening) {
  std::vector<std::string> expected;
  for (int run = 0; run < 4; ++run) {
    Journal& journal = reopen();
    ASSERT_EQ(read_all(journal).payloads(), expected);
    for (const std::string& payload : {std::string(), std::string("x"), std::string(8192, 'y')}) {
      auto placed = append_and_wait(journal, payload);
      ASSERT_TRUE(placed) << placed.message();
      expected.push_back(payload);
      EXPECT_EQ(placed->sequence, expected.size());
      auto read = journal.read(placed->position);
      ASSERT_TRUE(read);
      EXPECT_EQ(read->payload, payload);
      EXPECT_EQ(read->sequence, placed->sequence);
      EXPECT_EQ(read->appended_at, clock_.now());
    }
  }
}

TEST_P(AnyJournal, GoesThroughManySegments) {
  reopen();
  append(1, 300);
  EXPECT_GE(journal_->health().segments, 30U);
  for (int run = 0; run < 2; ++run) {
    const Found found = read_all(*journal_);
    ASSERT_EQ(found.records.size(), 300U);
    for (uint64_t i = 1; i <= 300; ++i) ASSERT_EQ(found.records[i - 1].payload, numbered(i, 3000));
    reopen();
  }
  EXPECT_EQ(read_all(*journal_, 123).records.front().sequence, 124U);
  EXPECT_TRUE(read_all(*journal_, 300).records.empty());
}

TEST_P(AnyJournal, AReaderFollowsWhileOthersAppend) {
  Journal& journal = reopen();
  constexpr uint64_t kEach = 400;
  std::vector<std::thread> writers;
  std::vector<Appender> appenders(3);
  for (Appender& appender : appenders) {
    writers.emplace_back([&] {
      for (uint64_t i = 0; i < kEach; ++i) {
        appender.begin(journal, numbered(i, i % 900));
        if (i % 16 == 0) appender.wait();
      }
      appender.wait();
    });
  }
  auto reader = journal.read_after(journal.start());
  ASSERT_TRUE(reader);
  std::map<std::string, int> seen;
  uint64_t sequence = 0;
  ASSERT_TRUE(soon([&] {
    for (auto record = (*reader)->next(); record && *record; record = (*reader)->next()) {
      EXPECT_EQ((*record)->sequence, ++sequence);
      ++seen[(*record)->payload];
    }
    return sequence == 3 * kEach;
  }));
  for (std::thread& writer : writers) writer.join();
  for (const auto& [payload, times] : seen) EXPECT_EQ(times, 3) << payload;
}

TEST_P(AnyJournal, ReleasedAndOldSegmentsAreDropped) {
  reopen();
  append(1, 55);
  journal_->release(at(*journal_, 35));
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(journal_->health().first_sequence, 1U) << "released, but not old";
  release_after(25h, 35);
  // Nine are in a segment.
  ASSERT_TRUE(soon([&] { return journal_->health().first_sequence == 28; }));
  const Found left = read_all(*journal_);
  EXPECT_EQ(left.records.front().sequence, 28U);
  EXPECT_EQ(left.records.back().sequence, 55U);
  EXPECT_EQ(journal_->read({1, kRecordsStart}).code(), Code::kNotFound);
  EXPECT_TRUE(soon([&] { return !on_disk(numbered(27, 3000)); }));
  EXPECT_TRUE(on_disk(numbered(28, 3000)));

  append(56, 100);
  for (int run = 0; run < 2; ++run) {
    const Found found = read_all(*journal_);
    ASSERT_EQ(found.records.back().sequence, 100U);
    for (const Record& record : found.records) {
      ASSERT_EQ(record.payload, numbered(record.sequence, 3000));
    }
    reopen();
  }
}

// A segment that never gets full.
TEST_P(AnyJournal, ALoneRecordGoesWhenItIsOld) {
  reopen();
  auto placed = append_and_wait(*journal_, "PLAIN SECRET");
  ASSERT_TRUE(placed);
  release_after(options_.keep_for / 10, 1);
  ASSERT_TRUE(soon([&] { return journal_->health().segments == 2; }));
  EXPECT_TRUE(journal_->read(placed->position)) << "it is not old yet";
  release_after(options_.keep_for, 1);
  EXPECT_TRUE(soon([&] { return !on_disk("PLAIN SECRET"); }));
  EXPECT_EQ(journal_->read(placed->position).code(), Code::kNotFound);
  placed = append_and_wait(*journal_, "the next");
  ASSERT_TRUE(placed);
  EXPECT_EQ(placed->sequence, 2U);
  EXPECT_EQ(read_all(reopen()).payloads(), std::vector<std::string>{"the next"});
}

TEST_P(AnyJournal, ALoneRecordGoesAfterARestart) {
  reopen();
  ASSERT_TRUE(append_and_wait(*journal_, "PLAIN SECRET"));
  journal_->stop();
  clock_.advance(2 * options_.keep_for);
  reopen();
  ASSERT_TRUE(soon([&] { return journal_->health().segments == 2; }));
  EXPECT_TRUE(on_disk("PLAIN SECRET")) << "nobody has released it";
  // When the segment ended says nothing about how old its records are, now or at the next opening.
  reopen();
  journal_->release(at(*journal_, 1));
  EXPECT_TRUE(soon([&] { return !on_disk("PLAIN SECRET"); }));
}

TEST_P(AnyJournal, AnOldSegmentWithoutRecordsStays) {
  reopen();
  release_after(2 * options_.keep_for, 0);
  std::this_thread::sleep_for(20ms);
  auto placed = append_and_wait(*journal_, "one");
  ASSERT_TRUE(placed);
  EXPECT_EQ(placed->position.segment, 1U);
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(journal_->health().segments, 1U) << "what is in it is young";
}

// Earlier versions kept what they dropped as spares.
TEST_P(AnyJournal, SpareFilesThatAreFoundAreDeleted) {
  reopen();
  journal_->stop();
  ASSERT_TRUE(os::write_durably(*disk_, options_.directory + "/spare-00000000000000000003.seg",
                                std::string(options_.segment_bytes, 'P')));
  reopen();
  EXPECT_FALSE(on_disk("PPPP"));
  append(1, 100);
  EXPECT_EQ(read_all(reopen()).records.size(), 100U);
}

TEST_P(AnyJournal, AReaderKeepsItsSegment) {
  reopen();
  append(1, 35);
  auto reader = journal_->read_after(journal_->start());
  ASSERT_TRUE(reader);
  ASSERT_EQ((*reader)->next().value()->sequence, 1U);
  clock_.advance(25h);
  journal_->release(at(*journal_, 35));
  append(36, 60);
  for (uint64_t i = 2; i <= 60; ++i) {
    auto record = (*reader)->next();
    ASSERT_TRUE(record && *record) << i;
    ASSERT_EQ((*record)->payload, numbered((*record)->sequence, 3000));
  }
  reader->reset();
  journal_->release(at(*journal_, 35));
  EXPECT_TRUE(soon([&] { return journal_->health().first_sequence > 1; }));
}

TEST_P(AnyJournal, TheCapDropsReleasedSegmentsAndRefusesWhenNoneIs) {
  options_.max_total_bytes = 4 * options_.segment_bytes;
  reopen();
  uint64_t accepted = 0;
  Result<Appended> answer = Status();
  while ((answer = append_and_wait(*journal_, numbered(accepted + 1, 3000)))) ++accepted;
  EXPECT_EQ(answer.code(), Code::kUnavailable);
  EXPECT_THAT(answer.message(), HasSubstr("not processed yet"));
  EXPECT_FALSE(journal_->health().writable);
  EXPECT_GT(accepted, 20U);
  EXPECT_LE(journal_->health().bytes_on_disk, options_.max_total_bytes + options_.prepare_bytes);

  journal_->release(at(*journal_, accepted / 2));
  ASSERT_TRUE(soon([&] { return journal_->health().writable; }));
  for (uint64_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(append_and_wait(*journal_, numbered(++accepted, 3000)));
    journal_->release(at(*journal_, accepted));
    ASSERT_LE(journal_->health().bytes_on_disk, options_.max_total_bytes + options_.prepare_bytes);
  }
  EXPECT_EQ(read_all(*journal_).records.back().payload, numbered(accepted, 3000));
}

TEST_P(AnyJournal, StopsInTheMiddleOfWorkAndAnswersEverythingOnce) {
  for (int run = 0; run < 5; ++run) {
    Journal& journal = reopen();
    std::atomic<int> begun{0}, answered{0}, good{0};
    std::vector<std::thread> writers;
    const size_t before = read_all(journal).records.size();
    for (int w = 0; w < 3; ++w) {
      writers.emplace_back([&] {
        auto payload = std::make_shared<const std::string>(200, 'p');
        for (int i = 0; i < 400; ++i) {
          ++begun;
          journal.append(payload, [&](Result<Appended> result) {
            ++answered;
            if (result) ++good;
          });
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::microseconds(300 * run));
    journal.stop();
    journal.stop();
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(answered, begun);
    EXPECT_EQ(append_and_wait(journal, "late").code(), Code::kUnavailable);
    EXPECT_EQ(read_all(reopen()).records.size(), before + static_cast<size_t>(good));
  }
}

TEST_P(AnyJournal, IsOpenedByOneAtATime) {
  reopen();
  auto second = open(*disk_, options_, clock_);
  EXPECT_EQ(second.code(), Code::kConflict);
  EXPECT_THAT(second.message(), HasSubstr("in use by process"));
}

TEST_P(AnyJournal, RefusesCursorsOfOtherJournals) {
  Journal& journal = reopen();
  ASSERT_TRUE(append_and_wait(journal, "one"));
  Cursor cursor = at(journal, 1);
  EXPECT_TRUE(journal.read_after(cursor));
  EXPECT_TRUE(journal.read_after(Cursor{}));
  cursor.sequence = 2;
  EXPECT_THAT(journal.read_after(cursor).message(), HasSubstr("ahead of the journal"));
  cursor = at(journal, 1);
  ++cursor.journal_id;
  EXPECT_EQ(journal.read_after(cursor).code(), Code::kConflict);
  cursor = at(journal, 0);
  cursor.partition = 1;
  EXPECT_EQ(journal.read_after(cursor).code(), Code::kConflict);
}

TEST_P(AnyJournal, TellsWhatIsNoRecord) {
  Journal& journal = reopen();
  auto placed = append_and_wait(journal, "one");
  ASSERT_TRUE(placed);
  const uint64_t segment = placed->position.segment, offset = placed->position.offset;
  EXPECT_EQ(journal.read({segment + 1, offset}).code(), Code::kNotFound);
  EXPECT_EQ(journal.read({segment, offset + 40}).code(), Code::kCorrupt);
  EXPECT_EQ(journal.read({segment, 0}).code(), Code::kCorrupt);
  EXPECT_EQ(journal.read({segment, ~0ULL - 8}).code(), Code::kCorrupt);
  EXPECT_EQ(journal.read({segment, offset + 4}).code(), Code::kCorrupt);
}

TEST_P(AnyJournal, RefusesOptionsThatCannotWork) {
  const Options good = options_;
  options_.max_record_bytes = options_.segment_bytes;
  EXPECT_EQ(open(*disk_, options_, clock_).code(), Code::kInvalid);
  options_ = good;
  options_.max_total_bytes = options_.segment_bytes;
  EXPECT_EQ(open(*disk_, options_, clock_).code(), Code::kInvalid);
  options_ = good;
  options_.segment_bytes += 512;
  EXPECT_EQ(open(*disk_, options_, clock_).code(), Code::kInvalid);
  options_ = good;
  options_.directory = "";
  EXPECT_EQ(open(*disk_, options_, clock_).code(), Code::kInvalid);
}

TEST_P(AnyJournal, RefusesARecordThatIsTooLarge) {
  Journal& journal = reopen();
  EXPECT_EQ(append_and_wait(journal, std::string(options_.max_record_bytes + 1, 'x')).code(),
            Code::kTooLarge);
  EXPECT_TRUE(append_and_wait(journal, std::string(options_.max_record_bytes, 'x')));
  EXPECT_EQ(journal.health().refused, 1U);
}

TEST_P(AnyJournal, AFullQueueAnswersAtOnce) {
  options_.max_queued_bytes = 10'000;
  options_.max_queued_records = 4;
  Journal& journal = reopen();
  // The first answer holds the commit thread up, so that the queue fills.
  std::mutex gate;
  gate.lock();
  auto payload = std::make_shared<const std::string>(2000, 'x');
  std::atomic<int> good{0}, exhausted{0};
  const auto count = [&](Result<Appended> result) {
    if (result) ++good;
    if (result.code() == Code::kExhausted) ++exhausted;
  };
  std::atomic<bool> held{false};
  journal.append(payload, [&](Result<Appended>) {
    held = true;
    std::lock_guard wait(gate);
  });
  ASSERT_TRUE(soon([&] { return held.load(); }));
  for (int i = 0; i < 4; ++i) journal.append(payload, count);
  EXPECT_EQ(exhausted, 0);
  journal.append(payload, count);
  EXPECT_EQ(exhausted, 1);
  EXPECT_EQ(journal.health().queued_records, 4U);
  EXPECT_EQ(journal.health().queued_bytes, 8000U);
  gate.unlock();
  journal.stop();
  EXPECT_EQ(good, 4);
  EXPECT_EQ(journal.health().queued_records, 0U);
}

TEST_P(AnyJournal, AFullQueueCountsBytes) {
  options_.max_queued_bytes = 5000;
  Journal& journal = reopen();
  std::mutex gate;
  gate.lock();
  std::atomic<bool> held{false};
  journal.append(std::make_shared<const std::string>("x"), [&](Result<Appended>) {
    held = true;
    std::lock_guard wait(gate);
  });
  ASSERT_TRUE(soon([&] { return held.load(); }));
  Appender appender;
  appender.begin(journal, std::string(8000, 'x'));  // alone, whatever its size
  EXPECT_EQ(appender.answered(), 0U);
  appender.begin(journal, "y");
  EXPECT_EQ(appender.answered(), 1U);
  EXPECT_EQ(appender.take()[0].second.code(), Code::kExhausted);
  gate.unlock();
  appender.wait();
}

TEST_P(AnyJournal, AFreshIdleJournalIsSmall) {
  options_.segment_bytes = 1U << 20U;
  reopen();
  std::this_thread::sleep_for(30ms);
  EXPECT_LE(journal_->health().bytes_on_disk, kRecordsStart + options_.prepare_bytes);
}

}  // namespace
}  // namespace flawless::journal
