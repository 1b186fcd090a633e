// Finds out what a journal's directory holds after a clean or an unclean end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "journal/segment_set.h"

namespace flawless::journal {

// Where the next record goes.
struct Tail {
  SegmentPtr segment;
  uint64_t offset = kRecordsStart;
  uint64_t next_sequence = 1;
  uint32_t previous = 0;  // crc of the record before
};

struct Recovered {
  std::unique_ptr<SegmentSet> segments;  // at least one
  Tail tail;
  std::optional<uint64_t> torn_bytes;
};

// Reads the headers of all segments and checks every record of the last one, which is synced first:
// what is found is durable. Creates the journal when the directory holds none. Errors as of
// journal::open().
[[nodiscard]] Result<Recovered> recover(os::Disk& disk, const Options& options, const Clock& clock);

}  // namespace flawless::journal
