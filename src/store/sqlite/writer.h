// The one connection that writes: every commit and every checkpoint is made here, one after
// another. (Two connections that commit and checkpoint at once can corrupt the write-ahead log of
// SQLite before 3.51.3.)
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/locked.h"
#include "store/sqlite/batch.h"
#include "store/sqlite/db.h"
#include "store/store.h"

namespace flawless::store::sqlite {

// Any thread; calls wait for each other. After stop() everything answers kUnavailable.
class Writer {
 public:
  // Opens, migrates and checkpoints the database at `path`.
  static Result<std::unique_ptr<Writer>> open(const std::string& path, int cache_kib);
  ~Writer();

  Result<std::vector<Applied>> apply(std::span<const Sighting> sightings,
                                     const JournalCursor& cursor);
  Result<JournalCursor> cursor(uint64_t journal_id, uint32_t partition);
  Result<JournalCursor> checkpoint(uint64_t journal_id, uint32_t partition);
  Status quarantine(const Quarantined& record, const JournalCursor& cursor);
  Result<Applied> apply_quarantined(const Sighting& sighting, const JournalCursor& cursor);

  // Runs `work(Db&)` in a transaction: durable when this returns ok, undone otherwise. `work`
  // returns a Status; the connection's sticky error counts as well. Use it for what has no cache in
  // the BatchWriter, or call forget_items() from within.
  template <typename Work>
  Status transaction(Work&& work) {
    std::lock_guard guard(mutex_);
    return run_transaction(std::forward<Work>(work));
  }
  void forget_items() { batches_->forget_items(); }  // from within `work` only
  void forget_lines() { batches_->forget_lines(); }  // likewise
  // A decision's answer, durable when this returns.
  Result<LineId> conclude(const Conclusion& conclusion, Time now);

  void fill(StoreHealth& health) const;
  void stop();

 private:
  // Of the write-ahead log: move it into the database then; wait for readers that hold it up only
  // when it is large.
  static constexpr uint64_t kCheckpointBytes = 16 << 20, kTruncateBytes = 64 << 20;

  using CursorKey = std::pair<uint64_t, uint32_t>;
  Writer(std::string path, std::unique_ptr<Db> db);

  template <typename Work>
  Status run_transaction(Work&& work) {
    if (stopped_) return {Code::kUnavailable, "the store is closed"};
    Status status = db_->execute("BEGIN IMMEDIATE");
    if (status.is_ok()) {
      status = work(*db_);
      Status sticky = db_->take_error();
      if (status.is_ok()) status = std::move(sticky);
    }
    db_->reset_statements();
    if (status.is_ok()) status = db_->execute("COMMIT");
    return finish(std::move(status));
  }
  // Applies them, and does what else belongs into the transaction.
  template <typename Work>
  Result<std::vector<Applied>> apply_with(std::span<const Sighting> sightings,
                                          const JournalCursor& cursor, Work&& work);
  Status finish(Status status);
  Status load();
  Status check_epoch(const JournalCursor& cursor) const;
  void move_cursor(Db& db, const JournalCursor& cursor);
  void note_cursor(const JournalCursor& cursor);
  Status run_checkpoint(bool truncate);
  void checkpoint_if_large();

  const std::string path_;
  mutable std::mutex mutex_;
  bool stopped_ = false;
  std::unique_ptr<Db> db_;
  std::unique_ptr<BatchWriter> batches_;
  std::map<CursorKey, JournalCursor> committed_, covered_;
  bool covers_all_ = false;  // the last checkpoint moved everything
  uint64_t next_checkpoint_bytes_ = kCheckpointBytes;

  std::atomic<uint64_t> items_{0}, occurrences_{0}, applied_batches_{0}, failed_batches_{0};
  Locked<std::string> fault_;
};

}  // namespace flawless::store::sqlite
