// For tests of digestion: a real journal and a real store, with reports in them.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "digest/digest.h"
#include "journal/file_journal.h"
#include "os/fake_disk.h"
#include "store/sqlite/sqlite_store.h"

namespace flawless::digest {

using std::chrono::milliseconds;

inline constexpr store::Visible kAll{.all = true, .projects = {}};
inline constexpr char kMarker[] = "/data/digest.running";

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

}  // namespace flawless::digest
