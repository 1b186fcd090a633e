// A journal on a disk that fails in every way the fake one knows, against a model of what was
// answered.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <thread>

#include "journal/segment.h"
#include "journal/test_support.h"
#include "os/fake_disk.h"

namespace flawless::journal {
namespace {

using Loss = os::FakeDisk::Loss;

// What a client may rely on after everything that happened so far.
struct Model {
  std::map<uint64_t, std::pair<std::string, Position>> acknowledged;  // by sequence
  std::set<std::string> refused;                                      // must never be found
  std::set<uint64_t> damaged;  // sequences that were acknowledged, and lost by the disk
};

class CrashRun {
 public:
  explicit CrashRun(uint64_t seed) : random_(seed), disk_(seed * 7919) {
    options_.max_total_bytes = 1U << 30U;
    options_.keep_for = std::chrono::hours(1);
  }

  void round(int number) {
    disk_.set_short_writes(below(2) == 0);
    auto journal = open(disk_, options_, clock_);
    ASSERT_TRUE(journal) << journal.message();
    ASSERT_NO_FATAL_FAILURE(verify(**journal));
    work(**journal);
    end(*journal, number);
  }

  // A bit of a record or of its segment's header, but not of what is needed to tell where something
  // intact begins and ends: a segment's first record and the very last one.
  void flip_a_bit() {
    if (model_.acknowledged.empty()) return;
    auto chosen = model_.acknowledged.begin();
    std::advance(chosen, below(model_.acknowledged.size()));
    const auto& [payload, place] = chosen->second;
    if (place.offset == kRecordsStart || chosen == std::prev(model_.acknowledged.end())) return;
    auto file = disk_.open(options_.directory + "/" + segment_name("journal", place.segment),
                           os::OpenMode::kWrite);
    if (!file) return;
    const bool of_header = below(4) == 0;
    const uint64_t at =
        of_header ? below(52) : place.offset + below(kRecordHeaderBytes + payload.size());
    uint8_t byte = 0;
    ASSERT_TRUE((*file)->read_at(at, {&byte, 1}));
    byte = static_cast<uint8_t>(byte ^ 1U << below(8));
    ASSERT_TRUE((*file)->write_at(at, {&byte, 1}) && (*file)->sync_data());
    if (of_header) return;
    model_.damaged.insert(chosen->first);
    model_.acknowledged.erase(chosen);
  }

  // Any block of a segment but the first two, until it is written again; one of each segment.
  void break_a_block() {
    if (model_.acknowledged.empty()) return;
    auto chosen = model_.acknowledged.begin();
    std::advance(chosen, below(model_.acknowledged.size()));
    const uint64_t segment = chosen->second.second.segment;
    const std::string path = options_.directory + "/" + segment_name("journal", segment);
    if (!disk_.open(path, os::OpenMode::kRead) || !broken_.insert(segment).second) return;
    constexpr uint64_t kBlock = os::File::kBlockBytes;
    const uint64_t from = (2 + below(options_.segment_bytes / kBlock - 2)) * kBlock;
    disk_.fail_reads(path, from, from + kBlock, 0, std::numeric_limits<uint64_t>::max());
    std::erase_if(model_.acknowledged, [&](const auto& record) {
      const auto& [payload, place] = record.second;
      const bool is_lost = place.segment == segment && place.offset < from + kBlock &&
                           place.offset + kRecordHeaderBytes + payload.size() > from;
      if (is_lost) model_.damaged.insert(record.first);
      return is_lost;
    });
  }

 private:
  uint64_t below(uint64_t bound) { return random_() % bound; }

  void inject_fault() {
    switch (below(5)) {
      case 0:
        return disk_.fail_syncs(below(12), 1 + below(3));
      case 1:
        return disk_.fail_writes(below(30), 1 + below(2));
      case 2:
        return disk_.fail_directory_syncs(below(3), 1);
      case 3:
        return disk_.set_capacity(below(512U << 10U));
      default:
        return;
    }
  }

  void heal() {
    disk_.fail_syncs(0, 0);
    disk_.fail_writes(0, 0);
    disk_.fail_directory_syncs(0, 0);
    disk_.set_capacity(1ULL << 40U);
  }

  void work(Journal& journal) {
    inject_fault();
    if (below(2) == 0) release_some(journal);
    const uint64_t appends = 20 + below(120);
    for (uint64_t i = 0; i < appends; ++i) {
      appender_.begin(journal, numbered(next_payload_++, below(8) == 0 ? 6000 : below(700)));
      if (below(10) == 0) appender_.wait();
      if (below(40) == 0) heal();
      // Segments end, and those that are released go.
      if (below(20) == 0) clock_.advance(options_.keep_for / (1 + below(20)));
    }
  }

