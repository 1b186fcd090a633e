// For tests: a repository, a store, a journal and the service that decides about what is reported.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "blame/service.h"
#include "journal/file_journal.h"
#include "os/fake_disk.h"
#include "scm/test_repository.h"
#include "store/sqlite/sqlite_store.h"
#include "wire/record.h"

namespace flawless::blame {

inline const store::Visible kAll{.all = true, .projects = {}};

// What a client reports about one failing line.
struct TestReport {
  std::string path, text;
  uint32_t line = 0;
  std::string release;
  std::string function = "total";
  std::string environment = "production";
  uint64_t times = 1;
  std::string body = {};               // our own JSON; empty: it is gone
  ProjectId project = {};              // none: "shop"
  std::chrono::milliseconds ahead{0};  // of the clock
};

class BlameTest : public testing::Test {
 protected:
  BlameTest() : remote_(at("remote")) {
    auto git = scm::Git::prepare(posix_, {.home = at("home")});
    FLAWLESS_CHECK(git.is_ok());
    git_ = std::make_unique<scm::Git>(*git);
    auto opened = journal::open(
        disk_,
        {.directory = "/data/journal", .segment_bytes = 1 << 20, .max_record_bytes = 1 << 16},
        clock_);
    FLAWLESS_CHECK(opened.is_ok());
    journal_ = std::move(*opened);
    bodies_ = std::make_unique<body::Bodies>(*journal_, scrubber_);
    auto store = store::open_sqlite({.path = at("flawless.db")});
    FLAWLESS_CHECK(store.is_ok());
    store_ = std::move(*store);
    project_ = new_project("shop");
    options_.default_contact = "ops@shop.example";
    options_.wait_for_release = std::chrono::milliseconds(0);
    options_.retry_after = std::chrono::milliseconds(20);
    repositories_.push_back(repository("shop", at("remote")));
  }
  ~BlameTest() override { stop(); }

  [[nodiscard]] std::string at(const std::string& name) const {
    return directory_.path() + "/" + name;
  }
  ProjectId new_project(const std::string& name) {
    auto made = store_->create_project(name, clock_.now());
    FLAWLESS_CHECK(made.is_ok());
    return made->project.id;
  }
  RepositoryOptions repository(const std::string& name, const std::string& url) const {
    RepositoryOptions options;
    options.mirror.name = name;
    options.mirror.url = url;
    options.mirror.directory = at("mirrors");
    options.mirror.demand_interval = std::chrono::milliseconds(0);
    return options;
  }

  // --- the program ---

  void start() {
    auto mirrors = Mirrors::open(*git_, repositories_, clock_);
    ASSERT_TRUE(mirrors) << mirrors.message();
    mirrors_ = std::move(*mirrors);
    service_ = std::make_unique<Service>(
        options_, Service::Parts{*store_, *mirrors_, *bodies_, clock_}, [this](const Concluded& c) {
          std::lock_guard guard(mutex_);
          concluded_.push_back(c);
        });
    service_->start();
  }
  void stop() {
    if (service_) service_->stop();
    service_.reset();
    mirrors_.reset();
  }
  void restart() {
    stop();
    start();
  }
  // Until every mirror has what its remote has now.
  void fetch() {
    for (Repository* one : mirrors_->of_project("shop")) {
      const Status updated = one->mirror->update();
      ASSERT_TRUE(updated.is_ok()) << updated.message();
    }
  }
  // Until nothing waits to be decided.
  void settle() {
    for (int i = 0; i < 2000 && store_->lines().decisions_waiting().value_or(1) > 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(store_->lines().decisions_waiting().value_or(99), 0U)
        << service_->health().last_error;
  }

  // --- reports ---

  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  store::BodyRef append(const TestReport& report, const ReportId& id) {
    if (report.body.empty()) return {};
    wire::ReportRecord record;
    record.protocol = wire::Protocol::kFlawless;
    record.inflated_bytes = static_cast<uint32_t>(report.body.size());
    record.project = report.project ? report.project : project_;
    record.received_at = clock_.now();
    record.report_id = id;
    record.body = report.body;
    auto done = std::make_shared<std::promise<Result<journal::Appended>>>();
    auto future = done->get_future();
    journal_->append(std::make_shared<const std::string>(wire::encode_record(record)),
                     [done](Result<journal::Appended> one) { done->set_value(std::move(one)); });
    const journal::Position position = future.get().value().position;
    return {position.segment, position.offset, static_cast<uint32_t>(report.body.size())};
  }
  store::Applied report(const TestReport& from) {
    store::Sighting s;
    s.sequence = ++sequence_;
    s.project = from.project ? from.project : project_;
    s.report_id = ReportId::from_client("report " + std::to_string(sequence_));
    s.received_at = clock_.now() + from.ahead;
    s.environment = keep(from.environment);
    s.release = keep(from.release);
    s.title = s.grouping_canonical = keep(from.path + " " + from.function);
    s.platform = "python";
    s.grouping_algorithm = "v1";
    s.grouping_hash = hash128(s.title);
    s.grouping_reason = "test";
    s.site_path = keep(from.path);
    s.site_function = keep(from.function);
    s.site_text = keep(from.text);
    s.site_line = from.line;
    s.nobody_to_blame = from.path.empty();
    s.times = from.times;
    s.body = append(from, s.report_id);
    auto applied = store_->apply({&s, 1}, {kJournal, 1, 0, sequence_});
    EXPECT_TRUE(applied) << applied.message();
    if (service_) service_->notify_new();
    return applied ? applied->front() : store::Applied{};
  }
  // Reports, and waits for the decision.
  store::Line decided(const TestReport& from) {
    const store::Applied applied = report(from);
    settle();
    return line_of(applied.occurrence);
  }

  // --- what came of it ---

  store::Line line_of(OccurrenceId occurrence) {
    auto line = store_->lines().line_of(kAll, occurrence);
    EXPECT_TRUE(line) << line.message();
    return line.value_or({});
  }
  Verdict verdict_of(const store::Line& line) {
    auto verdict = read_verdict(line.verdict);
    EXPECT_TRUE(verdict) << verdict.message();
    return verdict.value_or({});
  }
  std::vector<store::Message> mails() {
    auto all = store_->outbox().due(clock_.now() + std::chrono::hours(24), 1000);
    EXPECT_TRUE(all) << all.message();
    return all.value_or({});
  }
  std::vector<std::string> recipients() {
    std::vector<std::string> all;
    for (const store::Message& mail : mails()) all.push_back(mail.recipient);
    return all;
  }
  void set_status(int64_t item, store::ItemStatus status) {
    auto set = store_->set_status(kAll, project_, item, status, "ada", clock_.now());
    EXPECT_TRUE(set) << set.message();
  }

  static constexpr uint64_t kJournal = 1;
  scm::TemporaryDirectory directory_;
  os::PosixDisk posix_;
  os::FakeDisk disk_;
  SystemClock clock_;
  scm::TestRepository remote_;
  std::unique_ptr<scm::Git> git_;
  triage::Scrubber scrubber_{triage::ScrubRules{}};
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<body::Bodies> bodies_;
  std::unique_ptr<store::Store> store_;
  ProjectId project_;
  uint64_t sequence_ = 0;
  std::deque<std::string> texts_;

  Options options_;
  std::vector<RepositoryOptions> repositories_;
  std::unique_ptr<Mirrors> mirrors_;
  std::unique_ptr<Service> service_;
  std::mutex mutex_;
  std::vector<Concluded> concluded_;  // under mutex_
};

}  // namespace flawless::blame
