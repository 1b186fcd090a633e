#include "store/sqlite/item_events.h"

namespace flawless::store::sqlite {

void add_item_event(Db& db, ItemId item, Time at, std::string_view kind, std::string_view by,
                    std::string_view detail) {
  db.cached("INSERT INTO item_event(item_id, at, kind, actor, detail) VALUES(?,?,?,?,?)")
      .with(item, at, kind, by, detail)
      .run();
}

std::string last_detail(Db& db, ItemId item, std::string_view kind) {
  Statement& last = db.cached(
      "SELECT detail FROM item_event WHERE item_id=? AND kind=? ORDER BY id DESC LIMIT 1");
  std::string detail;
  if (last.with(item, kind).next()) detail = last.string(0);
  last.reset();
  return detail;
}

Result<std::vector<ItemEvent>> read_history(Db& db, const ProjectScope& scope, int64_t number) {
  Statement& find = db.cached("SELECT id FROM item WHERE project_id=? AND number=?");
  std::optional<int64_t> item = find.with(scope.project(), number).one_int();
  if (!item) return Status{Code::kNotFound, "no such item"};
  std::vector<ItemEvent> events;
  Statement& rows = db.cached(
      "SELECT at, kind, actor, detail FROM item_event WHERE item_id=? ORDER BY id DESC LIMIT 1000");
  for (rows.with(*item); rows.next();) {
    events.push_back({rows.time(0), rows.string(1), rows.string(2), rows.string(3)});
  }
  return events;
}

}  // namespace flawless::store::sqlite