  void release_some(Journal& journal) {
    Cursor cursor = journal.start();
    cursor.sequence = below(journal.health().last_sequence + 1);
    released_ = std::max(released_, cursor.sequence);
    journal.release(cursor);
  }

  void end(std::unique_ptr<Journal>& journal, int number) {
    const bool power = number % 3 != 2;
    // Refused without a cut: a power cut may bring these back (FORMAT.md, "Order of operations",
    // 3).
    std::vector<std::pair<std::string, Result<Appended>>> answers;
    if (power) {
      appender_.wait();
      heal();
      wait_until_writable(*journal);
    }
    answers = appender_.take();
    if (power) {
      disk_.power_off(static_cast<Loss>(below(3)));
    } else {
      disk_.kill_process();
    }
    journal->stop();
    journal.reset();
    disk_.power_on();
    heal();
    settle(answers, true);
    // Answers that came when the process was as good as dead reached nobody, unless they were good.
    settle(appender_.take(), false);
  }

  static void wait_until_writable(Journal& journal) {
    while (!journal.health().writable) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  void settle(const std::vector<std::pair<std::string, Result<Appended>>>& answers, bool alive) {
    for (const auto& [payload, answer] : answers) {
      if (answer) {
        EXPECT_TRUE(
            model_.acknowledged.try_emplace(answer->sequence, payload, answer->position).second)
            << "sequence " << answer->sequence << " was given out twice";
        EXPECT_FALSE(model_.damaged.contains(answer->sequence)) << answer->sequence;
      } else if (alive) {
        EXPECT_EQ(answer.code(), Code::kUnavailable);
        model_.refused.insert(payload);
      }
    }
  }

  void verify(const Journal& journal) {
    const Found found = read_all(journal);
    std::set<std::string> seen;
    uint64_t sequence = journal.health().first_sequence - 1;
    ASSERT_LE(sequence, released_) << "dropped before it was released";
    for (const Record& record : found.records) {
      // A power cut leaves any part of a batch that nobody was told about.
      while (++sequence < record.sequence) {
        ASSERT_FALSE(model_.acknowledged.contains(sequence)) << sequence;
      }
      ASSERT_EQ(record.sequence, sequence);
      ASSERT_FALSE(model_.damaged.contains(sequence)) << sequence;
      ASSERT_TRUE(seen.insert(record.payload).second) << "twice: " << record.payload.substr(0, 20);
      ASSERT_FALSE(model_.refused.contains(record.payload)) << record.payload.substr(0, 20);
      auto answered = model_.acknowledged.find(sequence);
      if (answered == model_.acknowledged.end()) continue;
      ASSERT_EQ(record.payload, answered->second.first);
      ASSERT_EQ(record.position, answered->second.second);
      auto read = journal.read(record.position);
      ASSERT_TRUE(read) << read.message();
      ASSERT_EQ(read->payload, record.payload);
    }
    if (!model_.acknowledged.empty()) {
      ASSERT_GE(sequence, model_.acknowledged.rbegin()->first);
    }
    // What was found once stays: later rounds must find it again.
    for (const Record& record : found.records) {
      model_.acknowledged.try_emplace(record.sequence, record.payload, record.position);
    }
  }

  std::mt19937_64 random_;
  os::FakeDisk disk_;
  Options options_ = small_options();
  SharedClock clock_;
  Model model_;
  std::set<uint64_t> broken_;  // segments
  uint64_t released_ = 0;
  uint64_t next_payload_ = 1;
  Appender appender_;
};

class Crash : public testing::TestWithParam<uint64_t> {};

TEST_P(Crash, KeepsWhatWasAcknowledgedAndNothingThatWasRefused) {
  CrashRun run(GetParam());
  for (int i = 0; i < 20; ++i) ASSERT_NO_FATAL_FAILURE(run.round(i)) << "round " << i;
}

TEST_P(Crash, AndFlippedBitsCostTheirRecordsOnly) {
  CrashRun run(GetParam());
  for (int i = 0; i < 10; ++i) {
    ASSERT_NO_FATAL_FAILURE(run.round(i)) << "round " << i;
    for (int bits = 0; bits < 3; ++bits) ASSERT_NO_FATAL_FAILURE(run.flip_a_bit());
  }
}

TEST_P(Crash, LosesOnlyWhatTheDiskCannotRead) {
  CrashRun run(GetParam());
  for (int i = 0; i < 10; ++i) {
    ASSERT_NO_FATAL_FAILURE(run.round(i)) << "round " << i;
    run.break_a_block();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Crash, testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace flawless::journal
