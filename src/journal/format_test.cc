#include "journal/format.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace flawless::journal {
namespace {

const SegmentHeader kExample{.journal_id = 0x0123456789abcdef,
                             .epoch = 2,
                             .segment = 7,
                             .first_sequence = 41,
                             .before_ms = 1700000000000};

// The lines "offset  bytes" of the document's example, laid out in a file.
std::string documented_example() {
  std::ifstream document(FLAWLESS_SOURCE_DIR "/src/journal/FORMAT.md");
  std::string line, bytes;
  while (std::getline(document, line) && line != "```") {
  }
  while (std::getline(document, line) && line != "```") {
    std::istringstream numbers(line);
    size_t at = 0, byte = 0;
    numbers >> std::hex >> at;
    bytes.resize(at);
    while (numbers >> std::hex >> byte) bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

TEST(Format, IsWhatTheDocumentShows) {
  RecordHeader header{.length = 5, .previous = 0, .sequence = 41, .unix_ms = 1700000000123};
  const RecordHeaderBytes record =
      encode_record({kExample.journal_id, 7, kRecordsStart}, header, "hello");
  std::string file = encode_header(kExample);
  ASSERT_EQ(file.size(), kRecordsStart);
  file.append(as_text(record)).append("hello").append(padding_after(5), '\0');
  EXPECT_EQ(to_hex(as_bytes(file)), to_hex(as_bytes(documented_example())));
  EXPECT_EQ(file.size(), kRecordsStart + record_bytes(5));
}

TEST(SegmentHeader, ComesBack) {
  auto header = decode_header(as_bytes(encode_header(kExample)));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->journal_id, kExample.journal_id);
  EXPECT_EQ(header->epoch, 2U);
  EXPECT_EQ(header->segment, 7U);
  EXPECT_EQ(header->first_sequence, 41U);
  EXPECT_EQ(header->before_ms, 1700000000000);
}

TEST(SegmentHeader, AnyChangedByteIsNoticed) {
  for (size_t at = 0; at < 52; ++at) {
    std::string bytes = encode_header(kExample);
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    EXPECT_EQ(decode_header(as_bytes(bytes)).code(), Code::kCorrupt) << at;
  }
  EXPECT_EQ(decode_header(as_bytes(encode_header(kExample)).first(51)).code(), Code::kCorrupt);
  EXPECT_EQ(decode_header({}).code(), Code::kCorrupt);
}

TEST(SegmentHeader, OfANewerVersionIsRefusedAsSuch) {
  std::string bytes = encode_header(kExample);
  bytes[8] = 2;
  store_le(bytes.data() + 48, crc32c(as_bytes(bytes).first(48)));
  EXPECT_EQ(decode_header(as_bytes(bytes)).code(), Code::kInvalid);
}

TEST(RecordHeader, AnyChangedByteIsNoticed) {
  RecordHeader header{.length = 3, .previous = 99, .sequence = 12, .unix_ms = 5};
  const RecordHeaderBytes good = encode_record({1, 3, 4096}, header, "abc");
  EXPECT_TRUE(checks_out(3, good, "abc"));
  EXPECT_FALSE(checks_out(4, good, "abc"));  // a recycled file
  EXPECT_FALSE(checks_out(3, good, "abd"));
  for (size_t at = 0; at < good.size(); ++at) {
    RecordHeaderBytes bad = good;
    bad[at] ^= 1;
    EXPECT_FALSE(checks_out(3, bad, "abc")) << at;
  }
}

TEST(RecordHeader, IsMarkedForItsPlaceLengthAndSequence) {
  const RecordPlace place{.journal_id = 7, .segment = 3, .offset = 4096};
  RecordHeader written{.length = 3, .previous = 99, .sequence = 12, .unix_ms = 5};
  const RecordHeader good = decode_record(encode_record(place, written, "abc"));
  EXPECT_EQ(good.mark, written.mark);
  EXPECT_TRUE(is_marked(place, good));
  EXPECT_FALSE(is_marked({8, 3, 4096}, good));
  EXPECT_FALSE(is_marked({7, 4, 4096}, good));
  EXPECT_FALSE(is_marked({7, 3, 4104}, good));
  RecordHeader bad = good;
  ++bad.sequence;
  EXPECT_FALSE(is_marked(place, bad));
  bad = good;
  ++bad.length;
  EXPECT_FALSE(is_marked(place, bad));
  bad = good;
  bad.mark = 0;
  EXPECT_FALSE(is_marked(place, bad)) << "an earlier version wrote it";
  bad = good;
  bad.crc = bad.previous = 1;
  bad.unix_ms = 1;
  EXPECT_TRUE(is_marked(place, bad)) << "what else is damaged does not matter";
}

TEST(RecordHeader, ZerosAreNoRecord) {
  const RecordHeaderBytes zeros{};
  EXPECT_FALSE(checks_out(0, zeros, ""));
}

TEST(RecordBytes, AreAligned) {
  for (uint64_t length = 0; length < 20; ++length) {
    EXPECT_EQ(record_bytes(length) % kAlignment, 0U);
    EXPECT_GE(record_bytes(length), kRecordHeaderBytes + length);
    EXPECT_LT(record_bytes(length), kRecordHeaderBytes + length + kAlignment);
  }
}

}  // namespace
}  // namespace flawless::journal
