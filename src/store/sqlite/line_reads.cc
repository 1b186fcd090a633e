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

// Sites know the day only; the items whose newest occurrence blames the line know the moment.
std::optional<Time> first_of_items(Db& db, const ProjectScope& scope, LineId line) {
  Statement& items =
      db.cached("SELECT min(first_seen) FROM item WHERE line_id=? AND project_id=?");
  std::optional<Time> first;
  if (items.with(line, scope.project()).next()) first = items.maybe_time(0);
  items.reset();
  return first;
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

void narrow_line(Db& db, std::span<const ProjectScope> scopes, Line& line) {
  Statement& projects = db.cached("SELECT count(DISTINCT project_id) FROM site WHERE line_id=?");
  Statement& counts = db.cached(
      "SELECT sum(d.count), min(d.day), min(s.id) FROM site s JOIN site_day d ON d.site_id=s.id"
      " WHERE s.line_id=? AND s.project_id=?");
  int64_t of_others = projects.with(line.id).one_int().value_or(0);
  uint64_t count = 0;
  std::optional<Time> first_seen;
  std::optional<int64_t> first_site;
  for (const ProjectScope& scope : scopes) {
    counts.with(line.id, scope.project());
    if (!counts.next() || counts.integer(2) == 0) continue;
    --of_others;
    count += static_cast<uint64_t>(counts.integer(0));
    const Time first_day{days(counts.integer(1))};
    first_site = std::min(first_site.value_or(counts.integer(2)), counts.integer(2));
    counts.reset();
    const Time first = std::max(first_day, first_of_items(db, scope, line.id).value_or(first_day));
    first_seen = std::min(first_seen.value_or(first), first);
  }
  if (of_others <= 0 || !first_site) return;
  line.count = count;
  line.first_seen = *first_seen;
  Statement& place = db.cached("SELECT path, function, text FROM site WHERE id=?");
  if (place.with(*first_site).next()) {
    line.path = place.string(0);
    line.function = place.string(1);
    line.text = place.string(2);
  }
  place.reset();
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
