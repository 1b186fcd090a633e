#include "journal/file_journal.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "base/thread_name.h"
#include "journal/committer.h"
#include "journal/reader.h"
#include "journal/recovery.h"
#include "os/lock_file.h"

namespace flawless::journal {
namespace {

constexpr auto kUpkeepEvery = std::chrono::seconds(5);

Status check(const Options& options) {
  const auto invalid = [](std::string text) { return Status(Code::kInvalid, std::move(text)); };
  if (options.directory.empty()) return invalid("the journal needs a directory");
  if (options.segment_bytes < kRecordsStart + record_bytes(options.max_record_bytes)) {
    return invalid("a journal segment must be larger than the largest record");
  }
  if (options.segment_bytes % os::File::kBlockBytes != 0) {
    return invalid("a journal segment must be a multiple of 4096 B");
  }
  if (options.max_record_bytes >= 1ULL << 31U) return invalid("a record may have up to 2 GiB");
  if (options.max_total_bytes < 3 * options.segment_bytes) {
    return invalid("the journal's cap must leave room for three segments");
  }
  return {};
}

class FileJournal final : public Journal {
 public:
  FileJournal(os::Disk& disk, Options options, const Clock& clock, os::LockFile lock,
              Recovered recovered)
      : disk_(disk),
        options_(std::move(options)),
        lock_(std::move(lock)),
        segments_(std::move(recovered.segments)),
        torn_bytes_(recovered.torn_bytes),
        queue_(options_.max_queued_records, options_.max_queued_bytes),
        committer_(disk_, options_, clock, *segments_, queue_, counters_, std::move(recovered.tail),
                   [this] { wake_upkeep(); }),
        commit_thread_([this] {
          name_this_thread("journal");
          committer_.run();
        }),
        upkeep_thread_([this] {
          name_this_thread("journal-upkeep");
          run_upkeep();
        }) {}

  ~FileJournal() override { stop(); }

  void append(std::shared_ptr<const std::string> payload, Done done) override {
    FLAWLESS_CHECK(payload != nullptr);
    Status refused;
    Pending pending{std::move(payload), std::move(done)};
    if (pending.payload->size() > options_.max_record_bytes) {
      refused = {Code::kTooLarge,
                 "a record may have up to " + std::to_string(options_.max_record_bytes) + " B"};
    } else {
      refused = queue_.push(std::move(pending));
    }
    if (refused) return;
    ++counters_.refused;
    pending.done(refused);
  }

  Result<Record> read(Position position) const override {
    return read_record(*segments_, position, options_.max_record_bytes);
  }

  Result<std::unique_ptr<Reader>> read_after(const Cursor& cursor) const override {
    RETURN_IF_ERROR(check_cursor(cursor));
    return std::unique_ptr<Reader>(std::make_unique<SegmentReader>(*segments_, cursor.sequence));
  }

  void release(const Cursor& cursor) override {
    if (Status mine = check_cursor(cursor); !mine) {
      log_error("journal", "nothing is released: {}", mine.message());
      return;
    }
    segments_->release(cursor.sequence);
    wake_upkeep();
  }

  Cursor start() const override {
    return {.journal_id = segments_->journal_id(),
            .epoch = segments_->epoch(),
            .partition = 0,
            .sequence = 0};
  }

  Health health() const override {
    Health health;
    health.fault = counters_.fault.copy();
    health.writable = health.fault.empty();
    if (health.writable) health.fault = segments_->damage().text();
    health.last_sequence = counters_.last_sequence;
    health.first_sequence = segments_->first_sequence();
    health.segments = segments_->count();
    health.bytes_on_disk = segments_->bytes_on_disk();
    health.syncs = counters_.syncs;
    health.failed_syncs = counters_.failed_syncs;
    health.records = counters_.records;
    health.refused = counters_.refused;
    const CommitQueue::Depth queued = queue_.depth();
    health.queued_records = queued.records;
    health.queued_bytes = queued.bytes;
    health.torn_bytes_at_open = torn_bytes_;
    return health;
  }

