// Bytes of a segment file, as FORMAT.md describes them. Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace flawless::journal {

constexpr uint32_t kFormatVersion = 1;
constexpr uint64_t kRecordsStart = 4096;  // the header has a block of its own, never rewritten
constexpr size_t kRecordHeaderBytes = 32;
constexpr size_t kAlignment = 8;

struct SegmentHeader {
  uint64_t journal_id = 0;
  uint32_t epoch = 0;
  uint64_t segment = 0;
  uint64_t first_sequence = 0;
  int64_t before_ms = 0;  // time of the last record before it
};

// The first kRecordsStart bytes of a segment.
std::string encode_header(const SegmentHeader& header);
// kCorrupt if the bytes are not a header, kInvalid if a newer program wrote it.
Result<SegmentHeader> decode_header(ByteSpan bytes);

struct RecordHeader {
  uint32_t length = 0;    // of the payload
  uint32_t crc = 0;       // crc32c over segment number, the header's other fields and the payload
  uint32_t previous = 0;  // crc of the record before it in this segment; 0 for the first
  uint32_t mark = 0;      // see is_marked(); 0: written by an earlier version of the program
  uint64_t sequence = 0;
  int64_t unix_ms = 0;
};

using RecordHeaderBytes = std::array<uint8_t, kRecordHeaderBytes>;

// The journal's id is the key of the marks: it leaves the server in no answer.
struct RecordPlace {
  uint64_t journal_id = 0;
  uint64_t segment = 0;
  uint64_t offset = 0;  // of the header in the segment's file
};

// Fills in header.mark and header.crc.
RecordHeaderBytes encode_record(const RecordPlace& place, RecordHeader& header,
                                std::string_view payload);
// Whether this journal wrote a header with that length and sequence there. Says so also when
// everything else of the record is damaged, and of no copy or imitation in somebody's payload.
[[nodiscard]] bool is_marked(const RecordPlace& place, const RecordHeader& header);
// Both take kRecordHeaderBytes.
RecordHeader decode_record(ByteSpan header);
[[nodiscard]] bool checks_out(uint64_t segment, ByteSpan header, std::string_view payload);

inline uint64_t padding_after(uint64_t length) { return (kAlignment - length % kAlignment) % 8; }
// Bytes a record takes up in the file.
inline uint64_t record_bytes(uint64_t length) {
  return kRecordHeaderBytes + length + padding_after(length);
}

}  // namespace flawless::journal
