#include "store/sqlite/item_reads.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "store/sqlite/page_cursor.h"
#include "store/sqlite/search_text.h"

namespace flawless::store::sqlite {
namespace {

constexpr uint32_t kMostRows = 200;
constexpr int64_t kFewItems = 3000;  // a filter that leaves fewer is where the query starts from
constexpr int64_t kTrendHours = 24;
constexpr int kMostTrendHours = 24 * 400;

int64_t hour_of(Time time) {
  return std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count();
}

std::string json_list(const std::vector<int64_t>& numbers) {
  return fmt::format("[{}]", fmt::join(numbers, ","));
}

// Everything but cursor and limit.
uint64_t question_of(const ItemQuery& q) {
  std::string text = fmt::format("{}|{}|{}|{}|", q.project.v, static_cast<int>(q.sort), q.ascending,
                                 q.seen_after ? unix_ms(*q.seen_after) : 0);
  for (Level level : q.levels) text += fmt::format("l{}", static_cast<int>(level));
  for (ItemStatus status : q.statuses) text += fmt::format("s{}", static_cast<int>(status));
  for (const std::string& name : q.environments) text.append(name).push_back('\0');
  text.append(q.release).push_back('\0');
  text.append(q.developer).push_back('\0');
  text.append(q.text);
  return hash64(text);
}

// --- filters
// -----------------------------------------------------------------------------------------------------

// False when a name is not known, so that nothing can match.
bool resolve_names(Db& db, const ItemQuery& query, ItemFilter& filter) {
  for (const std::string& name : query.environments) {
    Statement& find = db.cached("SELECT id FROM environment WHERE project_id=? AND name=?");
    if (auto id = find.with(query.project, std::string_view(name)).one_int()) {
      filter.environments.push_back(*id);
    }
  }
  if (!query.environments.empty() && filter.environments.empty()) return false;
  if (!query.release.empty()) {
    Statement& find = db.cached("SELECT id FROM release WHERE project_id=? AND version=?");
    filter.release =
        find.with(query.project, std::string_view(query.release)).one_int().value_or(0);
    if (!filter.release) return false;
  }
  filter.developer = query.developer;
  if (!query.text.empty()) {
    filter.match = match_expression(query.text);
    if (filter.match.empty()) return false;
  }
  return true;
}

// The filter that leaves the fewest items, if those are few.
Driver choose_driver(Db& db, const ItemFilter& filter) {
  Driver best = Driver::kOrder;
  int64_t least = kFewItems;
  auto consider = [&](Driver driver, Statement& counted) {
    int64_t rows = counted.one_int().value_or(kFewItems);
    if (rows < least) best = driver, least = rows;
  };
  if (!filter.match.empty()) {
    consider(Driver::kText, db.cached("SELECT count(*) FROM (SELECT rowid FROM item_search WHERE"
                                      " item_search MATCH ? LIMIT ?)")
                                .with(std::string_view(filter.match), kFewItems));
  }
  if (filter.release) {
    consider(Driver::kRelease, db.cached("SELECT count(*) FROM (SELECT 1 FROM item_release WHERE"
                                         " release_id=? LIMIT ?)")
                                   .with(filter.release, kFewItems));
  }
  if (!filter.developer.empty()) {
    consider(Driver::kDeveloper,
             db.cached("SELECT count(*) FROM (SELECT 1 FROM line l JOIN item i ON i.line_id=l.id"
                       " WHERE l.developer=? COLLATE NOCASE LIMIT ?)")
                 .with(filter.developer, kFewItems));
  }
  if (!filter.environments.empty()) {
    std::string ids = json_list(filter.environments);
    consider(Driver::kEnvironment,
             db.cached("SELECT count(*) FROM (SELECT 1 FROM item_environment WHERE environment_id"
                       " IN (SELECT value FROM json_each(?)) LIMIT ?)")
                 .with(std::string_view(ids), kFewItems));
  }
  return best;
}

// --- rows
// --------------------------------------------------------------------------------------------------------

constexpr std::string_view kItemSql =
    "SELECT i.id, i.project_id, i.number, i.title, i.platform, i.language, i.framework, i.culprit,"
    " i.level, i.status, i.status_changed_at, i.first_seen, i.last_seen, i.first_occurrence,"
    " i.last_occurrence, i.count, i.count_active, i.people, f.version, l.version, i.line_id,"
    " g.developer FROM item i"
    " LEFT JOIN release f ON f.id=i.first_release_id"
    " LEFT JOIN release l ON l.id=i.last_release_id LEFT JOIN line g ON g.id=i.line_id"
    " WHERE i.id=?";

std::optional<Item> read_row(Db& db, int64_t id) {
  Statement& row = db.cached(kItemSql);
  if (!row.with(id).next()) return std::nullopt;
  Item item;
  item.id = {row.integer(0)};
  item.project = {row.integer(1)};
  item.number = row.integer(2);
  item.title = row.string(3);
  item.platform = row.string(4);
  item.language = row.string(5);
  item.framework = row.string(6);
  item.culprit = row.string(7);
  item.level = static_cast<Level>(row.integer(8));
  item.status = static_cast<ItemStatus>(row.integer(9));
  item.status_changed_at = row.maybe_time(10);
  item.first_seen = row.time(11);
  item.last_seen = row.time(12);
  item.first_occurrence = {row.integer(13)};
  item.last_occurrence = {row.integer(14)};
  item.count = static_cast<uint64_t>(row.integer(15));
  item.count_active = static_cast<uint64_t>(row.integer(16));
  item.people = static_cast<uint64_t>(row.integer(17));
  item.first_release = row.string(18);
  item.last_release = row.string(19);
  item.line = {row.integer(20)};
  item.developer = row.string(21);
  row.reset();
  return item;
}

using ById = std::map<int64_t, Item*>;

void add_environments(Db& db, std::string_view ids, const ById& items) {
  Statement& rows = db.cached(
      "SELECT e.item_id, n.name, e.first_seen, e.last_seen, e.count FROM json_each(?) j"
      " CROSS JOIN item_environment e ON e.item_id=j.value"
      " CROSS JOIN environment n ON n.id=e.environment_id ORDER BY e.last_seen DESC, n.name");
  for (rows.with(ids); rows.next();) {
    items.at(rows.integer(0))
        ->environments.push_back(
            {rows.string(1), rows.time(2), rows.time(3), static_cast<uint64_t>(rows.integer(4))});
  }
}

// The counter leads with the hour (writes stay together), so each hour of each key is one probe.
void add_trends(Db& db, std::string_view ids, const ById& items, Time now) {
  int64_t first = hour_of(now) - kTrendHours + 1;
  for (auto& [id, item] : items) item->trend.assign(kTrendHours, 0);
  Statement& rows = db.cached(
      "WITH RECURSIVE hours(h) AS (SELECT ?2 UNION ALL SELECT h+1 FROM hours WHERE h+1<?3)"
      " SELECT k.item_id, c.hour, c.count FROM json_each(?1) j"
      " CROSS JOIN grouping_key k ON k.item_id=j.value CROSS JOIN hours"
      " CROSS JOIN counter c ON c.hour=hours.h AND c.key_id=k.id");
  for (rows.with(ids, first, first + kTrendHours); rows.next();) {
    auto hour = static_cast<size_t>(rows.integer(1) - first);
    items.at(rows.integer(0))->trend[hour] += static_cast<uint32_t>(rows.integer(2));
  }
}

void complete(Db& db, std::vector<Item>& items, Time now) {
  ById by_id;
  std::vector<int64_t> numbers;
  for (Item& item : items) {
    by_id[item.id.v] = &item;
    numbers.push_back(item.id.v);
  }
  std::string ids = json_list(numbers);
  add_environments(db, ids, by_id);
  add_trends(db, ids, by_id, now);
}

void add_keys(Db& db, Item& item) {
  Statement& rows = db.cached(
      "SELECT algorithm, hash, canonical, reason FROM grouping_key WHERE item_id=? ORDER BY id");
  for (rows.with(item.id); rows.next();) {
    item.keys.push_back({rows.string(0), to_hex(rows.blob(1)), rows.string(2), rows.string(3)});
  }
}

std::optional<int64_t> item_id(Db& db, const ProjectScope& scope, int64_t number) {
  Statement& find = db.cached("SELECT id FROM item WHERE project_id=? AND number=?");
  return find.with(scope.project(), number).one_int();
}

}  // namespace

Result<Page<Item>> read_items(Db& db, const ProjectScope& scope, const ItemQuery& query, Time now) {
  ItemQuery asked = query;
  asked.project = scope.project();
  std::optional<std::pair<int64_t, int64_t>> after;
  uint64_t question = question_of(asked);
  if (!asked.cursor.empty()) {
    ASSIGN_OR_RETURN(PageCursor cursor, parse_cursor(asked.cursor, question));
    after = {cursor.key, cursor.id};
  }
  Page<Item> page;
  ItemFilter filter;
  if (!resolve_names(db, asked, filter)) return page;
  uint32_t limit = std::clamp(asked.limit, 1u, kMostRows);
  ItemSql sql = item_sql(asked, filter, choose_driver(db, filter), after, limit + 1);

  Statement list(db, sql.text);
  std::string environments = json_list(filter.environments);
  list.begin();
  for (size_t i = 0; i < sql.numbers.size(); ++i)
    list.bind(static_cast<int>(i + 1), sql.numbers[i]);
  list.bind(50, std::string_view(sql.match));
  list.bind(51, std::string_view(environments));
  list.bind(52, filter.developer);
  std::vector<PageCursor> found;
  while (list.next()) found.push_back({question, list.integer(1), list.integer(0)});
  if (found.size() > limit) {
    found.resize(limit);
    page.next = to_text(found.back());
  }
  for (const PageCursor& row : found) {
    if (auto item = read_row(db, row.id)) page.rows.push_back(std::move(*item));
  }
  complete(db, page.rows, now);
  return page;
}

Result<Item> read_item(Db& db, const ProjectScope& scope, int64_t number, Time now) {
  std::optional<int64_t> id = item_id(db, scope, number);
  if (!id) return Status{Code::kNotFound, "no such item"};
  std::vector<Item> items;
  if (auto item = read_row(db, *id)) items.push_back(std::move(*item));
  if (items.empty()) return Status{Code::kNotFound, "no such item"};
  complete(db, items, now);
  add_keys(db, items[0]);
  return std::move(items[0]);
}

std::optional<ItemPlace> find_item(Db& db, ItemId id) {
  Statement& find = db.cached("SELECT project_id, number FROM item WHERE id=?");
  if (!find.with(id).next()) return std::nullopt;
  ItemPlace place{{find.integer(0)}, find.integer(1)};
  find.reset();
  return place;
}

Result<std::vector<uint64_t>> read_trend(Db& db, const ProjectScope& scope, int64_t number,
                                         Time from, int step_hours, int buckets) {
  if (step_hours < 1 || buckets < 1 || buckets > kMostTrendHours / step_hours) {
    return Status{Code::kInvalid, "a trend covers at least an hour and at most 400 days"};
  }
  int64_t first = hour_of(from), last = first + int64_t{step_hours} * buckets;
  std::vector<uint64_t> counts(static_cast<size_t>(buckets));
  std::optional<int64_t> id = 0;
  if (number && !(id = item_id(db, scope, number))) {
    return Status{Code::kNotFound, "no such item"};
  }
  Statement& rows =
      number ? db.cached(
                     "WITH RECURSIVE hours(h) AS (SELECT ?2 UNION ALL SELECT h+1 FROM hours"
                     " WHERE h+1<?3) SELECT c.hour, c.count FROM grouping_key k"
                     " CROSS JOIN hours CROSS JOIN counter c ON c.hour=hours.h AND"
                     " c.key_id=k.id WHERE k.item_id=?1")
                   .with(*id, first, last)
             : db.cached(
                     "SELECT hour, count FROM project_counter WHERE project_id=?1 AND hour>=?2"
                     " AND hour<?3")
                   .with(scope.project(), first, last);
  while (rows.next()) {
    auto bucket = static_cast<size_t>((rows.integer(0) - first) / step_hours);
    counts[bucket] += static_cast<uint64_t>(rows.integer(1));
  }
  return counts;
}

}  // namespace flawless::store::sqlite
