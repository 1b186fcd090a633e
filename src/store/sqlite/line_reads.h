// Reading lines on a reader's connection (or the writer's, in its transaction).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "store/lines.h"
#include "store/sqlite/db.h"
#include "store/sqlite/scope.h"

namespace flawless::store::sqlite {

// The line that this id stands for now; none if it never was one.
LineId resolve_line(Db& db, LineId id);
Result<Line> read_line(Db& db, LineId id);
std::optional<LineId> find_line_by_key(Db& db, const LineKey& key);
std::vector<LineKey> read_line_keys(Db& db, LineId id, std::string_view kind);

// Counts, first sighting and reported place as the reports of these projects alone would have them:
// a line that several projects share tells none of them about the others.
void narrow_line(Db& db, std::span<const ProjectScope> scopes, Line& line);

Result<Line> read_line_of(Db& db, const ProjectScope& scope, OccurrenceId occurrence);
Result<std::vector<LineReport>> read_line_report(Db& db, std::span<const ProjectScope> scopes,
                                                 Time from, Time to);
Result<OccurrenceId> read_newest_at(Db& db, std::span<const ProjectScope> scopes,
                                    const SiteQuery& query, Time from, Time to);

}  // namespace flawless::store::sqlite
