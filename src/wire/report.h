// Bytes to Event. Pure functions of their arguments, safe for hostile input.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "event/event.h"
#include "wire/encoding.h"
#include "wire/limits.h"

namespace flawless::wire {

// The form of a body; stored with it, so numbers never change.
enum class Protocol : uint8_t {
  kRollbar = 1,         // POST /api/1/item/: JSON, or a form with the field payload
  kSentryStore = 2,     // POST /api/{id}/store/: one event as JSON, or base64 of (zlib of) it
  kSentryEnvelope = 3,  // POST /api/{id}/envelope/
  kFlawless = 4,        // POST /api/2/report: docs/report-format.md
};

// A JSON parser with its memory, for use by one thread. Reuse it: it keeps its buffers up to a
// bound.
class Parser {
 public:
  Parser();
  ~Parser();
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;
  struct Impl;
  [[nodiscard]] Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// What intake needs to know of a body before it accepts it. Views point into the body or into the
// parser, and are good until the parser's next use.
struct Inspection {
  bool has_event = true;  // false: an envelope that carries no event item (sessions, transactions
                          // …): answer 200, keep nothing
  std::string_view access_token;  // Rollbar: top level of the JSON, or the form's field
  std::string_view dsn_key;       // Sentry: public key of the envelope header's dsn
  std::string_view id;        // uuid or event_id as sent; empty if none. The envelope header's wins
  std::string_view platform;  // Rollbar data.platform; decides for post_client_item tokens
  bool sanitised =
      false;  // not strict JSON (bad UTF-8, lone surrogate, NaN …); readable after cleaning
  size_t event_bytes = 0;      // of the event's JSON, which is a part of the body
  uint32_t skipped_items = 0;  // envelope items of other types
};

// Checks that `body` (inflated, with Buffer::kSlack bytes behind it) is well formed for the
// protocol: the JSON parses (strictly, or after cleaning), the envelope's framing is right.
// kInvalid says what is wrong and where, in words for the developer who reads the reply: "Envelope
// item 1: length 900 goes past the end of the body (312 bytes left)", "2 event items in one
// envelope; send one event per envelope". Required fields: Rollbar data.body and data (object).
// kTooLarge: what is packed in the body, base64 of zlib of it, has more than `most_packed` bytes.
[[nodiscard]] Result<Inspection> inspect(Protocol protocol, std::string_view body, Parser& parser,
                                         size_t most_packed = kRequestBytes);

enum class Detail {
  kIndex,  // what triage, grouping and the index rows need: no variables, source context,
           // breadcrumbs, modules, custom data
  kFull,
};

// What is known of a report beside its body.
struct Arrival {
  ReportId id;  // decided at intake; wins over the body's
  ProjectId project;
  Time received_at;
  std::string_view peer_ip;  // for $remote_ip and {{auto}}
};

// Reads a body that inspect() accepted. Fields of a wrong type are left out with a warning, never
// an error; kInvalid only if nothing can be read at all. Over the limits of limits.h collections
// and strings are cut the same way each time, before grouping, with a warning.
[[nodiscard]] Result<Event> read_event(Protocol protocol, std::string_view body, Detail detail,
                                       const Arrival& arrival, Parser& parser);

// The same for the body that `parser` inspected last, which is still parsed: no second parse. Into
// `fresh`, a new event. False if there is none (it was large, or the parser was used since) or it
// cannot be read; read_event() tells why. The body must still be alive.
[[nodiscard]] bool read_inspected(Protocol protocol, Detail detail, const Arrival& arrival,
                                  Parser& parser, Event& fresh);

// The event's own JSON inside the body (the envelope's event item, the form's payload) as a value
// tree, for the raw view. Text is owned by `arena`.
[[nodiscard]] Result<Value> read_raw(Protocol protocol, std::string_view body, Arena& arena,
                                     Parser& parser);

}  // namespace flawless::wire
