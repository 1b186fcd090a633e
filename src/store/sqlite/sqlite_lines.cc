#include "store/sqlite/sqlite_lines.h"

#include "store/sqlite/decision_queue.h"
#include "store/sqlite/line_reads.h"
#include "store/sqlite/occurrence_reads.h"
#include "store/sqlite/rules.h"

namespace flawless::store::sqlite {

Result<std::optional<Decision>> SqliteLines::next_decision(std::span<const ProjectId> busy,
                                                           Time now) {
  ProjectId last = last_project_.copy();
  auto found = readers_.read([&](Db& db) -> Result<std::optional<Decision>> {
    return find_next_decision(db, last, busy, now);
  });
  if (found && found->has_value()) *last_project_.lock() = (*found)->project;
  return found;
}

Result<Line> SqliteLines::line(LineId id) {
  return readers_.read([&](Db& db) { return read_line(db, id); });
}

Result<std::optional<LineId>> SqliteLines::find_line(const LineKey& key) {
  return readers_.read(
      [&](Db& db) -> Result<std::optional<LineId>> { return find_line_by_key(db, key); });
}

Result<std::vector<LineKey>> SqliteLines::line_keys(LineId id, std::string_view kind) {
  return readers_.read([&](Db& db) -> Result<std::vector<LineKey>> {
    return read_line_keys(db, resolve_line(db, id), kind);
  });
}

Result<LineId> SqliteLines::conclude(const Conclusion& conclusion, Time now) {
  return writer_.conclude(conclusion, now);
}

Status SqliteLines::postpone(int64_t decision, Time not_before) {
  return writer_.transaction([&](Db& db) { return postpone_decision(db, decision, not_before); });
}

Status SqliteLines::decide_again(ProjectId project, Time now) {
  return writer_.transaction([&](Db& db) {
    queue_lines_again(db, project, now);
    writer_.forget_lines();
    return Status::ok();
  });
}

Result<uint64_t> SqliteLines::decisions_waiting() {
  return readers_.read([](Db& db) -> Result<uint64_t> {
    auto count = db.cached("SELECT count(*) FROM decision").with().one_int();
    return static_cast<uint64_t>(count.value_or(0));
  });
}

// --- reading
// -----------------------------------------------------------------------------------------------------

Result<Line> SqliteLines::line_of(const Visible& visible, OccurrenceId occurrence) {
  return readers_.read([&](Db& db) -> Result<Line> {
    auto scope = in_scope(visible, find_project(db, occurrence).value_or(ProjectId{}));
    if (!scope) return Status{Code::kNotFound, "no such occurrence"};
    auto line = read_line_of(db, *scope, occurrence);
    if (line && !visible.all) narrow_line(db, scopes_of(db, visible), *line);
    return line;
  });
}

Result<std::vector<LineReport>> SqliteLines::report(const Visible& visible, Time from, Time to) {
  return readers_.read([&](Db& db) {
    const auto scopes = scopes_of(db, visible);
    auto report = read_line_report(db, scopes, from, to);
    if (!report || visible.all) return report;
    for (LineReport& one : *report) narrow_line(db, scopes, one.line);
    return report;
  });
}

Result<OccurrenceId> SqliteLines::newest_at(const Visible& visible, const SiteQuery& query,
                                            Time from, Time to) {
  return readers_.read(
      [&](Db& db) { return read_newest_at(db, scopes_of(db, visible), query, from, to); });
}

// --- rules
// -------------------------------------------------------------------------------------------------------

Result<std::vector<Rule>> SqliteLines::rules(const Visible& visible) {
  return readers_.read(
      [&](Db& db) -> Result<std::vector<Rule>> { return read_rules(db, visible); });
}

Result<Rule> SqliteLines::add_rule(const Visible& visible, const Rule& rule, Time now) {
  Result<Rule> made = rule;
  RETURN_IF_ERROR(writer_.transaction([&](Db& db) {
    made = insert_rule(db, visible, rule, now);
    writer_.forget_lines();
    return made.status();
  }));
  return made;
}

Status SqliteLines::remove_rule(const Visible& visible, int64_t id) {
  return writer_.transaction([&](Db& db) {
    writer_.forget_lines();
    return delete_rule(db, visible, id);
  });
}

}  // namespace flawless::store::sqlite
