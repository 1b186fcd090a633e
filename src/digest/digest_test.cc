#include "digest/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "journal/file_journal.h"
#include "os/durable_file.h"
#include "os/fake_disk.h"
#include "store/sqlite/sqlite_store.h"

namespace flawless::digest {
namespace {

using std::chrono::milliseconds;
using store::Retried;

constexpr store::Visible kAll{.all = true, .projects = {}};
constexpr char kMarker[] = "/data/digest.running";

// Passes everything on.
class JournalInFront : public journal::Journal {
 public:
  explicit JournalInFront(Journal& inner) : inner_(inner) {}
  void append(std::shared_ptr<const std::string> payload, Done done) override {
    inner_.append(std::move(payload), std::move(done));
  }
  Result<journal::Record> read(journal::Position place) const override {
    return inner_.read(place);
  }
  Result<std::unique_ptr<Reader>> read_after(const journal::Cursor& cursor) const override {
    return inner_.read_after(cursor);
  }
  void release(const journal::Cursor& cursor) override { inner_.release(cursor); }
  journal::Cursor start() const override { return inner_.start(); }
  journal::Health health() const override { return inner_.health(); }
  void stop() override { inner_.stop(); }

 private:
  Journal& inner_;
};

// What is read on from a cursor cannot be had.
class UnreadableJournal final : public JournalInFront {
 public:
  using JournalInFront::JournalInFront;
  Result<std::unique_ptr<Reader>> read_after(const journal::Cursor&) const override {
    return Status(Code::kUnavailable, "input/output error");
  }
};

// Knows which record was read last.
class WatchedJournal final : public JournalInFront {
 public:
  using JournalInFront::JournalInFront;
  Result<std::unique_ptr<Reader>> read_after(const journal::Cursor& cursor) const override {
    ASSIGN_OR_RETURN(auto reader, JournalInFront::read_after(cursor));
    return std::unique_ptr<Reader>(std::make_unique<WatchedReader>(std::move(reader), last_read_));
  }
  [[nodiscard]] uint64_t last_read() const { return last_read_; }

 private:
  class WatchedReader final : public Reader {
   public:
    WatchedReader(std::unique_ptr<Reader> inner, std::atomic<uint64_t>& last_read)
        : inner_(std::move(inner)), last_read_(last_read) {}
    Result<std::optional<journal::Record>> next() override {
      auto record = inner_->next();
      if (record && *record) last_read_ = (*record)->sequence;
      return record;
    }

   private:
    const std::unique_ptr<Reader> inner_;
    std::atomic<uint64_t>& last_read_;
  };
  mutable std::atomic<uint64_t> last_read_{0};
};

// Whoever asks it for the time, having read that record last, is killed.
class DeadlyClock final : public Clock {
 public:
  DeadlyClock(const WatchedJournal& journal, uint64_t poison)
      : journal_(journal), poison_(poison) {}
  [[nodiscard]] Time now() const override {
    if (journal_.last_read() == poison_) ::raise(SIGKILL);
    return SystemClock().now();
  }

 private:
  const WatchedJournal& journal_;
  const uint64_t poison_;
};

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

// The system's, and later.
class ShiftedClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override {
    return SystemClock().now() + milliseconds(shift_ms_.load());
  }
  void advance(milliseconds by) { shift_ms_ += by.count(); }

