#include "intake/intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "intake/credentials.h"
#include "intake/replies.h"
#include "wire/record.h"

namespace flawless::intake {

// One request on its way through intake.
struct Intake::Report {
  wire::Protocol protocol;
  http::Request request;
  http::Responder responder;
  Time received_at;
  std::string project_in_path;  // Sentry; empty otherwise
  wire::Encoding encoding = wire::Encoding::kIdentity;
  std::optional<Grant> grant{};
  std::string_view inflated{};  // in this thread's scratch
  wire::Inspection inspection{};
  ReportId id{};
  bool over_soft = false;
};

// What must live until the commit.
struct Intake::Waiting {
  std::string id_as_sent;
  uint32_t skipped_items = 0;
  size_t bytes = 0;  // of the event
  wire::InFlightPtr report = std::make_unique<wire::InFlight>();
  http::Responder responder;
};

namespace {

constexpr size_t kKeptBufferBytes = 256 << 10;
// What may be read, inflated, on the thread that received it: a few milliseconds.
constexpr size_t kAtOnceBytes = 256 << 10;
// The same while nobody knows whose it is: the token may be in the body.
constexpr size_t kAtOnceUnknownBytes = 64 << 10;
constexpr size_t kMostUnknownBytes = 4u << 20;

// What each thread uses again for every report.
struct Scratch {
  wire::Parser parser;
  wire::Buffer inflated;
};
Scratch& scratch_of_this_thread() {
  thread_local Scratch scratch;
  return scratch;
}

bool is_sentry(wire::Protocol protocol) {
  return protocol == wire::Protocol::kSentryStore || protocol == wire::Protocol::kSentryEnvelope;
}

std::string_view reason_of(const http::Refused& why) {
  switch (why.status) {
    case 413:
      return "too large";
    case 408:
      return "too slow";
    case 503:
      return "overloaded";
    default:
      return "malformed";
  }
}

// Sentry takes envelopes at /store/ as well, when they say so.
bool is_envelope(const http::Request& request) {
  return request.header("Content-Type").starts_with("application/x-sentry-envelope");
}

// Rollbar lets public (client) tokens post for client platforms only.
bool is_client_platform(std::string_view platform) {
  for (std::string_view known : {"browser", "android", "ios", "flash", "client"}) {
    if (platform == known) return true;
  }
  return false;
}

}  // namespace

void Intake::mount(http::Router& router) {
  auto post = [&](std::string_view pattern, wire::Protocol protocol) {
    router.allow_cross_origin(pattern);
    router.add(http::Method::kPost, pattern,
               [this, protocol](http::Request&& request, const http::Params& params,
                                http::Responder responder) {
                 receive(protocol, std::move(request), params.get("project"), std::move(responder));
               },
               [this, protocol](http::Request&& head, const http::Params&, const http::Refused& why,
                                http::Responder responder) {
                 turn_away(protocol, std::move(head), why, std::move(responder));
               });
  };
  post("/api/1/item", wire::Protocol::kRollbar);
  post("/item", wire::Protocol::kRollbar);
  post("/api/store", wire::Protocol::kSentryStore);
  post("/api/:project/store", wire::Protocol::kSentryStore);
  post("/api/:project/envelope", wire::Protocol::kSentryEnvelope);
  post("/api/2/report", wire::Protocol::kFlawless);
  router.add(http::Method::kGet, "/api/1/status/ping",
             [](http::Request&&, const http::Params&, http::Responder responder) {
               responder.send(
                   {.status = 200, .content_type = "text/plain", .headers = {}, .body = "pong"});
             });
}

void Intake::receive(wire::Protocol protocol, http::Request&& request, std::string_view project,
                     http::Responder responder) {
  if (protocol == wire::Protocol::kSentryStore && is_envelope(request)) {
    protocol = wire::Protocol::kSentryEnvelope;
  }
  Report report{.protocol = protocol,
                .request = std::move(request),
                .responder = std::move(responder),
                .received_at = clock_.now(),
                .project_in_path = std::string(project)};
  process(std::move(report));
  wire::Buffer& buffer = scratch_of_this_thread().inflated;
  if (buffer.capacity() > kKeptBufferBytes) buffer = {};
}

void Intake::turn_away(wire::Protocol protocol, http::Request&& head, const http::Refused& why,
                       http::Responder responder) {
  Report report{.protocol = protocol,
                .request = std::move(head),
                .responder = std::move(responder),
                .received_at = clock_.now(),
                .project_in_path = {}};
  auto admission = board_.current();
  auto token = find_token(protocol, report.request);
  if (token) {
    if (const Grant* grant = admission->find(*token)) report.grant = *grant;
  }
  refuse(report, why.status, reason_of(why), why.message);
}

void Intake::process(Report&& report) {
  auto token = find_token(report.protocol, report.request);
  if (!token) return refuse(report, 403, "unknown token", token.message());
  if (token->empty() && !body_may_have_token(report.protocol)) {
    return refuse(report, 403, "no token", where_tokens_go(report.protocol));
  }
  if (!token->empty() && !authenticate(report, *token)) return;
  // Only after a token that was found outside the body is the quota charged before the body is
  // opened.
  if (report.grant && !admit(report)) return;
  const size_t most = report.grant ? kAtOnceBytes : kAtOnceUnknownBytes;
  read(std::move(report), most);
}

// On the thread that received it, or in the slow lane.
void Intake::read(Report&& report, size_t most) {
  switch (open_body(report, most)) {
    case Opened::kRefused:
      return;
    case Opened::kLater:
      return read_later(std::move(report));
    case Opened::kYes:
      break;
  }
  auto inspected =
      wire::inspect(report.protocol, report.inflated, scratch_of_this_thread().parser, most);
  if (inspected.code() == Code::kTooLarge && most < most_bytes(report)) {
    return read_later(std::move(report));
  }
  if (!inspected) return refuse_body(report, inspected.status());
  report.inspection = *inspected;
  if (!may_keep(report)) return;
  std::string id_as_sent(report.inspection.id);
  append(std::move(report), std::move(id_as_sent));
}

void Intake::read_later(Report&& report) {
  auto waiting = std::make_shared<Report>(std::move(report));
  constexpr std::string_view kBusy = "too many large reports at once; try again in a moment";
  auto task = [this, waiting, kBusy](bool is_over) {
    if (is_over) return refuse(*waiting, 503, "overloaded", kBusy);
    read(std::move(*waiting), most_bytes(*waiting));
    scratch_of_this_thread() = {};  // a large document's parser is ten times as large
  };
  if (!slow_lane_.offer(task, waiting->request.body.size(), waiting->grant.has_value())) {
    refuse(*waiting, 503, "overloaded", kBusy);
  }
}

size_t Intake::most_bytes(const Report& report) const {
  const size_t most = options_.request_bytes;
  return report.grant ? most : std::min(most, kMostUnknownBytes);
}

void Intake::refuse_unknown(Report& report, std::string_view token) {
  if (options_.is_for_reading && options_.is_for_reading(token)) {
    return refuse(report, 403, "wrong scope",
                  "this token may read, not send reports; use a token of scope post_server_item or "
                  "post_client_item");
  }
  refuse(report, 403, "unknown token",
         is_sentry(report.protocol) ? "no such key; check the DSN"
                                    : "access token not found; check the project's tokens");
}

bool Intake::authenticate(Report& report, std::string_view token) {
  auto admission = board_.current();
  const Grant* grant = admission->find(token);
  if (grant == nullptr) {
    refuse_unknown(report, token);
    return false;
  }
  report.grant = *grant;
  if (!grant->enabled) {
    refuse(report, 403, "disabled token", "this access token is disabled");
    return false;
  }
  if (!grant->project_enabled) {
    refuse(report, 403, "disabled project", "this project is disabled");
    return false;
  }
  if (!report.project_in_path.empty() &&
      report.project_in_path != std::to_string(grant->project.v)) {
    refuse(report, 403, "wrong project",
           "the key belongs to another project than the one in the URL; copy the DSN again");
    return false;
  }
  return true;
}

bool Intake::admit(Report& report) {
  auto or_default = [](uint64_t own, uint64_t common) { return own != 0 ? own : common; };
  RateVerdict verdict = rates_.admit(
      report.grant->token, or_default(report.grant->soft_per_minute, options_.soft_per_minute),
      or_default(report.grant->hard_per_minute, options_.hard_per_minute), report.received_at);
  report.over_soft = verdict.over_soft;
  if (verdict.admitted) {
    if (verdict.over_soft)
      refusals_.count(report.grant->project, "over soft quota", report.received_at);
    return true;
  }
  stats_.refused.fetch_add(1, std::memory_order_relaxed);
  refusals_.count(report.grant->project, "quota", report.received_at);
  report.responder.send(over_quota(report.protocol, verdict));
  return false;
}

// Inflates at most `most` bytes; what is larger and allowed is for later.
Intake::Opened Intake::open_body(Report& report, size_t most) {
  const auto encoding = wire::parse_encoding(report.request.header("Content-Encoding"));
  if (!encoding) {
    refuse(report, 415, "unsupported encoding", encoding.message());
    return Opened::kRefused;
  }
  report.encoding = *encoding;
  const std::string_view body = report.request.body.view();  // the parser's slack is behind it
  const size_t limit = most_bytes(report);
  most = std::min(most, limit);
  const bool identity = report.encoding == wire::Encoding::kIdentity;
  Status status = Status::ok();
  if (body.size() > (identity ? most : limit)) {
    status = {Code::kTooLarge, fmt::format("the request body is too large: over {} bytes", limit)};
  } else if (identity) {
    report.inflated = body;
  } else {
    wire::Buffer& buffer = scratch_of_this_thread().inflated;
    status = wire::inflate(report.encoding, body, most, buffer);
    report.inflated = buffer.view();
  }
  if (status) return Opened::kYes;
  if (status.code() == Code::kTooLarge && most < limit && body.size() <= limit) {
    return Opened::kLater;
  }
  refuse_body(report, status);
  return Opened::kRefused;
}

void Intake::refuse_body(Report& report, const Status& why) {
  if (why.code() != Code::kTooLarge) return refuse(report, 400, "malformed", why.message());
  const bool is_limited = most_bytes(report) < options_.request_bytes;
  refuse(report, 413, "too large",
         why.message() + (is_limited ? "; with the token in a header it may be larger" : ""));
}

// Whether what was sent may be kept, and is worth it.
bool Intake::may_keep(Report& report) {
  const wire::Inspection& seen = report.inspection;
  if (!report.grant) {
    std::string token(is_sentry(report.protocol) ? seen.dsn_key : seen.access_token);
    if (token.empty()) {
      refuse(report, 403, "no token", where_tokens_go(report.protocol));
      return false;
    }
    if (!authenticate(report, token) || !admit(report)) return false;
  } else if (is_sentry(report.protocol) && !seen.dsn_key.empty()) {
    auto admission = board_.current();  // keeps what is found alive
    const Grant* second = admission->find(seen.dsn_key);
    if (second == nullptr || second->project != report.grant->project) {
      refuse(report, 403, "wrong project",
             "the envelope's dsn and the request's key belong to different projects");
      return false;
    }
  }
  if (report.protocol == wire::Protocol::kRollbar && report.grant->client_only &&
      !is_client_platform(seen.platform)) {
    refuse(
        report, 403, "wrong scope",
        "a post_client_item token takes only reports whose data.platform is browser, android, ios, "
        "flash or client; use a post_server_item token");
    return false;
  }
  if (!seen.has_event) {
    report.responder.send(nothing_to_keep(seen.skipped_items));
    return false;
  }
  report.id = seen.id.empty() ? ReportId::generate(unix_ms(report.received_at))
                              : ReportId::from_client(seen.id);
  return true;
}

void Intake::append(Report&& report, std::string id_as_sent) {
  wire::ReportRecord record;
  record.protocol = report.protocol;
  record.encoding = report.encoding;
  record.sanitised = report.inspection.sanitised;
  record.trimmed = report.inspection.event_bytes > wire::kEventBytes;
  record.over_quota = report.over_soft;
  record.inflated_bytes = static_cast<uint32_t>(report.inflated.size());
  record.project = report.grant->project;
  record.token = report.grant->token;
  record.received_at = report.received_at;
  record.report_id = report.id;
  record.peer_ip = report.request.peer;
  record.body = report.request.body.view();
  stats_.wire_bytes.fetch_add(record.body.size(), std::memory_order_relaxed);
  stats_.inflated_bytes.fetch_add(report.inflated.size(), std::memory_order_relaxed);
  auto payload = std::make_shared<const std::string>(encode_record(record));
  auto waiting = std::make_shared<Waiting>(Waiting{
      .id_as_sent = std::move(id_as_sent),
      .skipped_items = report.inspection.skipped_items,
      .responder = std::move(report.responder)});
  // The body is parsed here and now: reading it again in digest would cost as much as all else
  // there.
  if (!handoff_.paused() && waiting_bytes_ < options_.waiting_bytes) {
    waiting->report->has_event =
        wire::read_inspected(report.protocol, wire::Detail::kIndex, record.arrival(),
                             scratch_of_this_thread().parser, waiting->report->event);
    waiting->bytes = waiting->report->bytes();
    waiting_bytes_ += waiting->bytes;
  }
  waiting->report->body_bytes = static_cast<uint32_t>(record.body.size());
  record.body = record.peer_ip = {};
  waiting->report->record = record;
  journal_.append(std::move(payload), [this, waiting](Result<journal::Appended> appended) {
    finish(*waiting, appended);
  });
}

// On the journal's commit thread.
void Intake::finish(Waiting& waiting, const Result<journal::Appended>& appended) {
  const wire::ReportRecord& record = waiting.report->record;
  waiting_bytes_ -= waiting.bytes;
  if (!appended) {
    stats_.refused.fetch_add(1, std::memory_order_relaxed);
    refusals_.count(record.project, "not stored", record.received_at);
    // Health and the log say more; the sender need not learn where our files lie.
    waiting.responder.send(unavailable(record.protocol, appended.code() == Code::kUnavailable
                                                            ? "the report cannot be stored now; "
                                                              "try again in a moment"
                                                            : appended.message()));
    return;
  }
  stats_.accepted.fetch_add(1, std::memory_order_relaxed);
  if (record.trimmed) refusals_.count(record.project, "trimmed", record.received_at);
  if (record.sanitised) refusals_.count(record.project, "cleaned", record.received_at);
  waiting.responder.send(
      accepted(record.protocol, record.report_id, waiting.id_as_sent, waiting.skipped_items));
  waiting.report->sequence = appended->sequence;
  waiting.report->segment = appended->position.segment;
  waiting.report->offset = appended->position.offset;
  handoff_.offer(std::move(waiting.report));
}

void Intake::refuse(Report& report, int status, std::string_view reason, std::string_view message) {
  stats_.refused.fetch_add(1, std::memory_order_relaxed);
  refusals_.count(report.grant ? report.grant->project : ProjectId{}, reason, report.received_at);
  report.responder.send(status == 503 ? unavailable(report.protocol, message)
                                      : refused(report.protocol, status, message));
}

}  // namespace flawless::intake
