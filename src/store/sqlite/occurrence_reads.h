// Reading occurrences on a reader's connection.
#pragma once

#include <optional>
#include <vector>

#include "store/sqlite/db.h"
#include "store/sqlite/scope.h"
#include "store/store.h"

namespace flawless::store::sqlite {

Result<Page<Occurrence>> read_occurrences(Db& db, const ProjectScope& scope,
                                          const OccurrenceQuery& query);
// With its neighbours within the item.
Result<Occurrence> read_occurrence(Db& db, const ProjectScope& scope, OccurrenceId id);
Result<Occurrence> read_by_report(Db& db, const ProjectScope& scope, const ReportId& id);
Result<std::vector<Facet>> read_facets(Db& db, const ProjectScope& scope, int64_t number);
// The project of an occurrence, before its scope is checked.
std::optional<ProjectId> find_project(Db& db, OccurrenceId id);

}  // namespace flawless::store::sqlite
