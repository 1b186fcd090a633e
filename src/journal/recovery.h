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
  bool closed = false;  // not into this segment any more, which is damaged, but into the next
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
// what is found is durable. The tail follows its last whole record, unless an earlier one is
// damaged: then nothing more is written to that file. Creates the journal when the directory holds
// none. Errors as of journal::open().
[[nodiscard]] Result<Recovered> recover(os::Disk& disk, const Options& options, const Clock& clock);

}  // namespace flawless::journal
