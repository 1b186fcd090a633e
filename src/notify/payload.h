// What the writer of an outbox row says about it. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "store/outbox.h"

namespace flawless::notify {

// Anything may be missing: a mail goes out with what there is.
struct Payload {
  ProjectId project;
  std::string project_name;
  ItemId item;
  int64_t item_number = 0;
  OccurrenceId occurrence;
  LineId line;
  std::string path, function, text;
  uint32_t line_number = 0;
  std::string why, developer, intended_for, header;
  std::string left_out;                    // addresses that may not be mailed, "a, b"
  std::string recipient, subject, reason;  // of kind "undeliverable": the mail that was refused
};

// Of a row; the line is also taken from its key ("line:17:0", "known:17:3:ops@shop.example").
[[nodiscard]] Payload read_payload(const store::Message& message);

// The payload that tells of a mail that came to nothing.
[[nodiscard]] std::string undeliverable_payload(const Payload& of, std::string_view recipient,
                                                std::string_view subject, std::string_view reason);

}  // namespace flawless::notify
