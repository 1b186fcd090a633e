// Rules that people made about lines, as rows.
#pragma once

#include <vector>

#include "store/lines.h"
#include "store/sqlite/db.h"

namespace flawless::store::sqlite {

std::vector<Rule> read_rules(Db& db, const Visible& visible);
// Within the caller's transaction; the lines concerned wait for their next sighting then.
Result<Rule> insert_rule(Db& db, const Visible& visible, const Rule& rule, Time now);
Status delete_rule(Db& db, const Visible& visible, int64_t id);

}  // namespace flawless::store::sqlite
