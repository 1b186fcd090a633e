// One segment file, shared by the committer, the upkeep thread and readers.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>

#include "journal/format.h"
#include "journal/salvage.h"

namespace flawless::journal {

constexpr uint64_t kUnknownSequence = std::numeric_limits<uint64_t>::max();

// A resource; the file stays open as long as anybody refers to it, and is deleted only when nobody
// does.
struct Segment {
  Segment(SegmentHeader segment_header, std::string file_path,
          std::unique_ptr<SalvagedFile> open_file, uint64_t bytes)
      : header(segment_header),
        path(std::move(file_path)),
        file(std::move(open_file)),
        newest_ms(segment_header.before_ms),
        prepared(bytes) {}

  const SegmentHeader header;
  const std::string path;
  const std::unique_ptr<SalvagedFile> file;

  // Offset behind the last durable record; readers stop there. Stored by the committer after the
  // sync.
  std::atomic<uint64_t> durable_end{kRecordsStart};
  // First sequence that is not in here, set when a successor exists.
  std::atomic<uint64_t> end_sequence{kUnknownSequence};
  // Times of its first record, known of the last segment only (0: there is none yet), and of its
  // last one, or the last before it.
  std::atomic<int64_t> oldest_ms{0}, newest_ms;
  // Size of the file: behind the records it holds zeros, so that a commit changes no metadata.
  std::atomic<uint64_t> prepared;
  // Held while zeros are written: nobody may still be writing them where records go.
  std::mutex preparing;
};

std::string segment_name(std::string_view kind, uint64_t number);
// The number in a name of that kind; 0 if it is not one.
uint64_t parse_segment_name(std::string_view kind, std::string_view name);

// Writes zeros through `file` so that the segment's file is at least `bytes` long. No effect on
// records: an error leaves the segment usable up to what is prepared.
Status prepare(Segment& segment, os::File& file, uint64_t bytes);

}  // namespace flawless::journal
