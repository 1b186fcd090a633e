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
  uint64_t sequence = 0;
  int64_t unix_ms = 0;
};

using RecordHeaderBytes = std::array<uint8_t, kRecordHeaderBytes>;

// Fills in header.crc.
RecordHeaderBytes encode_record(uint64_t segment, RecordHeader& header, std::string_view payload);
// Both take kRecordHeaderBytes.
RecordHeader decode_record(ByteSpan header);
[[nodiscard]] bool checks_out(uint64_t segment, ByteSpan header, std::string_view payload);

inline uint64_t padding_after(uint64_t length) { return (kAlignment - length % kAlignment) % 8; }
// Bytes a record takes up in the file.
inline uint64_t record_bytes(uint64_t length) {
  return kRecordHeaderBytes + length + padding_after(length);
}

}  // namespace flawless::journal
