#include "journal/format.h"

namespace flawless::journal {
namespace {

constexpr std::string_view kMagic = "FLWJRNL\n";
constexpr size_t kHeaderCrcAt = 48;
constexpr size_t kCrcAt = 4;  // in a record header

uint32_t record_crc(uint64_t segment, const uint8_t* header, std::string_view payload) {
  std::array<uint8_t, 8> number;
  store_le(number.data(), segment);
  uint32_t crc = crc32c(number);
  crc = crc32c({header, kCrcAt}, crc);
  crc = crc32c({header + kCrcAt + 4, kRecordHeaderBytes - kCrcAt - 4}, crc);
  return crc32c(as_bytes(payload), crc);
}

RecordHeaderBytes lay_out(const RecordHeader& header) {
  RecordHeaderBytes bytes{};
  store_le(bytes.data(), header.length);
  store_le(bytes.data() + kCrcAt, header.crc);
  store_le(bytes.data() + 8, header.previous);
  store_le(bytes.data() + 16, header.sequence);
  store_le(bytes.data() + 24, header.unix_ms);
  return bytes;
}

}  // namespace

std::string encode_header(const SegmentHeader& header) {
  std::string bytes(kMagic);
  append_le(bytes, kFormatVersion);
  append_le(bytes, header.epoch);
  append_le(bytes, header.journal_id);
  append_le(bytes, header.segment);
  append_le(bytes, header.first_sequence);
  append_le(bytes, header.before_ms);
  append_le(bytes, crc32c(as_bytes(bytes)));
  bytes.resize(kRecordsStart);
  return bytes;
}

Result<SegmentHeader> decode_header(ByteSpan bytes) {
  if (bytes.size() < kHeaderCrcAt + 4 || as_text(bytes.first(kMagic.size())) != kMagic) {
    return Status(Code::kCorrupt, "not a journal segment");
  }
  if (load_le<uint32_t>(bytes.data() + kHeaderCrcAt) != crc32c(bytes.first(kHeaderCrcAt))) {
    return Status(Code::kCorrupt, "the segment's header fails its check");
  }
  uint32_t version = load_le<uint32_t>(bytes.data() + 8);
  if (version != kFormatVersion) {
    return Status(Code::kInvalid,
                  "journal format " + std::to_string(version) +
                      " is of another version of the program, which has to read it");
  }
  return SegmentHeader{.journal_id = load_le<uint64_t>(bytes.data() + 16),
                       .epoch = load_le<uint32_t>(bytes.data() + 12),
                       .segment = load_le<uint64_t>(bytes.data() + 24),
                       .first_sequence = load_le<uint64_t>(bytes.data() + 32),
                       .before_ms = load_le<int64_t>(bytes.data() + 40)};
}

RecordHeaderBytes encode_record(uint64_t segment, RecordHeader& header, std::string_view payload) {
  RecordHeaderBytes bytes = lay_out(header);
  header.crc = record_crc(segment, bytes.data(), payload);
  store_le(bytes.data() + kCrcAt, header.crc);
  return bytes;
}

RecordHeader decode_record(ByteSpan header) {
  return {.length = load_le<uint32_t>(header.data()),
          .crc = load_le<uint32_t>(header.data() + kCrcAt),
          .previous = load_le<uint32_t>(header.data() + 8),
          .sequence = load_le<uint64_t>(header.data() + 16),
          .unix_ms = load_le<int64_t>(header.data() + 24)};
}

bool checks_out(uint64_t segment, ByteSpan header, std::string_view payload) {
  const RecordHeader fields = decode_record(header);
  return fields.sequence != 0 && fields.crc == record_crc(segment, header.data(), payload);
}

}  // namespace flawless::journal
