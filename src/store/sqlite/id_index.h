// Which report ids were seen lately, kept as a log-structured store keeps keys: each batch appends
// one sorted run, sixteen runs of a size merge into one, a Bloom filter per run is held in memory.
// Nothing is written at random places, so the price of a report does not grow with what is stored
// (docs/data-model.md, "Idempotence").
//
// Tables: id_run(run, newest_at, entries, chunks); id_chunk(run << 20 | chunk, up to 1,000 pairs of
// 16 bytes: hash, occurrence; little-endian, sorted by hash over the run). Chunks without a run are
// a merge that did not finish.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "store/sqlite/bloom.h"
#include "store/sqlite/db.h"

namespace flawless::store::sqlite {

struct IdEntry {
  uint64_t hash = 0;
  int64_t occurrence = 0;
};

[[nodiscard]] uint64_t report_hash(ProjectId project, const ReportId& id);

// The writer's side; one thread. Changes become real with committed() and are forgotten with
// rolled_back(), one of which must follow every add().
class IdIndex {
 public:
  static constexpr auto kKept = std::chrono::hours(24 * 30);

  explicit IdIndex(Db& db);
  ~IdIndex();

  // Reads all runs to build the filters, and removes what an unfinished merge left.
  Status load();
  // The first occurrence stored under `hash` that `confirm` accepts.
  std::optional<int64_t> find(uint64_t hash, const std::function<bool(int64_t)>& confirm);
  // Inside the caller's transaction: adds a run, goes on with merges (a bounded amount of work),
  // drops old runs.
  void add(std::vector<IdEntry> entries, Time newest);
  void committed();
  void rolled_back();

  [[nodiscard]] size_t runs() const { return runs_.size(); }

 private:
  struct Run;
  struct Merge;
  using RunPtr = std::shared_ptr<Run>;

  bool load_run(const RunPtr& run);
  void append_chunk(Run& run, std::span<const IdEntry> entries);
  void append_run(std::vector<IdEntry>& entries, Time newest);
  void start_merges();
  void advance_merges();
  void finish_merge(Merge& merge);
  void drop_older_than(Time time);
  void remove_run(const RunPtr& run);
  std::vector<IdEntry> read_chunk(const Run& run, size_t chunk);

  Db& db_;
  std::vector<RunPtr> runs_, committed_runs_;
  std::vector<std::unique_ptr<Merge>> merges_;  // by size class, small first
  int64_t next_run_ = 1;
  Statement insert_run_, delete_run_, insert_chunk_, delete_chunks_, select_chunk_;
};

// A reader's side: occurrences stored under `hash` in the snapshot of the reader's transaction. No
// filters are needed: the runs are few and a chunk is found by bisection.
std::vector<int64_t> find_in_runs(Db& db, uint64_t hash);

}  // namespace flawless::store::sqlite
