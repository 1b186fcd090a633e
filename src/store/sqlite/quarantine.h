// The rows of records that were put aside.
#pragma once

#include <vector>

#include "store/sqlite/db.h"
#include "store/sqlite/scope.h"
#include "store/store.h"

namespace flawless::store::sqlite {

[[nodiscard]] std::vector<Quarantined> read_quarantine(Db& db, const QuarantineQuery& query);
[[nodiscard]] Result<Quarantined> find_quarantined(Db& db, const ProjectScope& scope,
                                                   const ReportId& id);
// Inside the caller's transaction.
void drop_quarantined(Db& db, uint64_t sequence);
// … in which the report was stored: it may have come before those that its item has already.
void note_when_it_came(Db& db, const Sighting& sighting, const Applied& applied);

}  // namespace flawless::store::sqlite
