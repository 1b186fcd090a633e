// Reads the records of one segment through a buffer, and finds where they go on behind damage.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "journal/format.h"
#include "journal/salvage.h"

namespace flawless::journal {

// What the next record of a segment must be.
struct Link {
  uint64_t sequence = 0;
  uint32_t previous = 0;  // crc of the record before it
};

// Not thread-safe. The file must outlive it.
class Scanner {
 public:
  struct View {
    RecordHeader header;
    std::string_view payload;  // valid until the next call
    uint64_t end = 0;          // offset of the next record
  };

  Scanner(const SalvagedFile& file, uint64_t journal_id, uint64_t segment)
      : file_(&file), journal_id_(journal_id), segment_(segment) {}

  // The record at `offset`, which must end at or before `limit` (bytes behind it are never looked
  // at). kCorrupt when there is none or its crc is wrong; kUnavailable when the file cannot be
  // read.
  [[nodiscard]] Result<View> at(uint64_t offset, uint64_t limit);
  // Moreover kCorrupt when it is not the one that must follow.
  [[nodiscard]] Result<View> following(uint64_t offset, uint64_t limit, const Link& link);

  // What lies behind a place where the record that must follow is not.
  struct Gap {
    std::optional<RecordHeader> after;  // the first intact record behind it
    uint64_t end = 0;                   // offset of that record; `limit` when there is none
    uint64_t last_lost = 0;             // highest sequence that is known to lie in the gap
  };
  // FORMAT.md, "Damage": looks at each byte a few times at most, whatever the bytes are.
  [[nodiscard]] Result<Gap> pass_over(uint64_t offset, uint64_t limit, const Link& link);

 private:
  // Makes [offset, offset + bytes) available in the buffer; reads ahead, but not past `limit`.
  Result<ByteSpan> fetch(uint64_t offset, uint64_t bytes, uint64_t limit);
  // Nothing when there are no such bytes.
  Result<std::optional<RecordHeader>> header_at(uint64_t offset, uint64_t limit);
  // Over damaged records of an earlier version of the program, which have no mark.
  Result<std::optional<Gap>> hop(uint64_t offset, uint64_t limit, Link link);
  // Offset of the first header with a mark, `limit` if there is none. A header right at `offset`
  // would have the sequence `lowest`.
  Result<uint64_t> find_mark(uint64_t offset, uint64_t limit, uint64_t lowest);

  const SalvagedFile* file_;
  uint64_t journal_id_, segment_;
  std::string buffer_;
  uint64_t base_ = 0;  // offset in the file of buffer_[0]
};

}  // namespace flawless::journal
