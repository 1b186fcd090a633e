#include "journal/format.h"

#include <algorithm>
#include <bit>

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

// SipHash-2-4: short messages under a secret key.
class KeyedHash {
 public:
  explicit KeyedHash(uint64_t key)
      : v0_(key ^ 0x736f6d6570736575),
        v1_(kKeyHigh ^ 0x646f72616e646f6d),
        v2_(key ^ 0x6c7967656e657261),
        v3_(kKeyHigh ^ 0x7465646279746573) {}

  void add(uint64_t word) {
    v3_ ^= word;
    mix(2);
    v0_ ^= word;
    bytes_ += sizeof word;
  }
  uint64_t finish() {
    add(bytes_ << 56U);
    v2_ ^= 0xff;
    mix(4);
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  static constexpr uint64_t kKeyHigh = 0x4b52414d4a574c46;  // "FLWJMARK"

  void mix(int rounds) {
    for (; rounds > 0; --rounds) {
      v0_ += v1_;
      v1_ = std::rotl(v1_, 13) ^ v0_;
      v0_ = std::rotl(v0_, 32);
      v2_ += v3_;
      v3_ = std::rotl(v3_, 16) ^ v2_;
      v0_ += v3_;
      v3_ = std::rotl(v3_, 21) ^ v0_;
      v2_ += v1_;
      v1_ = std::rotl(v1_, 17) ^ v2_;
      v2_ = std::rotl(v2_, 32);
    }
  }

  uint64_t v0_, v1_, v2_, v3_;
  uint64_t bytes_ = 0;
};

uint32_t record_mark(const RecordPlace& place, const RecordHeader& header) {
  KeyedHash hash(place.journal_id);
  for (uint64_t word : {place.segment, place.offset, uint64_t{header.length}, header.sequence}) {
    hash.add(word);
  }
  return std::max<uint32_t>(1, static_cast<uint32_t>(hash.finish()));
}

RecordHeaderBytes lay_out(const RecordHeader& header) {
  RecordHeaderBytes bytes{};
  store_le(bytes.data(), header.length);
  store_le(bytes.data() + kCrcAt, header.crc);
  store_le(bytes.data() + 8, header.previous);
  store_le(bytes.data() + 12, header.mark);
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

RecordHeaderBytes encode_record(const RecordPlace& place, RecordHeader& header,
                                std::string_view payload) {
  header.mark = record_mark(place, header);
  RecordHeaderBytes bytes = lay_out(header);
  header.crc = record_crc(place.segment, bytes.data(), payload);
  store_le(bytes.data() + kCrcAt, header.crc);
  return bytes;
}

RecordHeader decode_record(ByteSpan header) {
  return {.length = load_le<uint32_t>(header.data()),
          .crc = load_le<uint32_t>(header.data() + kCrcAt),
          .previous = load_le<uint32_t>(header.data() + 8),
          .mark = load_le<uint32_t>(header.data() + 12),
          .sequence = load_le<uint64_t>(header.data() + 16),
          .unix_ms = load_le<int64_t>(header.data() + 24)};
}

bool is_marked(const RecordPlace& place, const RecordHeader& header) {
  return header.mark != 0 && header.mark == record_mark(place, header);
}

bool checks_out(uint64_t segment, ByteSpan header, std::string_view payload) {
  const RecordHeader fields = decode_record(header);
  return fields.sequence != 0 && fields.crc == record_crc(segment, header.data(), payload);
}

}  // namespace flawless::journal
