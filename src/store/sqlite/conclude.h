// Answers to decisions, as rows.
#pragma once

#include <string>
#include <vector>

#include "store/lines.h"
#include "store/sqlite/db.h"

namespace flawless::store::sqlite {

struct Concluded {
  LineId line;  // the site ended at
  // What the writer's caches have to forget.
  std::vector<int64_t> items;  // whose newest line is another now
  bool moved = false;          // the site
  ProjectId project;           // its, and
  std::string site_hash;       // its own
};

// Within the caller's transaction, as Lines::conclude() says.
Result<Concluded> conclude(Db& db, const Conclusion& conclusion, Time now);

}  // namespace flawless::store::sqlite
