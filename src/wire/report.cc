#include "wire/report.h"

#include <fmt/format.h>

#include "wire/body.h"
#include "wire/flawless/read.h"
#include "wire/limits.h"
#include "wire/reader.h"
#include "wire/rollbar/read.h"
#include "wire/sentry/read.h"

namespace flawless::wire {
namespace {

constexpr size_t kMostNoteBytes = 1024;

// For the raw view, of what was within the limits and what was not.
constexpr Limits kRawLimits{.depth = 64,
                            .string_bytes = 1 << 20,
                            .name_bytes = 4 << 10,
                            .container_entries = 20'000,
                            .values = 200'000,
                            .value_bytes = 4 << 20};
constexpr Limits kTrimmedRawLimits{.depth = 32,
                                   .string_bytes = 16 << 10,
                                   .container_entries = 500,
                                   .values = 30'000,
                                   .value_bytes = 1 << 20};

bool is_sentry(Protocol protocol) {
  return protocol == Protocol::kSentryStore || protocol == Protocol::kSentryEnvelope;
}

// Text of the parsed document that outlives it.
std::string_view note(std::optional<Json> json, Arena& notes) {
  return json ? notes.copy(as_text(*json).substr(0, kMostNoteBytes)) : std::string_view{};
}

Result<Inspection> inspect_open(Protocol protocol, const OpenBody& open, Parser::Impl& parser) {
  Inspection out;
  out.has_event = open.has_event;
  out.sanitised = open.sanitised;
  out.event_bytes = open.event_bytes;
  out.skipped_items = open.skipped_items;
  out.dsn_key = open.dsn_key;
  out.access_token = parser.notes.copy(open.access_token.substr(0, kMostNoteBytes));
  if (!open.has_event) return out;
  if (protocol == Protocol::kFlawless) RETURN_IF_ERROR(v2::check(open.event));
  bool is_rollbar = protocol == Protocol::kRollbar;
  Json event = is_rollbar ? member(open.event, "data").value_or(open.event) : open.event;
  std::string_view id_key = is_rollbar ? "uuid" : is_sentry(protocol) ? "event_id" : "id";
  out.id = open.header_id.empty() ? note(member(event, id_key), parser.notes) : open.header_id;
  out.platform = note(member(event, "platform"), parser.notes);
  return out;
}

std::string grouped_digits(size_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ' ');
  return digits;
}

Status fill(Protocol protocol, const OpenBody& open, const Arrival& arrival, Reader& reader) {
  if (open.event_bytes > kEventBytes) {
    reader.warn(Path("body"),
                fmt::format("{} bytes; trimmed to the first {} of each string, {} entries of "
                            "each list and {} frames",
                            grouped_digits(open.event_bytes), reader.limits.string_bytes,
                            reader.limits.container_entries, reader.limits.frames));
  }
  if (open.sanitised) reader.warn(Path("body"), "not strict JSON; cleaned before it was read");
  switch (protocol) {
    case Protocol::kRollbar:
      return rollbar::read(open.event, arrival, reader);
    case Protocol::kSentryStore:
    case Protocol::kSentryEnvelope:
      return sentry::read(open.event, open.header_id, arrival, reader);
    case Protocol::kFlawless:
      return v2::read(open.event, arrival, reader);
  }
  return {Code::kInvalid, "unknown protocol"};
}

Status no_event() { return {Code::kInvalid, "there is no event in this body"}; }

Status read_open(Protocol protocol, const OpenBody& open, Detail detail, const Arrival& arrival,
                 Event& event) {
  if (!open.has_event) return no_event();
  event.id = arrival.id;
  event.project = arrival.project;
  event.received_at = arrival.received_at;
  Reader reader(event, open.event_bytes > kEventBytes ? kTrimmedLimits : kLimits, detail);
  return fill(protocol, open, arrival, reader);
}

Result<Value> raw_value(const OpenBody& open, Arena& arena) {
  if (!open.has_event) return no_event();
  Event scratch;
  scratch.arena = std::move(arena);
  Reader reader(scratch, open.event_bytes > kEventBytes ? kTrimmedRawLimits : kRawLimits,
                Detail::kFull);
  Value value = reader.value(Path("body"), open.event);
  arena = std::move(scratch.arena);
  return value;
}

}  // namespace

Result<Inspection> inspect(Protocol protocol, std::string_view body, Parser& parser,
                           size_t most_packed) {
  parser.impl().inspected.reset();
  auto open = open_body(protocol, body, parser.impl(), most_packed);
  if (!open) {
    parser.impl().shrink();
    return open.status();
  }
  auto out = inspect_open(protocol, *open, parser.impl());
  if (out) parser.impl().inspected = *open;
  parser.impl().shrink();
  return out;
}

bool read_inspected(Protocol protocol, Detail detail, const Arrival& arrival, Parser& parser,
                    Event& fresh) {
  const std::optional<OpenBody>& open = parser.impl().inspected;
  return open && read_open(protocol, *open, detail, arrival, fresh).is_ok();
}

Result<Event> read_event(Protocol protocol, std::string_view body, Detail detail,
                         const Arrival& arrival, Parser& parser) {
  parser.impl().inspected.reset();
  auto open = open_body(protocol, body, parser.impl());
  Event event;
  Status status = open ? read_open(protocol, *open, detail, arrival, event) : open.status();
  parser.impl().shrink();
  if (!status) return status;
  return event;
}

Result<Value> read_raw(Protocol protocol, std::string_view body, Arena& arena, Parser& parser) {
  parser.impl().inspected.reset();
  auto open = open_body(protocol, body, parser.impl());
  Result<Value> out = open ? raw_value(*open, arena) : Result<Value>(open.status());
  parser.impl().shrink();
  return out;
}

}  // namespace flawless::wire
