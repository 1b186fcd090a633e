// Sentry's envelope: one header line, then items, each a header line and a payload
// (https://develop.sentry.dev/sdk/foundations/transport/envelopes/).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "wire/dom.h"

namespace flawless::wire {

// Bounds that no client comes near.
inline constexpr size_t kMostEnvelopeItems = 1000;
inline constexpr size_t kMostHeaderLineBytes = 64 << 10;

// Views point into the body, or into the arena given to split_envelope().
struct Envelope {
  std::string_view event;  // payload of the event item
  bool has_event = false;
  std::string_view event_id;  // of the header
  std::string_view dsn_key;
  uint32_t skipped_items = 0;
};

// Walks the framing. Items of other types than "event" are counted and skipped. kInvalid: a header
// that is not an object, an item without type, a length beyond the end, two event items.
Result<Envelope> split_envelope(std::string_view body, Parser::Impl& parser);

// The public key of "https://KEY[:secret]@host/path/1"; empty if there is none.
std::string_view key_of_dsn(std::string_view dsn);

}  // namespace flawless::wire
