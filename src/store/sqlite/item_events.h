// The history of items.
#pragma once

#include <string_view>
#include <vector>

#include "store/sqlite/db.h"
#include "store/sqlite/scope.h"
#include "store/types.h"

namespace flawless::store::sqlite {

// Within the caller's transaction.
void add_item_event(Db& db, ItemId item, Time at, std::string_view kind, std::string_view by,
                    std::string_view detail);
// What the newest event of this kind says; empty without one.
std::string last_detail(Db& db, ItemId item, std::string_view kind);

Result<std::vector<ItemEvent>> read_history(Db& db, const ProjectScope& scope, int64_t number);

}  // namespace flawless::store::sqlite
