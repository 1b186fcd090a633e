// For tests: a real journal and store with reported errors in them, and messages in the outbox.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "body/bodies.h"
#include "event/verdict.h"
#include "journal/file_journal.h"
#include "notify/mailer.h"
#include "store/sqlite/sqlite_store.h"
#include "store/temporary_directory.h"
#include "wire/record.h"

namespace flawless::notify {

inline const std::string kKey(32, 'k');

inline constexpr std::string_view kBody =
    R"~({"platform":"python","exceptions":[{"type":"IndexError",)~"
    R"~("message":"Cannot choose from an empty sequence","frames":[{"path":"shop/banner.py",)~"
    R"~("function":"pick_banner","line":17,"code":"    return random.choice(banners)",)~"
    R"~("in_app":true,"variables":[{"name":"banners","value":[]}]}]}]})~";

class World {
  store::TemporaryDirectory directory_;  // goes last

 public:
  World() {
    open_store();
    auto project = store->create_project("shop", clock.now());
    FLAWLESS_CHECK(project.is_ok());
    project_ = project->project.id;
  }

  void open_store() {
    store.reset();
    auto opened = store::open_sqlite({.path = directory_.path() + "/flawless.db"});
    FLAWLESS_CHECK(opened.is_ok());
    store = std::move(*opened);
  }

  // A new line fails: one row of kind "line" in the outbox. Returns its key.
  std::string fail(const std::string& path, const std::string& developer = "ada@shop.example",
                   const std::string& extra = "") {
    report(path);
    auto decision = store->lines().next_decision({}, clock.now());
    FLAWLESS_CHECK(decision.is_ok() && decision->has_value());
    const store::Decision& d = **decision;
    store::Conclusion conclusion;
    conclusion.decision = &d;
    conclusion.line = d.line;
    conclusion.developer = developer;
    conclusion.verdict = write_verdict(verdict(path, developer));
    conclusion.mail = store::NewMessage{.key = "line:{line}:0",
                                        .kind = "line",
                                        .recipient = developer,
                                        .payload = payload(d, developer, extra),
                                        .item = {}};
    auto line = store->lines().conclude(conclusion, clock.now());
    FLAWLESS_CHECK(line.is_ok());
    return "line:" + std::to_string(line->v) + ":0";
  }

  store::Message row(const std::string& key) {
    auto due = store->outbox().due(clock.now() + std::chrono::hours(24 * 365), 10'000);
    FLAWLESS_CHECK(due.is_ok());
    for (store::Message& each : *due) {
      if (each.key == key) return std::move(each);
    }
    return {};
  }
  // What is said of lines cannot be read; the outbox can.
  void break_lines() { execute("ALTER TABLE line RENAME TO broken"); }
  void mend_lines() { execute("ALTER TABLE broken RENAME TO line"); }
  store::OutboxHealth outbox() { return *store->outbox().health(); }
  [[nodiscard]] ProjectId project() const { return project_; }

  ManualClock clock{from_unix_ms(1'763'800'000'000)};
  std::unique_ptr<store::Store> store;

 private:
  void execute(const char* sql) {
    sqlite3* db = nullptr;
    FLAWLESS_CHECK(sqlite3_open((directory_.path() + "/flawless.db").c_str(), &db) == SQLITE_OK);
    FLAWLESS_CHECK(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
  }

  std::unique_ptr<journal::Journal> open_journal() {
    journal::Options options;
    options.directory = directory_.path() + "/journal";
    options.segment_bytes = 1U << 20U;
    options.max_record_bytes = 256U << 10U;
    options.prepare_bytes = 64U << 10U;
    options.min_free_bytes = 0;
    auto opened = journal::open(disk_, options, journal_clock_);
    FLAWLESS_CHECK(opened.is_ok());
    return std::move(*opened);
  }

  void report(const std::string& path) {
    const ReportId id = ReportId::generate(unix_ms(clock.now()));
    const journal::Position at = append(id);
    store::Sighting s;
    s.sequence = ++sequence_;
    s.project = project_;
    s.report_id = id;
    s.received_at = clock.now();
    s.environment = "production";
    s.release = "a1b2c3d4e5";
    s.host = "web-1";
    s.title = "IndexError: Cannot choose from an empty sequence";
    s.grouping_algorithm = "v1";
    s.grouping_hash = hash128(path);
    s.grouping_canonical = path;
    s.site_path = path;
    s.site_function = "pick_banner";
    s.site_text = "    return random.choice(banners)";
    s.site_line = 17;
    s.body = {at.segment, at.offset, static_cast<uint32_t>(kBody.size())};
    auto applied = store->apply(std::vector{s}, {1, 1, 0, sequence_});
    FLAWLESS_CHECK(applied.is_ok());
  }

  journal::Position append(const ReportId& id) {
    wire::ReportRecord record;
    record.protocol = wire::Protocol::kFlawless;
    record.inflated_bytes = static_cast<uint32_t>(kBody.size());
    record.project = project_;
    record.received_at = clock.now();
    record.report_id = id;
    record.body = kBody;
    auto done = std::make_shared<std::promise<journal::Appended>>();
    journal_->append(std::make_shared<const std::string>(wire::encode_record(record)),
                     [done](auto result) { done->set_value(std::move(result).value()); });
    return done->get_future().get().position;
  }

  static Verdict verdict(const std::string& path, const std::string& developer) {
    Verdict verdict;
    verdict.repository = "shop";
    verdict.path = path;
    verdict.line = 17;
    verdict.commit = "3f2c9e1d00112233445566778899aabbccddeeff";
    verdict.summary = "pick a banner at random";
    verdict.author_name = "Ada Lovelace";
    verdict.author_email = verdict.developer = developer;
    verdict.confidence = 0.9;
    return verdict;
  }

  static std::string payload(const store::Decision& d, const std::string& developer,
                             const std::string& intended_for) {
    JsonWriter json;
    json.object().field("project", d.project.v).field("project_name", d.project_name);
    json.field("item", d.item.v).field("item_number", d.item_number);
    json.field("occurrence", d.occurrence.v).field("path", d.path);
    json.field("function", d.function).field("text", d.text).field("line_number", d.line_number);
    json.field("why", "You last changed the line that failed.").field("developer", developer);
    json.field_if("intended_for", intended_for).end();
    return json.take();
  }

  os::PosixDisk disk_;
  SystemClock journal_clock_;  // asked from its own threads
  std::unique_ptr<journal::Journal> journal_ = open_journal();
  triage::Scrubber scrubber_{triage::ScrubRules{}};
  ProjectId project_;
  uint64_t sequence_ = 0;

 public:
  body::Bodies bodies{*journal_, scrubber_};
};

}  // namespace flawless::notify
