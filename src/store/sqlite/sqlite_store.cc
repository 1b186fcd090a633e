#include "store/sqlite/sqlite_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/sqlite/admin.h"
#include "store/sqlite/item_events.h"
#include "store/sqlite/item_reads.h"
#include "store/sqlite/occurrence_reads.h"
#include "store/sqlite/quarantine.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/scope.h"
#include "store/sqlite/sqlite_accounts.h"
#include "store/sqlite/sqlite_lines.h"
#include "store/sqlite/sqlite_outbox.h"
#include "store/sqlite/writer.h"

namespace flawless::store {
namespace {

using namespace sqlite;

int64_t day_of(Time time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

std::string_view event_kind(ItemStatus status) {
  return status == ItemStatus::kActive ? "reopened" : status_name(status);
}

class SqliteStore final : public Store {
 public:
  SqliteStore(std::unique_ptr<Writer> writer, std::unique_ptr<ReaderPool> readers)
      : writer_(std::move(writer)),
        readers_(std::move(readers)),
        lines_(*writer_, *readers_),
        outbox_(*writer_, *readers_),
        accounts_(*writer_, *readers_) {}
  ~SqliteStore() override { SqliteStore::stop(); }

  Result<std::vector<Applied>> apply(std::span<const Sighting> sightings,
                                     const JournalCursor& cursor) override {
    return writer_->apply(sightings, cursor);
  }
  Result<JournalCursor> cursor(uint64_t journal_id, uint32_t partition) override {
    return writer_->cursor(journal_id, partition);
  }
  Result<JournalCursor> checkpoint(uint64_t journal_id, uint32_t partition) override {
    return writer_->checkpoint(journal_id, partition);
  }
  Result<int> count_attempt(uint64_t sequence) override;
  Status clear_attempts() override;
  Status quarantine(const Quarantined& record, const JournalCursor& cursor) override {
    return writer_->quarantine(record, cursor);
  }
  Result<std::vector<Quarantined>> quarantined(const QuarantineQuery& query) override {
    return readers_->read([&](Db& db) {
      return Result<std::vector<Quarantined>>(read_quarantine(db, query));
    });
  }
  Result<Quarantined> quarantined_report(const Visible& visible, ProjectId project,
                                         const ReportId& id) override {
    ASSIGN_OR_RETURN(ProjectScope scope, in_scope(visible, project));
    return readers_->read([&](Db& db) { return find_quarantined(db, scope, id); });
  }
  Result<Applied> apply_quarantined(const Sighting& sighting,
                                    const JournalCursor& cursor) override {
    return writer_->apply_quarantined(sighting, cursor);
  }
  Status drop_quarantined(uint64_t sequence) override {
    return writer_->transaction([&](Db& db) {
      sqlite::drop_quarantined(db, sequence);
      return Status::ok();
    });
  }
  Status add_refusals(std::span<const Refusal> refusals) override;
  Result<std::vector<Refusal>> refusals(const Visible& visible, Time since) override;

  Result<NewProject> create_project(std::string_view name, Time now) override {
    return sqlite::create_project(*writer_, name, now);
  }
  Result<std::vector<Project>> projects(const Visible& visible) override {
    return readers_->read(
        [&](Db& db) { return Result<std::vector<Project>>(read_projects(db, visible)); });
  }
  Status set_project_enabled(ProjectId project, bool enabled) override {
    return sqlite::set_project_enabled(*writer_, project, enabled);
  }
  Result<Token> create_token(ProjectId project, Scope scope, std::string_view name,
                             Time now) override {
    return sqlite::create_token(*writer_, project, scope, name, now);
  }
  Result<std::vector<Token>> tokens() override {
    return readers_->read([](Db& db) { return Result<std::vector<Token>>(read_tokens(db)); });
  }
  Status set_token_enabled(TokenId token, bool enabled) override {
    return sqlite::set_token_enabled(*writer_, token, enabled);
  }
  Result<User> create_user(std::string_view email, std::string_view name, std::string_view role,
                           std::string_view password_hash, Time now) override {
    return sqlite::create_user(*writer_, email, name, role, password_hash, now);
  }

  Result<Page<Item>> items(const Visible& visible, const ItemQuery& query, Time now) override {
    ASSIGN_OR_RETURN(ProjectScope scope, in_scope(visible, query.project));
    return readers_->read([&](Db& db) { return read_items(db, scope, query, now); });
  }
  Result<Item> item(const Visible& visible, ProjectId project, int64_t number, Time now) override {
    ASSIGN_OR_RETURN(ProjectScope scope, in_scope(visible, project));
    return readers_->read([&](Db& db) { return read_item(db, scope, number, now); });
  }
  Result<Item> item_by_id(const Visible& visible, ItemId id, Time now) override;
  Result<std::vector<Facet>> facets(const Visible& visible, ProjectId project,
                                    int64_t number) override {
    ASSIGN_OR_RETURN(ProjectScope scope, in_scope(visible, project));
    return readers_->read([&](Db& db) { return read_facets(db, scope, number); });
  }
  Result<Page<Occurrence>> occurrences(const Visible& visible,
                                       const OccurrenceQuery& query) override {
    ASSIGN_OR_RETURN(ProjectScope scope, in_scope(visible, query.project));
    return readers_->read([&](Db& db) { return read_occurrences(db, scope, query); });
  }
  Result<Occurrence> occurrence(const Visible& visible, OccurrenceId id) override;
  Result<Occurrence> occurrence_by_report(const Visible& visible, ProjectId project,
                                          const ReportId& id) override {
    ASSIGN_OR_RETURN(ProjectScope scope, in_scope(visible, project));
    return readers_->read([&](Db& db) { return read_by_report(db, scope, id); });
  }
  Result<std::vector<uint64_t>> trend(const Visible& visible, ProjectId project, int64_t number,
                                      Time from, int step_hours, int buckets) override {
    ASSIGN_OR_RETURN(ProjectScope scope, in_scope(visible, project));
    return readers_->read(
        [&](Db& db) { return read_trend(db, scope, number, from, step_hours, buckets); });
  }
  Result<std::vector<ItemEvent>> history(const Visible& visible, ProjectId project,
                                         int64_t number) override {
    ASSIGN_OR_RETURN(ProjectScope scope, in_scope(visible, project));
    return readers_->read([&](Db& db) { return read_history(db, scope, number); });
  }
  Result<Item> set_status(const Visible& visible, ProjectId project, int64_t number,
                          ItemStatus status, std::string_view by, Time now) override;
  Lines& lines() override { return lines_; }
  Outbox& outbox() override { return outbox_; }
  Accounts& accounts() override { return accounts_; }
  Result<StoreHealth> health() override;
  void stop() override {
    readers_->stop();
    writer_->stop();
  }

 private:
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<ReaderPool> readers_;
  SqliteLines lines_;
  SqliteOutbox outbox_;
  SqliteAccounts accounts_;
};

// --- digestion
// ---------------------------------------------------------------------------------------------------

Result<int> SqliteStore::count_attempt(uint64_t sequence) {
  int64_t attempts = 0;
  RETURN_IF_ERROR(writer_->transaction([&](Db& db) {
    Statement& count = db.cached(
        "INSERT INTO digest_attempt(sequence, attempts) VALUES(?,1)"
        " ON CONFLICT DO UPDATE SET attempts=attempts+1 RETURNING attempts");
    attempts = count.with(sequence).one_int().value_or(0);
    return Status::ok();
  }));
  return static_cast<int>(attempts);
}

Status SqliteStore::clear_attempts() {
  return writer_->transaction([](Db& db) {
    db.cached("DELETE FROM digest_attempt").with().run();
    return Status::ok();
  });
}

Status SqliteStore::add_refusals(std::span<const Refusal> refusals) {
  if (refusals.empty()) return Status::ok();
  return writer_->transaction([&](Db& db) {
    Statement& add = db.cached(
        "INSERT INTO refusal(day, project_id, reason, count, last_at) VALUES(?,?,?,?,?)"
        " ON CONFLICT DO UPDATE SET count=count+excluded.count,"
        " last_at=max(last_at,excluded.last_at)");
    for (const Refusal& r : refusals) {
      add.with(day_of(r.last_at), r.project, std::string_view(r.reason), r.count, r.last_at).run();
    }
    return Status::ok();
  });
}

Result<std::vector<Refusal>> SqliteStore::refusals(const Visible& visible, Time since) {
  return readers_->read([&](Db& db) {
    std::vector<Refusal> refusals;
    Statement& rows = db.cached(
        "SELECT project_id, reason, sum(count), max(last_at) FROM refusal"
        " WHERE day>=? GROUP BY project_id, reason HAVING max(last_at)>=? ORDER BY 4 DESC, 1, 2");
    for (rows.with(day_of(since), since); rows.next();) {
      ProjectId project{rows.integer(0)};
      if (!visible.includes(project)) continue;
      refusals.push_back(
          {project, rows.string(1), static_cast<uint64_t>(rows.integer(2)), rows.time(3)});
    }
    return Result<std::vector<Refusal>>(std::move(refusals));
  });
}

// --- reading and acting
// ------------------------------------------------------------------------------------------

Result<Item> SqliteStore::item_by_id(const Visible& visible, ItemId id, Time now) {
  return readers_->read([&](Db& db) -> Result<Item> {
    std::optional<ItemPlace> place = find_item(db, id);
    Result<ProjectScope> scope = in_scope(visible, place ? place->project : ProjectId{});
    if (!scope) return Status{Code::kNotFound, "no such item"};
    return read_item(db, *scope, place->number, now);
  });
}

Result<Occurrence> SqliteStore::occurrence(const Visible& visible, OccurrenceId id) {
  return readers_->read([&](Db& db) -> Result<Occurrence> {
    Result<ProjectScope> scope = in_scope(visible, find_project(db, id).value_or(ProjectId{}));
    if (!scope) return Status{Code::kNotFound, "no such occurrence"};
    return read_occurrence(db, *scope, id);
  });
}

Result<Item> SqliteStore::set_status(const Visible& visible, ProjectId project, int64_t number,
                                     ItemStatus status, std::string_view by, Time now) {
  if (status_name(status) == "unknown") return Status{Code::kInvalid, "no such status"};
  ASSIGN_OR_RETURN(ProjectScope scope, in_scope(visible, project));
  RETURN_IF_ERROR(writer_->transaction([&](Db& db) {
    Statement& find = db.cached("SELECT id, status FROM item WHERE project_id=? AND number=?");
    if (!find.with(scope.project(), number).next()) return Status{Code::kNotFound, "no such item"};
    int64_t id = find.integer(0), before = find.integer(1);
    find.reset();
    auto after = static_cast<int64_t>(status);
    if (before == after) return Status::ok();
    bool reopened = status == ItemStatus::kActive && before == int{2};
    db.cached(
          "UPDATE item SET status=?1, status_changed_at=?2,"
          " counted_since=iif(?3,?2,counted_since), count_active=iif(?3,0,count_active)"
          " WHERE id=?4")
        .with(after, now, reopened, id)
        .run();
    add_item_event(db, {id}, now, event_kind(status), by, {});
    writer_->forget_items();
    return Status::ok();
  }));
  return readers_->read([&](Db& db) { return read_item(db, scope, number, now); });
}

Result<StoreHealth> SqliteStore::health() {
  StoreHealth health;
  writer_->fill(health);
  Status status = readers_->read([&](Db& db) -> Status {
    auto count = [&](std::string_view sql) {
      return static_cast<uint64_t>(db.cached(sql).with().one_int().value_or(0));
    };
    health.projects = count("SELECT count(*) FROM project");
    health.quarantined = count("SELECT count(*) FROM quarantine");
    health.decisions_waiting = count("SELECT count(*) FROM decision");
    health.messages_queued = count("SELECT count(*) FROM outbox WHERE state IN (1,2)");
    health.messages_failed = count("SELECT count(*) FROM outbox WHERE state=4");
    return Status::ok();
  });
  if (!status.is_ok() && health.fault.empty()) health.fault = status.message();
  return health;
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(const SqliteOptions& options) {
  ASSIGN_OR_RETURN(auto writer, Writer::open(options.path, options.cache_kib));
  ASSIGN_OR_RETURN(auto readers,
                   ReaderPool::open(options.path, options.readers, options.cache_kib / 4));
  return std::unique_ptr<Store>(
      std::make_unique<SqliteStore>(std::move(writer), std::move(readers)));
}

}  // namespace flawless::store