  void stop() override {
    std::call_once(stopped_, [this] {
      queue_.close();
      commit_thread_.join();
      {
        std::lock_guard guard(upkeep_mutex_);
        stopping_ = true;
      }
      upkeep_due_.notify_all();
      upkeep_thread_.join();
    });
  }

 private:
  Status check_cursor(const Cursor& cursor) const {
    if (cursor.sequence == 0 && cursor.journal_id == 0) return {};
    if (cursor.journal_id != segments_->journal_id() || cursor.partition != 0) {
      return {Code::kConflict,
              "the cursor belongs to another journal than the one in " + options_.directory};
    }
    if (cursor.epoch > segments_->epoch() || cursor.sequence > counters_.last_sequence) {
      return {Code::kConflict, "the cursor is ahead of the journal in " + options_.directory +
                                   ", which is older than the store it feeds"};
    }
    return {};
  }

  void wake_upkeep() {
    {
      std::lock_guard guard(upkeep_mutex_);
      upkeep_wanted_ = true;
    }
    upkeep_due_.notify_one();
  }

  void run_upkeep() {
    std::unique_lock lock(upkeep_mutex_);
    while (!stopping_) {
      upkeep_wanted_ = false;
      lock.unlock();
      upkeep();
      lock.lock();
      upkeep_due_.wait_for(lock, kUpkeepEvery, [&] { return stopping_ || upkeep_wanted_; });
    }
  }

  // A failure here harms nobody yet: the commit thread meets it again and reports it when it
  // matters.
  void upkeep() {
    Status done = zeros_ahead();
    if (uint64_t old = segments_->due_to_end(); old != 0) committer_.end_segment(old);
    segments_->tidy();
    SegmentPtr active = segments_->newest();
    const bool half_full = active->durable_end.load() > options_.segment_bytes / 2;
    active.reset();
    if (done && half_full) done = segments_->make_spare();
  }

  // Through a descriptor of its own, so that the commit thread's sees every error of its own data.
  Status zeros_ahead() {
    SegmentPtr active = segments_->newest();
    const uint64_t wanted =
        std::min(BlockWriter::block_end(active->durable_end.load() + options_.prepare_bytes),
                 options_.segment_bytes);
    if (wanted <= active->prepared.load()) return {};
    ASSIGN_OR_RETURN(auto file, disk_.open(active->path, os::OpenMode::kWrite));
    RETURN_IF_ERROR(prepare(*active, *file, wanted));
    return file->sync_data();
  }

  os::Disk& disk_;
  const Options options_;
  const os::LockFile lock_;
  const std::unique_ptr<SegmentSet> segments_;
  const std::optional<uint64_t> torn_bytes_;
  Counters counters_;
  CommitQueue queue_;
  Committer committer_;

  std::mutex upkeep_mutex_;
  std::condition_variable upkeep_due_;
  bool upkeep_wanted_ = false, stopping_ = false;
  std::once_flag stopped_;
  std::thread commit_thread_, upkeep_thread_;  // last: everything else exists when they start
};

}  // namespace

Result<std::unique_ptr<Journal>> open(os::Disk& disk, const Options& options, const Clock& clock) {
  RETURN_IF_ERROR(check(options));
  RETURN_IF_ERROR(disk.make_directory(options.directory));
  RETURN_IF_ERROR(disk.sync_directory(os::directory_of(options.directory)));
  ASSIGN_OR_RETURN(auto lock, os::LockFile::acquire(disk, options.directory + "/journal.lock",
                                                    os::LockFile::kOfTheDead));
  ASSIGN_OR_RETURN(Recovered recovered, recover(disk, options, clock));
  return std::unique_ptr<Journal>(
      std::make_unique<FileJournal>(disk, options, clock, std::move(lock), std::move(recovered)));
}

}  // namespace flawless::journal
