#include "wire/record.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace flawless::wire {
namespace {

ReportRecord sample() {
  ReportRecord record;
  record.protocol = Protocol::kSentryEnvelope;
  record.encoding = Encoding::kZstd;
  record.sanitised = record.over_quota = true;
  record.inflated_bytes = 123456;
  record.project = {7};
  record.token = {9};
  record.received_at = from_unix_ms(1763800000123);
  record.report_id = *ReportId::parse("00112233445566778899aabbccddeeff");
  record.peer_ip = "2001:db8::1";
  record.body = std::string_view("\x28\xb5\x2f\xfd\0body", 9);
  return record;
}

TEST(ReportRecord, ComesBackAsWritten) {
  std::string payload = encode_record(sample());
  auto read = decode_record(payload);
  ASSERT_TRUE(read.is_ok()) << read.message();
  EXPECT_EQ(read->protocol, Protocol::kSentryEnvelope);
  EXPECT_EQ(read->encoding, Encoding::kZstd);
  EXPECT_TRUE(read->sanitised);
  EXPECT_FALSE(read->trimmed);
  EXPECT_TRUE(read->over_quota);
  EXPECT_EQ(read->inflated_bytes, 123456u);
  EXPECT_EQ(read->project.v, 7);
  EXPECT_EQ(read->token.v, 9);
  EXPECT_EQ(unix_ms(read->received_at), 1763800000123);
  EXPECT_EQ(read->report_id, sample().report_id);
  EXPECT_EQ(read->peer_ip, "2001:db8::1");
  EXPECT_EQ(read->body, sample().body);
}

// The first bytes are on disk for ever: a change of layout must fail here.
TEST(ReportRecord, LayoutIsAsDocumented) {
  std::string payload = encode_record(sample());
  EXPECT_EQ(to_hex(as_bytes(payload.substr(0, 24))),
            "01030405"
            "40e20100"
            "0700000000000000"
            "7b26acaa9a010000");
  EXPECT_EQ(to_hex(as_bytes(payload.substr(24, 26))),
            "00112233445566778899aabbccddeeff"
            "0900000000000000"
            "0b00");
}

TEST(ReportRecord, EveryTruncationOfTheHeadIsRefused) {
  std::string payload = encode_record(sample());
  size_t head = payload.size() - sample().body.size();
  for (size_t size = 0; size < head; ++size) {
    EXPECT_EQ(decode_record(std::string_view(payload).substr(0, size)).code(), Code::kCorrupt)
        << size;
  }
}

TEST(ReportRecord, UnknownVersionAndProtocolAreRefused) {
  std::string payload = encode_record(sample());
  payload[0] = 2;
  EXPECT_EQ(decode_record(payload).code(), Code::kCorrupt);
  payload[0] = 1;
  payload[1] = 5;
  EXPECT_EQ(decode_record(payload).code(), Code::kCorrupt);
}

}  // namespace
}  // namespace flawless::wire
