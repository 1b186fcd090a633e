#include "wire/record.h"

#include <algorithm>

#include "base/bytes.h"

namespace flawless::wire {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kHeaderBytes = 50;
constexpr size_t kMaxPeerBytes = 64;
constexpr uint8_t kFlagSanitised = 1, kFlagTrimmed = 2, kFlagOverQuota = 4;

uint8_t flags_of(const ReportRecord& record) {
  return static_cast<uint8_t>((record.sanitised ? kFlagSanitised : 0) |
                              (record.trimmed ? kFlagTrimmed : 0) |
                              (record.over_quota ? kFlagOverQuota : 0));
}

}  // namespace

std::string encode_record(const ReportRecord& record) {
  std::string_view peer = record.peer_ip.substr(0, kMaxPeerBytes);
  std::string out;
  out.reserve(kHeaderBytes + peer.size() + record.body.size());
  append_le<uint8_t>(out, kVersion);
  append_le<uint8_t>(out, static_cast<uint8_t>(record.protocol));
  append_le<uint8_t>(out, static_cast<uint8_t>(record.encoding));
  append_le<uint8_t>(out, flags_of(record));
  append_le<uint32_t>(out, record.inflated_bytes);
  append_le<int64_t>(out, record.project.v);
  append_le<int64_t>(out, unix_ms(record.received_at));
  out.append(as_text(record.report_id.bytes));
  append_le<int64_t>(out, record.token.v);
  append_le<uint16_t>(out, static_cast<uint16_t>(peer.size()));
  out.append(peer);
  out.append(record.body);
  return out;
}

Result<ReportRecord> decode_record(std::string_view payload) {
  if (payload.size() < kHeaderBytes)
    return {Code::kCorrupt, "journal record: shorter than its header"};
  const char* at = payload.data();
  if (load_le<uint8_t>(at) != kVersion) {
    return {Code::kCorrupt, "journal record: version " + std::to_string(load_le<uint8_t>(at)) +
                                " is not one this program reads"};
  }
  uint8_t protocol = load_le<uint8_t>(at + 1), encoding = load_le<uint8_t>(at + 2);
  if (protocol < 1 || protocol > 4 || encoding > 4) {
    return {Code::kCorrupt, "journal record: unknown protocol or encoding"};
  }
  size_t peer_bytes = load_le<uint16_t>(at + 48);
  if (payload.size() < kHeaderBytes + peer_bytes) {
    return {Code::kCorrupt, "journal record: ends inside the peer address"};
  }
  ReportRecord record;
  record.protocol = static_cast<Protocol>(protocol);
  record.encoding = static_cast<Encoding>(encoding);
  auto flags = load_le<uint8_t>(at + 3);
  record.sanitised = (flags & kFlagSanitised) != 0;
  record.trimmed = (flags & kFlagTrimmed) != 0;
  record.over_quota = (flags & kFlagOverQuota) != 0;
  record.inflated_bytes = load_le<uint32_t>(at + 4);
  record.project = {load_le<int64_t>(at + 8)};
  record.received_at = from_unix_ms(load_le<int64_t>(at + 16));
  std::copy_n(at + 24, 16, reinterpret_cast<char*>(record.report_id.bytes.data()));
  record.token = {load_le<int64_t>(at + 40)};
  record.peer_ip = payload.substr(kHeaderBytes, peer_bytes);
  record.body = payload.substr(kHeaderBytes + peer_bytes);
  return record;
}

}  // namespace flawless::wire
