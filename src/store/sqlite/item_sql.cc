// The statement behind a list of items. A list without filters walks an index in its order; when a
// filter leaves few items (the caller counts), those are taken first and sorted.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "store/sqlite/item_reads.h"

namespace flawless::store::sqlite {
namespace {

std::string_view sort_column(ItemSort sort) {
  switch (sort) {
    case ItemSort::kFirstSeen:
      return "first_seen";
    case ItemSort::kCount:
      return "count";
    case ItemSort::kPeople:
      return "people";
    case ItemSort::kLevel:
      return "level";
    case ItemSort::kLastSeen:
      break;
  }
  return "last_seen";
}

template <typename T>
std::vector<int> numbers_of(const std::vector<T>& values) {
  std::vector<int> numbers;
  for (T value : values) numbers.push_back(static_cast<int>(value));
  return numbers;
}

std::string_view driver_sql(Driver driver) {
  switch (driver) {
    case Driver::kText:
      return " AND id IN (SELECT rowid FROM item_search WHERE item_search MATCH ?50)";
    case Driver::kEnvironment:
      return " AND id IN (SELECT item_id FROM item_environment WHERE environment_id IN"
             " (SELECT value FROM json_each(?51)))";
    case Driver::kRelease:
      return " AND id IN (SELECT item_id FROM item_release WHERE release_id=?4)";
    case Driver::kDeveloper:
      return " AND id IN (SELECT i.id FROM line l JOIN item i ON i.line_id=l.id"
             " WHERE l.developer=?52 COLLATE NOCASE)";
    case Driver::kOrder:
      break;
  }
  return "";
}

// Filters other than the driver's, asked of each row that the driver brings.
std::string row_filters(const ItemQuery& query, const ItemFilter& filter, Driver driver) {
  std::string sql;
  if (!query.levels.empty()) {
    sql += fmt::format(" AND level IN ({})", fmt::join(numbers_of(query.levels), ","));
  }
  if (query.seen_after) sql += " AND last_seen>?5";
  if (!filter.match.empty() && driver != Driver::kText) {
    sql += " AND EXISTS(SELECT 1 FROM item_search WHERE rowid=item.id AND item_search MATCH ?50)";
  }
  if (!filter.environments.empty() && driver != Driver::kEnvironment) {
    sql +=
        " AND EXISTS(SELECT 1 FROM item_environment e WHERE e.item_id=item.id AND"
        " e.environment_id IN (SELECT value FROM json_each(?51)))";
  }
  if (filter.release && driver != Driver::kRelease) {
    sql += " AND EXISTS(SELECT 1 FROM item_release r WHERE r.release_id=?4 AND r.item_id=item.id)";
  }
  if (!filter.developer.empty() && driver != Driver::kDeveloper) {
    sql +=
        " AND EXISTS(SELECT 1 FROM line l WHERE l.id=item.line_id AND"
        " l.developer=?52 COLLATE NOCASE)";
  }
  return sql;
}

std::vector<int> statuses_of(const ItemQuery& query) {
  std::vector<int> statuses = numbers_of(query.statuses);
  if (statuses.empty()) statuses = {1, 2, 3, 4};
  std::sort(statuses.begin(), statuses.end());
  statuses.erase(std::unique(statuses.begin(), statuses.end()), statuses.end());
  return statuses;
}

}  // namespace

// One ordered walk per status, merged: `status IN (…)` would keep SQLite from using the order of
// the index.
ItemSql item_sql(const ItemQuery& query, const ItemFilter& filter, Driver driver,
                 std::optional<std::pair<int64_t, int64_t>> after, uint32_t limit) {
  ItemSql sql;
  sql.match = filter.match;
  sql.numbers = {query.project.v,
                 after ? after->first : 0,
                 after ? after->second : 0,
                 filter.release,
                 query.seen_after ? unix_ms(*query.seen_after) : 0,
                 limit};
  std::string_view column = sort_column(query.sort);
  std::string_view direction = query.ascending ? "ASC" : "DESC";
  std::string from = driver == Driver::kOrder ? fmt::format("item INDEXED BY item_{}", column)
                                              : std::string("item");
  // The unary plus keeps the other drivers off the order's index.
  std::string_view plus = driver == Driver::kOrder ? "" : "+";
  std::string filters = std::string(driver_sql(driver)) + row_filters(query, filter, driver);
  if (after) {
    filters +=
        fmt::format(" AND ({}{},{}id){}(?2,?3)", plus, column, plus, query.ascending ? ">" : "<");
  }
  std::string parts;
  for (int status : statuses_of(query)) {
    if (!parts.empty()) parts += " UNION ALL ";
    parts += fmt::format(
        "SELECT * FROM (SELECT id, {0} AS k FROM {1} WHERE {2}project_id=?1 AND"
        " {2}status={3}{4} ORDER BY {0} {5}, id {5} LIMIT ?6)",
        column, from, plus, status, filters, direction);
  }
  sql.text =
      fmt::format("SELECT id, k FROM ({0}) ORDER BY k {1}, id {1} LIMIT ?6", parts, direction);
  return sql;
}

}  // namespace flawless::store::sqlite
