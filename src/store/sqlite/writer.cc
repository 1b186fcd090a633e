#include "store/sqlite/writer.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/log.h"
#include "store/sqlite/conclude.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/quarantine.h"

namespace flawless::store::sqlite {
namespace {

uint64_t file_bytes(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

}  // namespace

Writer::Writer(std::string path, std::unique_ptr<Db> db)
    : path_(std::move(path)), db_(std::move(db)), batches_(std::make_unique<BatchWriter>(*db_)) {}

Writer::~Writer() { stop(); }

Result<std::unique_ptr<Writer>> Writer::open(const std::string& path, int cache_kib) {
  ASSIGN_OR_RETURN(auto db, Db::open(path, Db::Mode::kWriter, cache_kib));
  RETURN_IF_ERROR(migrate(*db, schema_steps()));
  std::unique_ptr<Writer> writer(new Writer(path, std::move(db)));
  RETURN_IF_ERROR(writer->load());
  return writer;
}

Status Writer::load() {
  RETURN_IF_ERROR(batches_->load());
  Statement all(*db_, "SELECT journal_id, partition, epoch, sequence FROM journal_cursor");
  for (all.with(); all.next();) {
    note_cursor({static_cast<uint64_t>(all.integer(0)), static_cast<uint32_t>(all.integer(2)),
                 static_cast<uint32_t>(all.integer(1)), static_cast<uint64_t>(all.integer(3))});
  }
  RETURN_IF_ERROR(db_->take_error());
  items_ = batches_->items();
  occurrences_ = batches_->occurrences();
  return run_checkpoint(true);
}

// --- transactions
// ------------------------------------------------------------------------------------------------

// Undoes what failed, and keeps what the operator has to know.
Status Writer::finish(Status status) {
  if (status.is_ok()) {
    fault_.lock()->clear();
    return status;
  }
  if (db_->in_transaction()) (void)db_->execute("ROLLBACK");
  (void)db_->take_error();
  if (status.code() == Code::kUnavailable || status.code() == Code::kCorrupt) {
    *fault_.lock() = status.message();
  }
  return status;
}

template <typename Work>
Result<std::vector<Applied>> Writer::apply_with(std::span<const Sighting> sightings,
                                                const JournalCursor& cursor, Work&& work) {
  std::vector<Applied> applied;
  Status status = run_transaction([&](Db& db) {
    RETURN_IF_ERROR(check_epoch(cursor));
    applied = batches_->apply(sightings);
    if (!db.failed()) work(db, applied);
    return Status::ok();
  });
  if (!status.is_ok()) {
    if (batches_) batches_->rolled_back();  // gone when stopped
    ++failed_batches_;
    return status;
  }
  batches_->committed();
  items_ = batches_->items();
  occurrences_ = batches_->occurrences();
  ++applied_batches_;
  return applied;
}

Result<std::vector<Applied>> Writer::apply(std::span<const Sighting> sightings,
                                           const JournalCursor& cursor) {
  std::lock_guard guard(mutex_);
  auto applied =
      apply_with(sightings, cursor, [&](Db& db, const auto&) { move_cursor(db, cursor); });
  if (!applied) return applied;
  note_cursor(cursor);
  checkpoint_if_large();
  return applied;
}

Result<Applied> Writer::apply_quarantined(const Sighting& sighting, const JournalCursor& cursor) {
  std::lock_guard guard(mutex_);
  ASSIGN_OR_RETURN(auto applied, apply_with({&sighting, 1}, cursor, [&](Db& db, const auto& done) {
                     note_when_it_came(db, sighting, done.front());
                     drop_quarantined(db, sighting.sequence);
                   }));
  checkpoint_if_large();
  return applied.front();
}

Result<LineId> Writer::conclude(const Conclusion& conclusion, Time now) {
  std::lock_guard guard(mutex_);
  Result<Concluded> done = Concluded{};
  Status status = run_transaction([&](Db& db) {
    done = sqlite::conclude(db, conclusion, now);
    if (done) batches_->forget_concluded(*done);
    return done.status();
  });
  if (!status.is_ok()) return status;
  return done->line;
}

Status Writer::quarantine(const Quarantined& record, const JournalCursor& cursor) {
  std::lock_guard guard(mutex_);
  std::optional<ByteSpan> id;
  if (!record.report_id.is_zero()) id = record.report_id.bytes;
  Status status = run_transaction([&](Db& db) {
    RETURN_IF_ERROR(check_epoch(cursor));
    db.cached(
          "INSERT OR REPLACE INTO"
          " quarantine(sequence, segment, offset, project_id, at, reason, report_id)"
          " VALUES(?,?,?,?,?,?,?)")
        .with(record.sequence, record.segment, record.offset, record.project, record.at,
              record.reason, id)
        .run();
    move_cursor(db, cursor);
    return Status::ok();
  });
  if (status.is_ok()) note_cursor(cursor);
  return status;
}

// --- the journal's cursor
// ----------------------------------------------------------------------------------------

Status Writer::check_epoch(const JournalCursor& cursor) const {
  auto known = committed_.find({cursor.journal_id, cursor.partition});
  if (known == committed_.end() || known->second.epoch <= cursor.epoch) return Status::ok();
  return {Code::kConflict, fmt::format("another process has taken over this journal (epoch {}, "
                                       "this one has {})",
                                       known->second.epoch, cursor.epoch)};
}

void Writer::move_cursor(Db& db, const JournalCursor& cursor) {
  db.cached(
        "INSERT INTO journal_cursor(journal_id, partition, epoch, sequence) VALUES(?,?,?,?)"
        " ON CONFLICT DO UPDATE SET epoch=excluded.epoch,"
        " sequence=iif(?5,excluded.sequence,max(sequence,excluded.sequence))")
      .with(cursor.journal_id, cursor.partition, cursor.epoch, cursor.sequence, cursor.rewinds)
      .run();
}

void Writer::note_cursor(const JournalCursor& cursor) {
  JournalCursor& known = committed_[{cursor.journal_id, cursor.partition}];
  uint64_t sequence = std::max(known.sequence, cursor.sequence);
  known = cursor;
  known.rewinds = false;
  if (!cursor.rewinds) {
    known.sequence = sequence;
  } else if (auto covered = covered_.find({cursor.journal_id, cursor.partition});
             covered != covered_.end()) {
    covered->second = known;
  }
}

Result<JournalCursor> Writer::cursor(uint64_t journal_id, uint32_t partition) {
  std::lock_guard guard(mutex_);
  auto known = committed_.find({journal_id, partition});
  return known == committed_.end() ? JournalCursor{journal_id, 0, partition, 0} : known->second;
}

// --- checkpoints
// -------------------------------------------------------------------------------------------------

Result<JournalCursor> Writer::checkpoint(uint64_t journal_id, uint32_t partition) {
  std::lock_guard guard(mutex_);
  if (!stopped_) RETURN_IF_ERROR(run_checkpoint(db_->wal_bytes() > kTruncateBytes));
  auto known = covered_.find({journal_id, partition});
  return known == covered_.end() ? JournalCursor{journal_id, 0, partition, 0} : known->second;
}

Status Writer::run_checkpoint(bool truncate) {
  Result<Db::CheckpointResult> result = db_->checkpoint(truncate);
  if (!result) {
    *fault_.lock() = result.message();
    return result.status();
  }
  covers_all_ = result->complete();
  if (covers_all_) covered_ = committed_;
  return Status::ok();
}

// The log is written from its start again once everything in it was moved and no reader needs it;
// until then it grows.
void Writer::checkpoint_if_large() {
  uint64_t bytes = db_->wal_bytes();
  if (bytes < next_checkpoint_bytes_) return;
  Status status = run_checkpoint(bytes > kTruncateBytes);
  if (!status.is_ok()) log_error("store", "checkpoint: {}", status.message());
  // A reader in the way: look again after some more megabytes, not at every batch.
  bool moved = status.is_ok() && covers_all_;
  next_checkpoint_bytes_ = moved ? kCheckpointBytes : bytes + kCheckpointBytes / 4;
}

// --- the rest
// ----------------------------------------------------------------------------------------------------

void Writer::fill(StoreHealth& health) const {
  health.items = items_;
  health.occurrences = occurrences_;
  health.database_bytes = file_bytes(path_);
  health.wal_bytes = file_bytes(path_ + "-wal");
  health.batches = applied_batches_;
  health.failed_batches = failed_batches_;
  health.fault = fault_.copy();
}

void Writer::stop() {
  std::lock_guard guard(mutex_);
  if (stopped_) return;
  stopped_ = true;
  if (Status status = run_checkpoint(true); !status.is_ok()) {
    log_warning("store", "last checkpoint: {}", status.message());
  }
  batches_.reset();
  db_.reset();
}

}  // namespace flawless::store::sqlite
