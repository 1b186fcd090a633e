// What a batch adds to the places and lines that were to blame, and the decisions that it queues.
#pragma once

#include <utility>
#include <vector>

#include "store/sqlite/db.h"
#include "store/sqlite/dictionary.h"
#include "store/sqlite/generation_cache.h"
#include "store/types.h"

namespace flawless::store::sqlite {

// One thread, inside the caller's transactions.
class LineTally {
 public:
  explicit LineTally(Db& db);

  void start_batch() { sightings_.clear(); }
  // Queues a decision about the sighting's line if it calls for one by itself.
  bool wake(const Sighting& sighting, const SiteRow& site, int64_t environment,
            const Applied& applied);
  // `place` is the sighting's in the batch.
  void add(const Sighting& sighting, const SiteRow& site, uint64_t times, int64_t occurrence,
           size_t place);
  // Writes the counts, and queues decisions about the lines that reached their number.
  void flush(std::vector<Applied>& applied);
  // Lines were changed by others, or a transaction was undone.
  void forget() { decide_at_.clear(); }
  void rolled_back();

 private:
  struct Seen {
    int64_t line = 0, site = 0, day = 0, project = 0;
    int64_t occurrence = 0;
    uint64_t times = 0;
    Time at;
    int64_t error_threshold = 0;
    size_t place = 0;
  };
  using Place = std::vector<Seen>::const_iterator;

  uint64_t count_day(Place from, Place to);
  int64_t day_row(const Seen& seen);
  void wake_if_reached(const Seen& newest, std::vector<Applied>& applied);
  int64_t& decide_at(int64_t line);
  bool ends_quiet(int64_t line, int64_t environment);

  Db& db_;
  std::vector<Seen> sightings_;
  GenerationCache<int64_t, int64_t> decide_at_{16384};  // line → the count it waits for, 0: none
  GenerationCache<std::pair<int64_t, int64_t>, int64_t> days_{16384};  // site and day → row
  Statement count_line_, find_day_, add_day_, count_day_, find_decide_at_, reached_;
  Statement heard_;
  Statement notifies_, is_unmailed_;
};

}  // namespace flawless::store::sqlite
