// Walks the occurrences of a project or of an item in order of id. The index behind it leads with
// the block of 4,096 ids that a row lies in, so that the rows of a batch are neighbours in it too;
// a walk goes block by block.
#pragma once

#include <cstdint>
#include <vector>

#include "store/sqlite/db.h"
#include "store/sqlite/scope.h"

namespace flawless::store::sqlite {

struct OccurrenceMark {
  int64_t id = 0, key = 0, environment = 0, release = 0, host = 0, browser = 0, os = 0, context = 0,
          person = 0;
};

class OccurrenceWalk {
 public:
  // Newest first, ids below `below` (0: from the newest). `item_id` 0: of the whole project.
  static OccurrenceWalk down(Db& db, const ProjectScope& scope, int64_t item_id, int64_t below);
  // Oldest first, ids above `above`.
  static OccurrenceWalk up(Db& db, const ProjectScope& scope, int64_t item_id, int64_t above);

  // The next few, in order; empty at the end. With `marks` the columns are filled in, else only the
  // id is.
  std::vector<OccurrenceMark> next(bool marks);
  [[nodiscard]] uint64_t blocks() const { return blocks_; }  // looked at so far

 private:
  OccurrenceWalk(Db& db, const ProjectScope& scope, int64_t item_id);
  void read_block(int64_t key, bool marks, std::vector<OccurrenceMark>& found);

  Db& db_;
  ProjectId project_;
  std::vector<int64_t> keys_;  // empty: any
  bool nothing_ = false;
  int64_t lowest_ = 1, highest_ = 0;  // what is left, both included
  bool down_ = true;
  uint64_t blocks_ = 0;
};

}  // namespace flawless::store::sqlite
