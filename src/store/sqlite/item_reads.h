// Reading items on a reader's connection.
#pragma once

#include <span>
#include <vector>

#include "store/sqlite/db.h"
#include "store/sqlite/scope.h"
#include "store/store.h"

namespace flawless::store::sqlite {

Result<Page<Item>> read_items(Db& db, const ProjectScope& scope, const ItemQuery& query, Time now);
Result<Item> read_item(Db& db, const ProjectScope& scope, int64_t number, Time now);
// The project and number of an item, before its scope is checked; nothing if there is none.
struct ItemPlace {
  ProjectId project;
  int64_t number = 0;
};
std::optional<ItemPlace> find_item(Db& db, ItemId id);

Result<std::vector<uint64_t>> read_trend(Db& db, const ProjectScope& scope, int64_t number,
                                         Time from, int step_hours, int buckets);

// The SQL that items() runs, for a test that looks at its plan.
struct ItemSql {
  std::string text;
  std::vector<int64_t> numbers;  // ?1, ?2 …
  std::string
      match;  // ?50, if text is searched for (?51: environments as JSON, ?52: the developer)
};

// Filters whose names are resolved to ids.
struct ItemFilter {
  std::vector<int64_t> environments;
  int64_t release = 0;
  std::string match;
  std::string developer;
};
enum class Driver { kOrder, kText, kEnvironment, kRelease, kDeveloper };
ItemSql item_sql(const ItemQuery& query, const ItemFilter& filter, Driver driver,
                 std::optional<std::pair<int64_t, int64_t>> after, uint32_t limit);

}  // namespace flawless::store::sqlite
