// Follows the durable records across segments.
#pragma once

#include <memory>
#include <optional>

#include "journal/scanner.h"
#include "journal/segment_set.h"

namespace flawless::journal {

// One thread at a time; beside the committer and other readers. The set must outlive it.
class SegmentReader final : public Journal::Reader {
 public:
  // Begins with the first record whose sequence is above `sequence`.
  SegmentReader(const SegmentSet& segments, uint64_t sequence)
      : segments_(segments), consumed_(sequence) {}

  Result<std::optional<Record>> next() override;

 private:
  void enter(SegmentPtr segment);
  // The record at offset_, or the next one that is not damaged; nothing when the segment holds none
  // before `limit`. `complete`: nothing is added to it any more.
  Result<std::optional<Record>> read_on(uint64_t limit, bool complete);
  Result<bool> pass_over_damage(uint64_t limit, bool complete);  // false: nothing is behind it

  const SegmentSet& segments_;
  uint64_t consumed_;  // records up to this one are passed over
  SegmentPtr segment_;
  std::optional<Scanner> scanner_;
  uint64_t offset_ = kRecordsStart;
  Link link_;
};

// The record at `position`, as Journal::read().
[[nodiscard]] Result<Record> read_record(const SegmentSet& segments, Position position,
                                         uint64_t max_record_bytes);

}  // namespace flawless::journal
