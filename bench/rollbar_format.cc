#include "base/json_writer.h"
#include "base/result.h"
#include "event_parts.h"

namespace flawless::bench {
namespace {

constexpr std::string_view kIdPlace = "00000000000000000000000000000000";

void write_lines(JsonWriter& json, std::string_view name, const std::vector<std::string>& lines) {
  json.key(name).array();
  for (const std::string& line : lines) json.value(line);
  json.end();
}

void write_frame(JsonWriter& json, const FramePart& frame) {
  json.object()
      .field("filename", frame.path)
      .field("lineno", static_cast<uint64_t>(frame.line_number));
  json.field("method", frame.function).field("code", frame.line);
  json.key("context").object();
  write_lines(json, "pre", frame.before);
  write_lines(json, "post", frame.after);
  json.end();
  if (!frame.locals.empty()) {
    json.key("argspec").array().value(frame.locals.front().first).end();
  }
  json.key("locals").object();
  for (const auto& [name, value] : frame.locals) json.key(name).raw(value);
  json.end().end();
}

void write_telemetry(JsonWriter& json, const std::vector<CrumbPart>& crumbs) {
  json.key("telemetry").array();
  for (const CrumbPart& crumb : crumbs) {
    json.object().field("level", crumb.level).field("type", "log").field("source", "server");
    json.field("timestamp_ms", static_cast<int64_t>(crumb.at * 1000));
    json.key("body").object().field("message", crumb.message).end().end();
  }
  json.end();
}

void write_body(JsonWriter& json, const EventParts& parts) {
  json.key("body").object();
  write_telemetry(json, parts.crumbs);
  json.key("trace").object().key("frames").array();
  for (const FramePart& frame : parts.frames) write_frame(json, frame);
  json.end().key("exception").object().field("class", parts.exception_class);
  json.field("message", parts.message).end().end().end();
}

void write_about(JsonWriter& json, const EventParts& parts) {
  json.field("timestamp", static_cast<int64_t>(parts.at)).field("environment", parts.environment);
  json.field("level", "error").field("language", "python 3.11.2").field("framework", "django");
  json.key("notifier").object().field("name", "pyrollbar").field("version", "1.3.0").end();
  json.field("uuid", kIdPlace).field("code_version", parts.release);
  json.field("context", parts.transaction);
  json.key("server").object().field("host", parts.host).field("pid", 4711);
  json.field("root", "/srv/shop/releases/current").field("branch", "main");
  json.key("argv").array().value("gunicorn").value("shop.wsgi").end().end();
  json.key("person").object().field("id", parts.person_id).field("username", parts.person_name);
  json.field("email", parts.person_email).end();
}

void write_request(JsonWriter& json, const EventParts& parts) {
  json.key("request").object().field("url", parts.url).field("method", parts.method);
  json.field("query_string", parts.query).field("user_ip", parts.address).key("headers").object();
  json.field("Host", "shop.example.com").field("User-Agent", parts.user_agent);
  json.field("X-Forwarded-For", parts.address).end().end();
}

void write_custom(JsonWriter& json, const EventParts& parts) {
  json.key("custom").object();
  for (const auto& [name, value] : parts.tags) json.field(name, value);
  for (const auto& [name, value] : parts.extra) json.key(name).raw(value);
  if (!parts.modules.empty()) {
    json.key("modules").object();
    for (const auto& [name, version] : parts.modules) json.field(name, version);
    json.end();
  }
  json.end();
}

}  // namespace

Body rollbar_item(const EventParts& parts, const std::string& token) {
  JsonWriter json;
  json.object().field("access_token", token).key("data").object();
  write_about(json, parts);
  write_body(json, parts);
  write_request(json, parts);
  write_custom(json, parts);
  json.end().end();

  std::string text = json.take();
  size_t at = text.find(kIdPlace);
  FLAWLESS_CHECK(at != std::string::npos);
  return {
      .head = text.substr(0, at), .tail = text.substr(at + kIdPlace.size()), .group = parts.group};
}

}  // namespace flawless::bench
