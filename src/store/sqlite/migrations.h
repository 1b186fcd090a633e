// The schema, as numbered steps: step N brings a database of version N-1 to version N. Steps are
// never edited once released; a change is a new step at the end, and it expands first: an older
// program must be able to go on reading until the contracting step of a later release.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "store/sqlite/db.h"

namespace flawless::store::sqlite {

[[nodiscard]] std::span<const std::string_view> schema_steps();

// Runs the steps that are missing, each in a transaction of its own together with the new version
// number. kConflict: the database is newer than the steps.
Status migrate(Db& db, std::span<const std::string_view> steps);

}  // namespace flawless::store::sqlite
