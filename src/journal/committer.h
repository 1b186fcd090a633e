// The commit thread's work: writes what is queued, syncs once, answers. FORMAT.md says in which
// order.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/locked.h"
#include "journal/block_writer.h"
#include "journal/commit_queue.h"
#include "journal/recovery.h"
#include "journal/segment_set.h"

namespace flawless::journal {

// Read by any thread.
struct Counters {
  std::atomic<uint64_t> last_sequence{0};
  std::atomic<uint64_t> syncs{0}, failed_syncs{0}, records{0}, refused{0};
  Locked<std::string> fault;  // empty: writable
};

// Everything but the constructor and end_segment() belongs to the commit thread.
class Committer {
 public:
  // `need_upkeep` is called when there is work for the upkeep thread: zeros ahead, a spare,
  // dropping.
  Committer(os::Disk& disk, const Options& options, const Clock& clock, SegmentSet& segments,
            CommitQueue& queue, Counters& counters, Tail tail, std::function<void()> need_upkeep);

  // Returns when the queue is closed and everything in it answered.
  void run();
  // Any thread: nothing more goes into that segment, if it is the one written to and room can be
  // made for another.
  void end_segment(uint64_t number);

 private:
  [[nodiscard]] os::File& file() const { return tail_.segment->file->exact(); }
  [[nodiscard]] double expected_company() const;
  void note_rate(size_t records);
  using Batch = std::span<Pending>;
  using SteadyTime = std::chrono::steady_clock::time_point;

  void commit(Batch batch);
  // Writes and syncs records that fit into the segment, then answers them.
  void commit_here(Batch batch, uint64_t bytes);
  Status write_and_sync(Batch batch, int64_t now_ms, std::vector<Appended>& places);
  void acknowledge(Batch batch, int64_t now_ms, const std::vector<Appended>& places);
  void refuse(Batch batch, const Status& why);
  void answered(Batch batch);

  // Whether records can be written now; opens the next segment when one is due.
  Status ready();
  Status rotate();
  void end_segment_if_asked();
  Status check_space();
  // After a failed write or sync of the records from the tail to `end`.
  void abandon(const Status& why, uint64_t end);
  void erase_refused();
  void set_fault(const std::string& text);
  void call_upkeep_when_low();

  os::Disk& disk_;
  const Options& options_;
  const Clock& clock_;
  SegmentSet& segments_;
  CommitQueue& queue_;
  Counters& counters_;
  Tail tail_;
  BlockWriter writer_;
  const std::function<void()> need_upkeep_;

  std::atomic<uint64_t> segment_to_end_{0};
  bool rotation_due_ = false;  // the segment is full or abandoned: not a byte more goes into it
  uint64_t refused_end_ = 0;   // not 0: records from the tail to here were refused, but not cut yet
  bool faulty_ = false;
  uint64_t prepare_due_ = 0;  // where zeros could not be written the last time
  Status last_rotation_;
  SteadyTime next_rotation_{}, next_space_check_{};
  std::chrono::milliseconds back_off_;
  Status space_;
  double rate_ = 0;  // records a second, estimated
  std::chrono::steady_clock::time_point last_take_{};
};

}  // namespace flawless::journal
