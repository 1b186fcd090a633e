#include "store/sqlite/occurrence_reads.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "store/sqlite/dictionary.h"
#include "store/sqlite/id_index.h"
#include "store/sqlite/occurrence_walk.h"
#include "store/sqlite/page_cursor.h"

namespace flawless::store::sqlite {
namespace {

constexpr uint32_t kMostRows = 200;
constexpr uint64_t kMostLookedAt = 20000;  // rows that a filter turns down, per page
constexpr uint64_t kMostBlocks = 50000;
constexpr size_t kFacetRows = 1000;
constexpr size_t kFacetValues = 20;

const Status kNoOccurrence{Code::kNotFound, "no such occurrence"};

uint64_t question_of(const OccurrenceQuery& q) {
  std::string text = fmt::format("{}|{}|", q.project.v, q.item_number.value_or(0));
  for (const std::string* part : {&q.environment, &q.release, &q.host, &q.person}) {
    text.append(*part).push_back('\0');
  }
  return hash64(text);
}

// Names of the query as ids; 0 = not asked for.
struct Filter {
  int64_t environment = 0, release = 0, host = 0;
  std::vector<int64_t> people;
  [[nodiscard]] bool any() const { return environment || release || host || !people.empty(); }
  [[nodiscard]] bool accepts(const OccurrenceMark& mark) const {
    return (!environment || mark.environment == environment) &&
           (!release || mark.release == release) && (!host || mark.host == host) &&
           (people.empty() || std::find(people.begin(), people.end(), mark.person) != people.end());
  }
};

// By external id, user name or address.
std::vector<int64_t> find_people(Db& db, ProjectId project, std::string_view text) {
  std::vector<int64_t> people;
  std::string hash = person_hash(text, {}, {});
  Statement& rows = db.cached(
      "SELECT id FROM person WHERE project_id=?1 AND hash=?2"
      " UNION SELECT id FROM person WHERE project_id=?1 AND username=?3 AND username<>''"
      " UNION SELECT id FROM person WHERE project_id=?1 AND email=?3 AND email<>'' LIMIT 100");
  for (rows.with(project, as_bytes(hash), text); rows.next();) people.push_back(rows.integer(0));
  return people;
}

// False when a name is not known.
bool resolve(Db& db, const OccurrenceQuery& q, Filter& filter) {
  auto look_up = [&](std::string_view sql, std::string_view text, int64_t& id) {
    if (text.empty()) return true;
    id = db.cached(sql).with(q.project, text).one_int().value_or(0);
    return id != 0;
  };
  if (!look_up("SELECT id FROM environment WHERE project_id=? AND name=?", q.environment,
               filter.environment) ||
      !look_up("SELECT id FROM release WHERE project_id=? AND version=?", q.release,
               filter.release) ||
      !look_up("SELECT id FROM term WHERE project_id=? AND kind=1 AND text=?", q.host,
               filter.host)) {
    return false;
  }
  if (!q.person.empty()) filter.people = find_people(db, q.project, q.person);
  return q.person.empty() || !filter.people.empty();
}

constexpr std::string_view kRowSql =
    "SELECT o.id, o.project_id, k.item_id, i.number, o.report_id, o.received_at, o.occurred_at,"
    " o.level, e.name, r.version, h.text, b.text, s.text, o.ip, p.external_id, p.username, p.email,"
    " t.path, t.function, t.text, t.line, t.line_id, o.segment, o.offset, o.body_bytes, "
    "o.protocol, "
    "o.encoding,"
    " o.flags FROM occurrence o"
    " LEFT JOIN grouping_key k ON k.id=o.key_id LEFT JOIN item i ON i.id=k.item_id"
    " LEFT JOIN environment e ON e.id=o.environment_id LEFT JOIN release r ON r.id=o.release_id"
    " LEFT JOIN term h ON h.id=o.host_id LEFT JOIN term b ON b.id=o.browser_id"
    " LEFT JOIN term s ON s.id=o.os_id LEFT JOIN person p ON p.id=o.person_id"
    " LEFT JOIN site t ON t.id=o.site_id WHERE o.id=?1 AND o.project_id=?2";

Occurrence from_row(const Statement& row) {
  Occurrence o;
  o.id = {row.integer(0)};
  o.project = {row.integer(1)};
  o.item = {row.integer(2)};
  o.item_number = row.integer(3);
  ByteSpan report = row.blob(4);
  std::copy_n(report.begin(), std::min(report.size(), o.report_id.bytes.size()),
              o.report_id.bytes.begin());
  o.received_at = row.time(5);
  o.occurred_at = row.maybe_time(6);
  o.level = static_cast<Level>(row.integer(7));
  o.environment = row.string(8);
  o.release = row.string(9);
  o.host = row.string(10);
  o.browser = row.string(11);
  o.os = row.string(12);
  o.ip = row.string(13);
  o.person_id = row.string(14);
  o.person_username = row.string(15);
  o.person_email = row.string(16);
  o.site_path = row.string(17);
  o.site_function = row.string(18);
  o.site_text = row.string(19);
  o.site_line = static_cast<uint32_t>(row.integer(20));
  o.line = {row.integer(21)};
  o.body = {static_cast<uint64_t>(row.integer(22)), static_cast<uint64_t>(row.integer(23)),
            static_cast<uint32_t>(row.integer(24))};
  o.protocol = static_cast<uint8_t>(row.integer(25));
  o.encoding = static_cast<uint8_t>(row.integer(26));
  o.flags = static_cast<uint32_t>(row.integer(27));
  return o;
}

std::optional<Occurrence> read_row(Db& db, const ProjectScope& scope, int64_t id) {
  Statement& row = db.cached(kRowSql);
  if (!row.with(id, scope.project()).next()) return std::nullopt;
  Occurrence occurrence = from_row(row);
  row.reset();
  return occurrence;
}

std::optional<int64_t> item_of(Db& db, const ProjectScope& scope, int64_t number) {
  Statement& find = db.cached("SELECT id FROM item WHERE project_id=? AND number=?");
  return find.with(scope.project(), number).one_int();
}

// Ids of the page's rows. `end` becomes where the next page starts, 0 when there is none.
std::vector<int64_t> select_page(OccurrenceWalk& walk, const Filter& filter, uint32_t limit,
                                 int64_t& end) {
  std::vector<int64_t> ids;
  uint64_t looked_at = 0;
  int64_t last = 0;
  for (end = 0;;) {
    std::vector<OccurrenceMark> marks = walk.next(filter.any());
    if (marks.empty()) return ids;
    for (const OccurrenceMark& mark : marks) {
      if (ids.size() == limit || ++looked_at > kMostLookedAt || walk.blocks() > kMostBlocks) {
        end = last;
        return ids;
      }
      last = mark.id;
      if (filter.accepts(mark)) ids.push_back(mark.id);
    }
  }
}

}  // namespace

Result<Page<Occurrence>> read_occurrences(Db& db, const ProjectScope& scope,
                                          const OccurrenceQuery& query) {
  OccurrenceQuery asked = query;
  asked.project = scope.project();
  uint64_t question = question_of(asked);
  int64_t below = 0, item = 0;
  if (!asked.cursor.empty()) {
    ASSIGN_OR_RETURN(PageCursor cursor, parse_cursor(asked.cursor, question));
    below = cursor.id;
  }
  if (asked.item_number) {
    item = item_of(db, scope, *asked.item_number).value_or(0);
    if (!item) return Status{Code::kNotFound, "no such item"};
  }
  Page<Occurrence> page;
  Filter filter;
  if (!resolve(db, asked, filter)) return page;
  OccurrenceWalk walk = OccurrenceWalk::down(db, scope, item, below);
  int64_t end = 0;
  for (int64_t id : select_page(walk, filter, std::clamp(asked.limit, 1u, kMostRows), end)) {
    if (auto row = read_row(db, scope, id)) page.rows.push_back(std::move(*row));
  }
  if (end) page.next = to_text({question, 0, end});
  return page;
}

Result<Occurrence> read_occurrence(Db& db, const ProjectScope& scope, OccurrenceId id) {
  std::optional<Occurrence> occurrence = read_row(db, scope, id.v);
  if (!occurrence) return kNoOccurrence;
  auto older = OccurrenceWalk::down(db, scope, occurrence->item.v, id.v).next(false);
  auto newer = OccurrenceWalk::up(db, scope, occurrence->item.v, id.v).next(false);
  if (!older.empty()) occurrence->previous = OccurrenceId{older.front().id};
  if (!newer.empty()) occurrence->next = OccurrenceId{newer.front().id};
  return std::move(*occurrence);
}

Result<Occurrence> read_by_report(Db& db, const ProjectScope& scope, const ReportId& id) {
  Statement& check =
      db.cached("SELECT 1 FROM occurrence WHERE id=? AND project_id=? AND report_id=?");
  for (int64_t found : find_in_runs(db, report_hash(scope.project(), id))) {
    if (check.with(found, scope.project(), ByteSpan(id.bytes)).one_int()) {
      return read_occurrence(db, scope, {found});
    }
  }
  return kNoOccurrence;
}

std::optional<ProjectId> find_project(Db& db, OccurrenceId id) {
  auto project = db.cached("SELECT project_id FROM occurrence WHERE id=?").with(id).one_int();
  if (!project) return std::nullopt;
  return ProjectId{*project};
}

Result<std::vector<Facet>> read_facets(Db& db, const ProjectScope& scope, int64_t number) {
  std::optional<int64_t> item = item_of(db, scope, number);
  if (!item) return Status{Code::kNotFound, "no such item"};
  constexpr std::string_view kTerm = "SELECT text FROM term WHERE id=?";
  struct Column {
    std::string_view kind, name_sql;
    int64_t OccurrenceMark::* value;
    std::unordered_map<int64_t, uint64_t> counts = {};
  };
  Column columns[] = {
      {"host", kTerm, &OccurrenceMark::host},
      {"browser", kTerm, &OccurrenceMark::browser},
      {"os", kTerm, &OccurrenceMark::os},
      {"release", "SELECT version FROM release WHERE id=?", &OccurrenceMark::release},
      {"environment", "SELECT name FROM environment WHERE id=?", &OccurrenceMark::environment},
      {"person",
       "SELECT iif(email<>'',email,iif(username<>'',username,external_id)) FROM person"
       " WHERE id=?",
       &OccurrenceMark::person},
      {"context", kTerm, &OccurrenceMark::context},
  };
  size_t seen = 0;
  OccurrenceWalk walk = OccurrenceWalk::down(db, scope, *item, 0);
  for (auto marks = walk.next(true); !marks.empty() && seen < kFacetRows; marks = walk.next(true)) {
    for (const OccurrenceMark& mark : marks) {
      if (seen++ == kFacetRows) break;
      for (Column& column : columns) {
        if (mark.*column.value) ++column.counts[mark.*column.value];
      }
    }
  }
  std::vector<Facet> facets;
  for (const Column& column : columns) {
    std::vector<std::pair<int64_t, uint64_t>> most(column.counts.begin(), column.counts.end());
    std::sort(most.begin(), most.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    Facet facet{std::string(column.kind), {}};
    for (size_t i = 0; i < std::min(most.size(), kFacetValues); ++i) {
      Statement& name = db.cached(column.name_sql);
      if (name.with(most[i].first).next())
        facet.values.emplace_back(name.string(0), most[i].second);
      name.reset();
    }
    if (!facet.values.empty()) facets.push_back(std::move(facet));
  }
  return facets;
}

}  // namespace flawless::store::sqlite
