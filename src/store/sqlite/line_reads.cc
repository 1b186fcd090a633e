#include "store/sqlite/line_reads.h"

#include <algorithm>

#include "store/sqlite/dictionary.h"

namespace flawless::store::sqlite {
namespace {

using std::chrono::days;

constexpr size_t kMostReported = 5000;

struct Days {
  int64_t from = 0, to = 0;  // to: the first one outside
};

Days days_of(Time from, Time to) {
  return {std::chrono::floor<days>(from).time_since_epoch().count(),
          std::chrono::ceil<days>(to).time_since_epoch().count()};
}

std::optional<Line> read_row(Db& db, LineId id) {
  Statement& row = db.cached(
      "SELECT l.id, l.path, l.function, l.text, l.count, l.first_seen, l.episode, l.mailed_at,"
      " l.mailed_to, l.developer, l.decided_at, l.changed_at, l.known, v.verdict, o.state,"
      " o.last_error FROM line l LEFT JOIN line_verdict v ON v.line_id=l.id"
      " LEFT JOIN outbox o ON o.id=l.mail_id AND l.mailed_at IS NOT NULL WHERE l.id=?");
  if (!row.with(id).next()) return std::nullopt;
  Line line;
  line.id = {row.integer(0)};
  line.path = row.string(1);
  line.function = row.string(2);
  line.text = row.string(3);
  line.count = static_cast<uint64_t>(row.integer(4));
  line.first_seen = row.time(5);
  line.episode = row.integer(6);
  line.mailed_at = row.maybe_time(7);
  line.mailed_to = row.string(8);
  line.developer = row.string(9);
  line.decided_at = row.maybe_time(10);
  line.changed_at = row.maybe_time(11);
  line.known = row.integer(12) != 0;
  line.verdict = row.string(13);
  if (!row.is_null(14)) line.mail_state = static_cast<MessageState>(row.integer(14));
  line.mail_error = row.string(15);
  row.reset();
  return line;
}

// Line, count and newest occurrence of each line that was seen on these days; the row that max()
// chose gives the columns that are not added up.
void read_project_report(Db& db, const ProjectScope& scope, const Days& span,
                         std::vector<LineReport>& report) {
  Statement& rows = db.cached(
      "SELECT s.line_id, sum(d.count) AS n, max(d.last_occurrence), d.last_seen, s.line"
      " FROM site_day d JOIN site s ON s.id=d.site_id"
      " WHERE d.project_id=? AND d.day>=? AND d.day<? GROUP BY s.line_id ORDER BY n DESC LIMIT ?");
  for (rows.with(scope.project(), span.from, span.to, kMostReported); rows.next();) {
    LineReport& one = report.emplace_back();
    one.line.id = {rows.integer(0)};
    one.project = scope.project();
    one.count = static_cast<uint64_t>(rows.integer(1));
    one.last_occurrence = {rows.integer(2)};
    one.last_seen = rows.time(3);
    one.line_number = static_cast<uint32_t>(rows.integer(4));
  }
}

void complete(Db& db, LineReport& one) {
  if (auto line = read_row(db, one.line.id)) one.line = std::move(*line);
  Statement& project = db.cached("SELECT name FROM project WHERE id=?");
  if (project.with(one.project).next()) one.project_name = project.string(0);
  project.reset();
  Statement& number = db.cached(
      "SELECT i.number FROM occurrence o JOIN grouping_key k ON k.id=o.key_id"
      " JOIN item i ON i.id=k.item_id WHERE o.id=?");
  one.item_number = number.with(one.last_occurrence).one_int().value_or(0);
}

}  // namespace

// Joins do not form circles: a line that was joined has no sites to join others with.
LineId resolve_line(Db& db, LineId id) {
  Statement& next = db.cached("SELECT joined_to FROM line WHERE id=?");
  for (;;) {
    std::optional<int64_t> to = next.with(id).one_int();
    if (!to) return {};
    if (*to == 0) return id;
    id = {*to};
  }
}

Result<Line> read_line(Db& db, LineId id) {
  if (auto line = read_row(db, resolve_line(db, id))) return std::move(*line);
  return Status{Code::kNotFound, "no such line"};
}

std::optional<LineId> find_line_by_key(Db& db, const LineKey& key) {
  Statement& find = db.cached("SELECT line_id FROM line_key WHERE kind=? AND key=?");
  std::optional<int64_t> id = find.with(key.kind, key.key).one_int();
  return id ? std::optional(LineId{*id}) : std::nullopt;
}

std::vector<LineKey> read_line_keys(Db& db, LineId id, std::string_view kind) {
  std::vector<LineKey> keys;
  Statement& rows =
      db.cached("SELECT kind, key FROM line_key WHERE line_id=? AND kind=? ORDER BY key");
  for (rows.with(id, kind); rows.next();) keys.push_back({rows.string(0), rows.string(1)});
  return keys;
}

Result<Line> read_line_of(Db& db, const ProjectScope& scope, OccurrenceId occurrence) {
  Statement& find = db.cached(
      "SELECT s.line_id FROM occurrence o JOIN site s ON s.id=o.site_id"
      " WHERE o.id=? AND o.project_id=?");
  std::optional<int64_t> id = find.with(occurrence, scope.project()).one_int();
  if (!id) return Status{Code::kNotFound, "no line is to blame"};
  return read_line(db, {*id});
}

Result<std::vector<LineReport>> read_line_report(Db& db, std::span<const ProjectScope> scopes,
                                                 Time from, Time to) {
  std::vector<LineReport> report;
  for (const ProjectScope& scope : scopes) {
    read_project_report(db, scope, days_of(from, to), report);
  }
  std::stable_sort(report.begin(), report.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  if (report.size() > kMostReported) report.resize(kMostReported);
  for (LineReport& one : report) complete(db, one);
  return report;
}

Result<OccurrenceId> read_newest_at(Db& db, std::span<const ProjectScope> scopes,
                                    const SiteQuery& query, Time from, Time to) {
  if (query.path.empty()) return Status{Code::kInvalid, "a file is needed"};
  Days span = days_of(from, to);
  std::string text = squeeze(cut(query.text, kCodeBytes));
  int64_t newest = 0;
  Statement& rows = db.cached(
      "SELECT d.last_occurrence, s.text FROM site s JOIN site_day d ON d.site_id=s.id"
      " WHERE s.project_id=?1 AND s.path=?2 AND d.day>=?3 AND d.day<?4"
      " AND (?5='' OR s.function=?5) AND (?6=0 OR s.line=?6)");
  for (const ProjectScope& scope : scopes) {
    rows.with(scope.project(), cut(query.path, kCodeBytes), span.from, span.to,
              cut(query.function, kTermBytes), query.line_number);
    while (rows.next()) {
      if (rows.integer(0) <= newest) continue;
      if (text.empty() || squeeze(rows.text(1)) == text) newest = rows.integer(0);
    }
  }
  if (newest == 0) return Status{Code::kNotFound, "nothing was reported from there"};
  return OccurrenceId{newest};
}

}  // namespace flawless::store::sqlite
