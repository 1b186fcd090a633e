// Turns a batch of sightings into rows, inside the caller's transaction. What many sightings share
// (an item's counts, an hour's counter) is added up in memory and written once per batch.
#pragma once

#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/sqlite/conclude.h"
#include "store/sqlite/dictionary.h"
#include "store/sqlite/generation_cache.h"
#include "store/sqlite/id_index.h"
#include "store/sqlite/line_tally.h"

namespace flawless::store::sqlite {

// One thread. After apply(): committed() or rolled_back(), as the transaction went.
class BatchWriter {
 public:
  explicit BatchWriter(Db& db);

  // Reads the filters of recent report ids and the numbers to go on from.
  Status load();
  // Failures are the connection's sticky error; the result counts only without one.
  std::vector<Applied> apply(std::span<const Sighting> sightings);
  void committed();
  void rolled_back();
  // Somebody else changed items or keys on this connection: what is known of them is read again.
  void forget_items();
  // … or when lines are to be decided again.
  void forget_lines() { lines_.forget(); }
  void forget_concluded(const Concluded& concluded);

  // As of the last commit.
  [[nodiscard]] uint64_t items() const { return committed_.items; }
  [[nodiscard]] uint64_t occurrences() const { return committed_.occurrences; }

 private:
  struct Totals {
    uint64_t items = 0, occurrences = 0;
    int64_t last_id = 0;
  };
  struct Key {
    int64_t key_id = 0, item_id = 0;
  };
  struct ItemState {
    int64_t number = 0;
    ItemStatus status = ItemStatus::kActive;
    Time changed_at{};        // the status
    int64_t line = 0;         // of the newest occurrence
    int64_t droppable = 0;    // the item's last occurrence, if its body goes when a newer one comes
    uint64_t over_quota = 0;  // occurrences over the soft quota, since this was cached
  };
  // What the batch adds to an item.
  struct ItemDelta {
    uint64_t count = 0, people = 0;
    Time last_seen;
    int64_t last_occurrence = 0, last_release = 0, line = 0;
    const Sighting* newest = nullptr;
  };
  struct EnvironmentDelta {
    uint64_t count = 0;
    Time first_seen, last_seen;
  };
  // A sighting's texts as row ids.
  struct Ids {
    int64_t environment = 0, release = 0, host = 0, browser = 0, os = 0, context = 0, person = 0;
    SiteRow site;
  };

  Applied apply_one(const Sighting& sighting);
  bool find_duplicate(const Sighting& sighting, uint64_t hash, Applied& applied);
  bool confirm(const Sighting& sighting, int64_t occurrence, Applied& applied);
  Ids resolve(const Sighting& sighting);
  Key key_of(const Sighting& sighting, const Ids& ids, int64_t occurrence, bool& new_item);
  int64_t create_item(const Sighting& sighting, const Ids& ids, int64_t occurrence);
  int64_t take_item_number(ProjectId project);
  ItemState& item_state(int64_t item_id);
  void reopen(int64_t item_id, ItemState& state, Time at);
  bool count_environment(const Sighting& sighting, int64_t item_id, int64_t environment,
                         bool new_item);
  void sample_bodies(const Sighting& s, ItemState& state, int64_t id, bool first_of_item);
  void insert_occurrence(const Sighting& sighting, const Key& key, const Ids& ids, int64_t id);
  void add_up(const Sighting& sighting, const Key& key, const Ids& ids, int64_t occurrence);
  void flush();
  void flush_items();
  void flush_counters();
  void flush_totals();
  void start_batch();

  using Pair = std::pair<int64_t, int64_t>;
  Db& db_;
  Dictionary dictionary_;
  IdIndex ids_;
  Totals totals_, committed_;

  std::string key_text_;
  GenerationCache<std::string, Key> keys_{16384};
  GenerationCache<int64_t, ItemState> items_{16384};
  GenerationCache<Pair, bool> known_environment_{16384}, known_person_{65536},
      known_release_{16384};

  // Of the running batch.
  std::vector<IdEntry> batch_ids_;
  std::unordered_multimap<uint64_t, size_t>
      batch_places_;  // hash of report id → place in the batch
  std::span<const Sighting> batch_;
  std::vector<Applied> applied_;
  Time newest_{};
  std::unordered_map<int64_t, ItemDelta> item_deltas_;
  std::unordered_map<Pair, EnvironmentDelta, CacheHash> environment_deltas_;
  using Counted = std::pair<std::tuple<int64_t, int64_t, int64_t>, uint64_t>;
  std::vector<Counted> key_hours_;      // hour, key, environment
  std::vector<Counted> project_hours_;  // project, hour, environment
  LineTally lines_;

  Statement find_occurrence_, find_key_, add_key_, add_item_, find_item_, add_search_;
  Statement take_number_, reopen_item_;
  Statement find_environment_, upsert_environment_, add_person_, add_release_;
  Statement add_occurrence_, drop_body_, update_item_, move_item_, update_people_, count_key_,
      count_project_;
  Statement set_total_;
};

}  // namespace flawless::store::sqlite
