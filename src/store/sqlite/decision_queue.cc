#include "store/sqlite/decision_queue.h"

#include <fmt/format.h>

#include <algorithm>

namespace flawless::store::sqlite {
namespace {

// Nothing is postponed for an hour: what seems to be was, before the clock was set back.
constexpr std::string_view kDecisionSql =
    "SELECT d.id, d.queued_at, d.attempts, d.project_id, p.name, d.site_id, s.line_id, k.item_id,"
    " i.number, i.status, d.occurrence_id, o.report_id, o.segment, o.offset, o.body_bytes,"
    " o.level, e.name, r.version, s.path, s.function, s.text, s.line, d.error_threshold,"
    " d.new_site, d.counted, d.reopened, d.new_environment,"
    " EXISTS(SELECT 1 FROM item_environment ie JOIN environment n ON n.id=ie.environment_id"
    " WHERE ie.item_id=k.item_id AND n.notify<>0)"
    " FROM decision d JOIN site s ON s.id=d.site_id LEFT JOIN project p ON p.id=d.project_id"
    " LEFT JOIN occurrence o ON o.id=d.occurrence_id LEFT JOIN grouping_key k ON k.id=o.key_id"
    " LEFT JOIN item i ON i.id=k.item_id LEFT JOIN environment e ON e.id=o.environment_id"
    " LEFT JOIN release r ON r.id=s.release_id"
    " WHERE d.project_id=?1 AND (d.not_before<=?2 OR d.not_before>?2+3600000) ORDER BY d.id LIMIT "
    "1";

DecisionReason strongest(const std::array<int64_t, 4>& wakes) {
  for (auto reason :
       {DecisionReason::kReopened, DecisionReason::kNewSite, DecisionReason::kNewEnvironment}) {
    if (wakes[static_cast<size_t>(reason) - 1] > 0) return reason;
  }
  return DecisionReason::kCount;
}

void read_sighting(const Statement& row, Decision& d) {
  d.item = {row.integer(7)};
  d.item_number = row.integer(8);
  if (!row.is_null(9)) d.item_status = static_cast<ItemStatus>(row.integer(9));
  d.occurrence = {row.integer(10)};
  ByteSpan report = row.blob(11);
  std::copy_n(report.begin(), std::min(report.size(), d.report_id.bytes.size()),
              d.report_id.bytes.begin());
  d.body = {static_cast<uint64_t>(row.integer(12)), static_cast<uint64_t>(row.integer(13)),
            static_cast<uint32_t>(row.integer(14))};
  if (!row.is_null(15)) d.level = static_cast<Level>(row.integer(15));
  d.environment = row.string(16);
}

Decision read_decision(const Statement& row) {
  Decision d;
  d.id = row.integer(0);
  d.queued_at = row.time(1);
  d.attempts = static_cast<int>(row.integer(2));
  d.project = {row.integer(3)};
  d.project_name = row.string(4);
  d.site = {row.integer(5)};
  d.line = {row.integer(6)};
  read_sighting(row, d);
  d.release = row.string(17);
  d.path = row.string(18);
  d.function = row.string(19);
  d.text = row.string(20);
  d.line_number = static_cast<uint32_t>(row.integer(21));
  d.error_threshold = row.integer(22);
  for (int i = 0; i < 4; ++i) d.wakes[static_cast<size_t>(i)] = row.integer(23 + i);
  d.reason = strongest(d.wakes);
  d.environment_notifies = row.integer(27) != 0;
  return d;
}

}  // namespace

void queue_decision(Db& db, const Wake& wake) {
  db.cached(
        "INSERT INTO decision(project_id, site_id, queued_at, occurrence_id, error_threshold,"
        " new_site, counted, reopened, new_environment) VALUES(?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT(site_id) DO UPDATE SET occurrence_id=excluded.occurrence_id,"
        " error_threshold=iif(excluded.error_threshold<>0,excluded.error_threshold,error_threshold)"
        ", new_site=new_site+excluded.new_site, counted=counted+excluded.counted,"
        " reopened=reopened+excluded.reopened,"
        " new_environment=new_environment+excluded.new_environment")
      .with(wake.project, wake.site, wake.at, wake.occurrence, wake.error_threshold, wake.new_site,
            wake.counted, wake.reopened, wake.new_environment)
      .run();
}

// Of each line without a developer the site with its newest occurrence; what the max() came from
// gives the other columns.
void queue_lines_again(Db& db, ProjectId project, Time now) {
  db.cached(
        "INSERT INTO decision(project_id, site_id, queued_at, occurrence_id, new_site)"
        " SELECT project_id, site_id, ?2, newest, 1 FROM (SELECT s.project_id, s.id AS site_id,"
        " max(d.last_occurrence) AS newest FROM line l CROSS JOIN site s ON s.line_id=l.id"
        " CROSS JOIN site_day d ON d.site_id=s.id WHERE l.developer='' COLLATE NOCASE"
        " AND (?1=0 OR s.project_id=?1) GROUP BY l.id, s.project_id) WHERE true"
        " ON CONFLICT(site_id) DO UPDATE SET not_before=0, new_site=new_site+1")
      .with(project, now)
      .run();
  db.cached(
        "UPDATE line SET decide_at_count=1 WHERE developer<>'' AND mailed_at IS NULL AND (?1=0 OR"
        " id IN (SELECT line_id FROM site WHERE project_id=?1))")
      .with(project)
      .run();
}

Status postpone_decision(Db& db, int64_t id, Time not_before) {
  db.cached("UPDATE decision SET attempts=attempts+1, not_before=? WHERE id=?")
      .with(not_before, id)
      .run();
  if (db.failed() || db.changes() > 0) return Status::ok();
  return {Code::kNotFound, fmt::format("decision {} is concluded", id)};
}

void close_decision(Db& db, const Decision& d) {
  db.cached(
        "UPDATE decision SET new_site=new_site-?, counted=counted-?, reopened=reopened-?,"
        " new_environment=new_environment-?, attempts=0, not_before=0 WHERE id=?")
      .with(d.wakes[0], d.wakes[1], d.wakes[2], d.wakes[3], d.id)
      .run();
  db.cached("DELETE FROM decision WHERE id=? AND new_site+counted+reopened+new_environment<=0")
      .with(d.id)
      .run();
}

std::optional<Decision> find_next_decision(Db& db, ProjectId last, std::span<const ProjectId> busy,
                                           Time now) {
  Statement& projects = db.cached("SELECT min(project_id) FROM decision WHERE project_id>?");
  Statement& first = db.cached(kDecisionSql);
  bool around = false;
  for (int64_t at = last.v;;) {
    std::optional<int64_t> project = projects.with(at).one_int();
    if (db.failed()) return std::nullopt;
    if (project.value_or(0) == 0) {  // min() of no rows is null
      if (around) return std::nullopt;
      around = true;
      at = 0;
      continue;
    }
    at = *project;
    if (around && at > last.v) return std::nullopt;
    if (std::find(busy.begin(), busy.end(), ProjectId{at}) != busy.end()) continue;
    if (!first.with(at, now).next()) continue;
    Decision decision = read_decision(first);
    first.reset();
    return decision;
  }
}

}  // namespace flawless::store::sqlite