 private:
  std::atomic<int64_t> shift_ms_{0};
};

// A real journal on a disk in memory, a real store in a temporary directory.
class DigestTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/flawless-digest-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
    open_journal(disk_, "/data/journal");
    open_store();
    auto made = store_->create_project("shop", clock_.now());
    ASSERT_TRUE(made.is_ok()) << made.message();
    project_ = made->project.id;
  }
  void TearDown() override {
    digest_.reset();
    journal_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  void open_journal(os::Disk& disk, const std::string& directory) {
    auto opened = journal::open(
        disk, {.directory = directory, .segment_bytes = 1 << 20, .max_record_bytes = 1 << 16},
        clock_);
    ASSERT_TRUE(opened.is_ok()) << opened.message();
    journal_ = std::move(*opened);
  }
  void open_store() {
    auto store = store::open_sqlite({.path = directory_ + "/flawless.db"});
    ASSERT_TRUE(store.is_ok()) << store.message();
    store_ = std::move(*store);
  }

  static std::string report(int number) {
    return R"x({"level":"error","environment":"production","exceptions":[{"type":"ValueError","message":"number )x" +
           std::to_string(number) +
           R"x(","frames":[{"path":"shop/cart.py","function":"total","line":3,"code":"check(n)","in_app":true}]}]})x";
  }

  std::shared_ptr<const std::string> payload(int number) { return payload_of(project_, number); }
  std::shared_ptr<const std::string> payload_of(ProjectId project, int number) {
    std::string body = report(number);
    wire::ReportRecord record;
    record.protocol = wire::Protocol::kFlawless;
    record.inflated_bytes = static_cast<uint32_t>(body.size());
    record.project = project;
    record.received_at = clock_.now();
    record.report_id = ReportId::from_client("report " + std::to_string(number));
    record.body = body;
    return std::make_shared<const std::string>(wire::encode_record(record));
  }

  journal::Appended append(const std::shared_ptr<const std::string>& bytes) {
    auto done = std::make_shared<std::promise<Result<journal::Appended>>>();
    auto future = done->get_future();
    journal_->append(bytes, [done](Result<journal::Appended> appended) {
      done->set_value(std::move(appended));
    });
    auto appended = future.get();
    EXPECT_TRUE(appended.is_ok()) << appended.message();
    return appended.value_or({});
  }
  // Waits until it is durable; hands over as intake does.
  void accept(const std::shared_ptr<const std::string>& bytes, bool hand_over = true) {
    journal::Appended appended = append(bytes);
    if (hand_over) hand_over_report(appended, *bytes);
  }
  static wire::InFlightPtr unread(const journal::Appended& place) {
    auto report = std::make_unique<wire::InFlight>();
    report->sequence = place.sequence;
    report->segment = place.position.segment;
    report->offset = place.position.offset;
    return report;
  }
  void hand_over_report(const journal::Appended& appended, const std::string& bytes) {
    wire::Buffer inflated;
    wire::Parser parser;
    auto report =
        read_record({appended.sequence, appended.position, clock_.now(), bytes}, inflated, parser);
    if (!report) {
      (void)handoff_->offer(unread(appended));
      return;
    }
    (void)handoff_->offer(std::move(*report));
  }
  void accept_many(int from, int count, bool hand_over = true) {
    for (int i = from; i < from + count; ++i) accept(payload(i), hand_over);
  }

  void make_digest(journal::Journal& journal) {
    digest_ = std::make_unique<Digest>(
        Options{.gather = milliseconds(1), .running_marker = kMarker}, journal, *store_, *handoff_,
        disk_, Rules{&scrubber_, {}}, nullptr, clock_);
  }
  void start_digest() {
    make_digest(*journal_);
    Status started = digest_->start();
    ASSERT_TRUE(started.is_ok()) << started.message();
  }
  // Until everything in the journal is stored.
  void drain() {
    uint64_t last = journal_->health().last_sequence;
    for (int i = 0; i < 5000 && digest_->stats().stored_sequence < last; ++i) {
      std::this_thread::sleep_for(milliseconds(2));
    }
    EXPECT_EQ(digest_->stats().stored_sequence, last);
  }
  void stop_digest() {
    digest_->stop();
    digest_.reset();
    handoff_ = std::make_unique<wire::HandOff>(1 << 20);
  }
  // Digests what is in the journal on the real disk, in a process of its own that is killed at
  // `poison` (0: at none). Its exit status, as of waitpid().
  int digest_in_a_child(uint64_t poison) {
    pid_t child = ::fork();
    if (child == 0) {
      os::PosixDisk disk;
      open_journal(disk, directory_ + "/journal");
      open_store();
      WatchedJournal watched(*journal_);
      DeadlyClock clock(watched, poison);
      digest_ = std::make_unique<Digest>(
          Options{.gather = milliseconds(1), .running_marker = directory_ + "/digest.running"},
          watched, *store_, *handoff_, disk, Rules{&scrubber_, {}}, nullptr, clock);
      if (!digest_->start().is_ok()) ::_exit(1);
      drain();
      digest_->stop();
      ::_exit(HasFailure() ? 1 : 0);
    }
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status;
  }
  uint64_t counted() {
    auto item = store_->item(kAll, project_, 1, clock_.now());
    return item ? item->count : 0;
  }
  uint64_t rows() { return store_->health()->occurrences; }

  std::string directory_;
  os::FakeDisk disk_;
  ShiftedClock clock_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<store::Store> store_;
  ProjectId project_;
  std::unique_ptr<wire::HandOff> handoff_ = std::make_unique<wire::HandOff>(1 << 20);
  triage::Scrubber scrubber_{{}};
  std::unique_ptr<Digest> digest_;
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

// Stopping while reports pour in: every one is stored by this run or the next.
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

TEST_F(DigestTest, AnUnreadableRecordIsPutAsideAndTheRestGoesOn) {
  start_digest();
  accept(payload(1));
  accept(std::make_shared<const std::string>("this is no report"));
  accept(payload(2));
  drain();
  EXPECT_EQ(counted(), 2u);
  auto aside = store_->quarantined();
  ASSERT_TRUE(aside.is_ok());
  ASSERT_EQ(aside->size(), 1u);
  EXPECT_EQ((*aside)[0].sequence, 2u);
  EXPECT_FALSE((*aside)[0].reason.empty());
}

