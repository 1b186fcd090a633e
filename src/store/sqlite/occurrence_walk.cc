#include "store/sqlite/occurrence_walk.h"

#include <algorithm>

namespace flawless::store::sqlite {
namespace {

constexpr int kBlockBits = 12;

int64_t block_of(int64_t id) { return id >> kBlockBits; }

}  // namespace

OccurrenceWalk::OccurrenceWalk(Db& db, const ProjectScope& scope, int64_t item_id)
    : db_(db), project_(scope.project()) {
  lowest_ = db.cached("SELECT id FROM occurrence ORDER BY id LIMIT 1").with().one_int().value_or(1);
  highest_ =
      db.cached("SELECT id FROM occurrence ORDER BY id DESC LIMIT 1").with().one_int().value_or(0);
  if (!item_id) return;
  Statement& keys = db.cached("SELECT id FROM grouping_key WHERE item_id=?");
  for (keys.with(item_id); keys.next();) keys_.push_back(keys.integer(0));
  Statement& ends = db.cached("SELECT first_occurrence, last_occurrence FROM item WHERE id=?");
  if (ends.with(item_id).next()) {
    lowest_ = std::max(lowest_, ends.integer(0));
    highest_ = std::min(highest_, ends.integer(1));
    ends.reset();
  }
  nothing_ = keys_.empty();
}

OccurrenceWalk OccurrenceWalk::down(Db& db, const ProjectScope& scope, int64_t item_id,
                                    int64_t below) {
  OccurrenceWalk walk(db, scope, item_id);
  if (below) walk.highest_ = std::min(walk.highest_, below - 1);
  return walk;
}

OccurrenceWalk OccurrenceWalk::up(Db& db, const ProjectScope& scope, int64_t item_id,
                                  int64_t above) {
  OccurrenceWalk walk(db, scope, item_id);
  walk.lowest_ = std::max(walk.lowest_, above + 1);
  walk.down_ = false;
  return walk;
}

std::vector<OccurrenceMark> OccurrenceWalk::next(bool marks) {
  std::vector<OccurrenceMark> found;
  while (found.empty() && lowest_ <= highest_ && !nothing_ && !db_.failed()) {
    ++blocks_;
    if (keys_.empty()) read_block(0, marks, found);
    for (int64_t key : keys_) read_block(key, marks, found);
    if (down_) {
      highest_ = (block_of(highest_) << kBlockBits) - 1;
    } else {
      lowest_ = (block_of(lowest_) + 1) << kBlockBits;
    }
  }
  std::sort(found.begin(), found.end(),
            [this](const auto& a, const auto& b) { return down_ ? a.id > b.id : a.id < b.id; });
  return found;
}

void OccurrenceWalk::read_block(int64_t key, bool marks, std::vector<OccurrenceMark>& found) {
  constexpr std::string_view kIds = "SELECT id FROM occurrence INDEXED BY occurrence_place ";
  constexpr std::string_view kMarks =
      "SELECT id, key_id, environment_id, release_id, host_id, browser_id, os_id, context_id,"
      " person_id FROM occurrence INDEXED BY occurrence_place ";
  constexpr std::string_view kOfProject =
      "WHERE id >> 12 = ?1 AND project_id=?2 AND ?3=0 AND id BETWEEN ?4 AND ?5";
  constexpr std::string_view kOfKey =
      "WHERE id >> 12 = ?1 AND project_id=?2 AND key_id=?3 AND id BETWEEN ?4 AND ?5";
  std::string sql(marks ? kMarks : kIds);
  sql += key ? kOfKey : kOfProject;
  Statement& rows = db_.cached(sql);
  rows.with(block_of(down_ ? highest_ : lowest_), project_, key, lowest_, highest_);
  while (rows.next()) {
    OccurrenceMark mark{rows.integer(0)};
    if (marks) {
      mark = {rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3), rows.integer(4),
              rows.integer(5), rows.integer(6), rows.integer(7), rows.integer(8)};
    }
    found.push_back(mark);
  }
}

}  // namespace flawless::store::sqlite
