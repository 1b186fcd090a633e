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
  // The record at offset_, if it is the one that must follow.
  Result<Scanner::View> read_here();
  // Logs and says which record is damaged; the next call goes on in the next segment.
  Result<std::optional<Record>> give_up_segment(const Status& why);

  const SegmentSet& segments_;
  uint64_t consumed_;  // records up to this one are passed over
  SegmentPtr segment_;
  std::optional<Scanner> scanner_;
  uint64_t offset_ = kRecordsStart;
  uint64_t expected_ = 0;
  uint32_t previous_ = 0;
  bool given_up_ = false;
};

// The record at `position`, as Journal::read().
[[nodiscard]] Result<Record> read_record(const SegmentSet& segments, Position position,
                                         uint64_t max_record_bytes);

}  // namespace flawless::journal
