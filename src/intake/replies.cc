#include "intake/replies.h"

#include <fmt/format.h>

#include "base/json_writer.h"

namespace flawless::intake {
namespace {

// https://develop.sentry.dev/sdk/expected-features/rate-limiting/: a limit may ride on a 200, and
// saves both sides the traffic of what is not kept here.
constexpr std::string_view kNotKept =
    "86400:transaction;span;session;profile;profile_chunk;replay;monitor;log_item;feedback;"
    "attachment;trace_metric:organization";

http::Response json_response(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

void add_not_kept(http::Response& response, uint32_t skipped_items) {
  if (skipped_items > 0)
    response.headers.push_back({"X-Sentry-Rate-Limits", std::string(kNotKept)});
}

std::string_view error_code(int status) {
  switch (status) {
    case 400:
      return "malformed";
    case 401:
    case 403:
      return "denied";
    case 408:
      return "timeout";
    case 413:
      return "too_large";
    case 415:
      return "unsupported_encoding";
    case 429:
      return "quota";
    case 503:
      return "unavailable";
    default:
      return "error";
  }
}

bool is_sentry(wire::Protocol protocol) {
  return protocol == wire::Protocol::kSentryStore || protocol == wire::Protocol::kSentryEnvelope;
}

}  // namespace

http::Response accepted(wire::Protocol protocol, const ReportId& id, std::string_view id_as_sent,
                        uint32_t skipped_items) {
  JsonWriter json;
  json.object();
  if (protocol == wire::Protocol::kRollbar) {
    json.field("err", 0).key("result").object().key("id").null();
    json.field("uuid", id_as_sent.empty() ? id.hex() : std::string(id_as_sent)).end();
  } else {
    json.field("id", id.hex());
  }
  json.end();
  http::Response response = json_response(200, json.take());
  if (is_sentry(protocol)) add_not_kept(response, skipped_items);
  return response;
}

http::Response nothing_to_keep(uint32_t skipped_items) {
  http::Response response = json_response(200, "{}");
  add_not_kept(response, skipped_items);
  return response;
}

http::Response refused(wire::Protocol protocol, int status, std::string_view message) {
  JsonWriter json;
  json.object();
  if (protocol == wire::Protocol::kRollbar) {
    json.field("err", 1).field("message", message);
  } else if (is_sentry(protocol)) {
    json.field("detail", message).key("causes").array().end();
  } else {
    json.key("error").object().field("code", error_code(status)).field("message", message).end();
  }
  json.end();
  http::Response response = json_response(status, json.take());
  if (is_sentry(protocol)) {
    std::string reason(message.substr(0, 200));
    for (char& c : reason) {
      if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = ' ';
    }
    response.headers.push_back({"X-Sentry-Error", reason});
  }
  return response;
}

http::Response over_quota(wire::Protocol protocol, const RateVerdict& verdict) {
  http::Response response =
      refused(protocol, 429,
              fmt::format("over the limit of {} reports a minute for this token; try again in {} s",
                          verdict.limit, verdict.remaining_seconds));
  auto seconds = std::to_string(verdict.remaining_seconds);
  response.headers.push_back({"Retry-After", seconds});
  response.headers.push_back(
      {"X-Sentry-Rate-Limits", fmt::format("{}:default;error;security:key", seconds)});
  response.headers.push_back({"X-Rate-Limit-Limit", std::to_string(verdict.limit)});
  response.headers.push_back({"X-Rate-Limit-Remaining", std::to_string(verdict.remaining)});
  response.headers.push_back({"X-Rate-Limit-Remaining-Seconds", seconds});
  response.headers.push_back({"X-Rate-Limit-Reset", std::to_string(verdict.reset_unix)});
  return response;
}

http::Response unavailable(wire::Protocol protocol, std::string_view message) {
  http::Response response = refused(protocol, 503, message);
  response.headers.push_back({"Retry-After", "5"});
  return response;
}

}  // namespace flawless::intake
