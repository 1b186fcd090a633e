// The segments of a journal: which there are, opening the next, dropping those nobody needs any
// more.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/locked.h"
#include "base/time.h"
#include "journal/damage_log.h"
#include "journal/file_journal.h"
#include "journal/segment.h"

namespace flawless::journal {

using SegmentPtr = std::shared_ptr<Segment>;

struct Spare {
  std::string path;
  uint64_t bytes = 0;
};

// Any thread may look up; create() belongs to the commit thread, tidy() and make_spare() to the
// upkeep thread.
class SegmentSet {
 public:
  SegmentSet(os::Disk& disk, Options options, const Clock& clock, uint64_t journal_id,
             uint32_t epoch);

  // While the journal is being opened, in order.
  void adopt(SegmentPtr segment);
  // No segment, no spare gets this number or a lower one.
  void skip_numbers(uint64_t up_to);
  void skip_spares(uint64_t up_to);

  [[nodiscard]] SegmentPtr find(uint64_t number) const;  // null if gone
  // The segment that holds `sequence`, else the oldest with later ones; null if there are none at
  // all.
  [[nodiscard]] SegmentPtr holding(uint64_t sequence) const;
  [[nodiscard]] SegmentPtr after(uint64_t number) const;  // null if it is the last
  [[nodiscard]] SegmentPtr newest() const;

  // Opens the next segment and thereby closes the newest one at `first_sequence`; durable when ok.
  // kUnavailable when the disk refuses or the cap is reached by segments that are not released.
  [[nodiscard]] Result<SegmentPtr> create(uint64_t first_sequence);
  // The part of it that touches nothing but segments nobody needs: whether the next one fits.
  Status make_room();

  void release(uint64_t sequence);
  // Number of the newest segment if it is to end, so that its first record can be dropped in time;
  // 0 if not.
  [[nodiscard]] uint64_t due_to_end() const;
  // Drops released segments that are old enough, and more than that when the next segment would
  // not fit under the cap.
  void tidy();
  // Has a zeroed file ready, if there is none.
  Status make_spare();

  // A segment's file, by the name it has now.
  [[nodiscard]] Result<std::unique_ptr<SalvagedFile>> open_file(const std::string& path) const;
  // Whoever finds damage notes it there.
  [[nodiscard]] DamageLog& damage() const { return damage_; }
  [[nodiscard]] uint64_t journal_id() const { return journal_id_; }
  [[nodiscard]] uint32_t epoch() const { return epoch_; }
  [[nodiscard]] uint64_t count() const;
  [[nodiscard]] uint64_t bytes_on_disk() const;
  [[nodiscard]] uint64_t first_sequence() const;

 private:
  struct State {
    std::map<uint64_t, SegmentPtr> segments;
    std::optional<Spare> spare;
    uint64_t released = 0;
  };

  [[nodiscard]] std::string path_of(std::string_view kind, uint64_t number) const;
  // On disk once the active segment and one more have grown to their full size.
  [[nodiscard]] uint64_t planned_bytes() const;
  [[nodiscard]] SegmentPtr take_oldest_droppable(bool even_young);
  void drop(SegmentPtr segment);
  bool drop_oldest(bool even_young);  // false if there is none to drop
  Spare take_spare();
  Result<SegmentPtr> dress(const Spare& spare, const SegmentHeader& header);

  os::Disk& disk_;
  const Options options_;
  const Clock& clock_;
  const uint64_t journal_id_;
  const uint32_t epoch_;
  std::atomic<uint64_t> last_number_{0}, last_spare_name_{0};
  // Held from taking a segment out of the set until its file is gone, and while room is made for
  // the next segment: what is counted under the cap is then what is on disk.
  std::mutex dropping_;
  mutable Locked<State> state_;
  mutable DamageLog damage_;
};

}  // namespace flawless::journal