// As after restoring a store that is older than the tokens: waiting would not make the project be.
TEST_F(DigestTest, AReportOfNoProjectIsPutAsideAndTheRestGoesOn) {
  for (int number : {1, 2}) accept(payload(number), /*hand_over=*/false);
  accept(payload_of({99}, 3), /*hand_over=*/false);
  accept(payload(4), /*hand_over=*/false);
  accept(std::make_shared<const std::string>("this is no report"), /*hand_over=*/false);
  start_digest();
  drain();
  EXPECT_EQ(counted(), 3u);
  EXPECT_EQ(digest_->fault(), "");
  auto aside = store_->quarantined();
  ASSERT_TRUE(aside.is_ok());
  ASSERT_EQ(aside->size(), 2u);
  EXPECT_EQ((*aside)[0].sequence, 3u);
  EXPECT_EQ((*aside)[0].project.v, 99);
  stop_digest();
  start_digest();
  EXPECT_EQ(digest_->stats().stored_sequence, 5u) << "the cursor did not move with it";
}

// The cursor must not pass a record that is neither stored nor shown.
TEST_F(DigestTest, ARecordIsPutAsideOnceTheStoreTakesIt) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open((directory_ + "/flawless.db").c_str(), &other), SQLITE_OK);
  start_digest();
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  accept(std::make_shared<const std::string>("this is no report"));
  for (int i = 0; i < 4000 && digest_->fault().empty(); ++i) {
    std::this_thread::sleep_for(milliseconds(2));
  }
  EXPECT_NE(digest_->fault(), "") << "nothing stood in the way";
  ASSERT_EQ(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  drain();
  auto aside = store_->quarantined();
  ASSERT_TRUE(aside.is_ok());
  EXPECT_EQ(aside->size(), 1u);
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

TEST_F(DigestTest, AfterAnUncleanStopReportsGoOneByOne) {
  accept_many(0, 5, /*hand_over=*/false);
  ASSERT_TRUE(os::write_durably(disk_, kMarker, "running\n").is_ok());
  start_digest();
  drain();
  EXPECT_EQ(counted(), 5u);
  EXPECT_GE(digest_->stats().batches, 5u);
}

// The record that was being tried, alone, when the process ended — twice — is not tried a third
// time.
TEST_F(DigestTest, AReportThatEndsTheProcessTwiceIsQuarantined) {
  accept_many(0, 3, /*hand_over=*/false);
  ASSERT_TRUE(os::write_durably(disk_, kMarker, "running\n").is_ok());
  ASSERT_TRUE(store_->count_attempt(2).is_ok());
  ASSERT_TRUE(store_->count_attempt(2).is_ok());
  start_digest();
  drain();
  EXPECT_EQ(counted(), 2u);
  EXPECT_EQ(digest_->stats().quarantined, 1u);
  auto aside = store_->quarantined();
  ASSERT_TRUE(aside.is_ok());
  ASSERT_EQ(aside->size(), 1u);
  EXPECT_EQ((*aside)[0].sequence, 2u);
}

// Each time in the middle of digesting it: the try is counted already, and nothing of it is stored.
TEST_F(DigestTest, AReportThatKillsTheProcessIsCountedBeforeItIsTried) {
  os::PosixDisk disk;
  journal_.reset();
  open_journal(disk, directory_ + "/journal");
  accept_many(0, 3, /*hand_over=*/false);
  ASSERT_TRUE(os::write_durably(disk, directory_ + "/digest.running", "running\n").is_ok());
  // What they keep open and their threads must not come with a fork.
  journal_.reset();
  store_.reset();

  for (int start : {1, 2}) {
    int status = digest_in_a_child(2);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "start " << start;
    open_store();
    EXPECT_EQ(counted(), 1u);
    EXPECT_EQ(store_->quarantined()->size(), 0u);
    store_.reset();
  }
  EXPECT_EQ(digest_in_a_child(0), 0);
  open_store();
  EXPECT_EQ(counted(), 2u);
  auto aside = store_->quarantined();
  ASSERT_TRUE(aside.is_ok());
  ASSERT_EQ(aside->size(), 1u);
  EXPECT_EQ((*aside)[0].sequence, 2u);
}

// --- trying again ---

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

TEST_F(DigestTest, ACleanStopForgetsAttempts) {
  start_digest();
  accept_many(0, 1);
  drain();
  stop_digest();
  EXPECT_EQ(os::read_file(disk_, kMarker).code(), Code::kNotFound);
}

}  // namespace
}  // namespace flawless::digest
