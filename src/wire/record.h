// What intake writes into the journal for one report: the sender's bytes as they came, and what was
// known on arrival.
//
//   0  u8   version (1)         4  u32  inflated size      24  16 B  report id      48  u16  length
//   of the peer address 1  u8   protocol            8  i64  project            40  i64   token 50
//   …    peer address, then the body 2  u8   encoding           16  i64  received, Unix ms 3  u8
//   flags: 1 needed cleaning to be readable, 2 over the event limit (trimmed when read), 4 over the
//   soft quota all numbers little-endian
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "wire/encoding.h"
#include "wire/report.h"

namespace flawless::wire {

struct ReportRecord {
  Protocol protocol = Protocol::kFlawless;
  Encoding encoding = Encoding::kIdentity;
  bool sanitised = false;
  bool trimmed = false;     // over the event limit: cut whenever it is read
  bool over_quota = false;  // came over the soft quota
  uint32_t inflated_bytes = 0;
  ProjectId project;
  TokenId token;
  Time received_at;
  ReportId report_id;
  std::string_view peer_ip;  // at most 64 bytes
  std::string_view body;     // as sent

  [[nodiscard]] Arrival arrival() const { return {report_id, project, received_at, peer_ip}; }
};

[[nodiscard]] std::string encode_record(const ReportRecord& record);
// Views point into `payload`. kCorrupt when it is not such a record.
[[nodiscard]] Result<ReportRecord> decode_record(std::string_view payload);

}  // namespace flawless::wire
