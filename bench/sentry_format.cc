#include "base/json_writer.h"
#include "base/time.h"
#include "event_parts.h"

namespace flawless::bench {
namespace {

std::string rfc3339(double seconds) {
  return to_rfc3339(from_unix_ms(static_cast<int64_t>(seconds * 1000)));
}

void write_lines(JsonWriter& json, std::string_view name, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  json.key(name).array();
  for (const std::string& line : lines) json.value(line);
  json.end();
}

void write_frame(JsonWriter& json, const FramePart& frame) {
  json.object().field("filename", frame.file).field("abs_path", frame.path);
  json.field("function", frame.function).field("module", frame.module);
  json.field("lineno", static_cast<uint64_t>(frame.line_number));
  write_lines(json, "pre_context", frame.before);
  json.field("context_line", frame.line);
  write_lines(json, "post_context", frame.after);
  json.key("vars").object();
  for (const auto& [name, value] : frame.locals) json.key(name).raw(value);
  json.end().field("in_app", frame.in_app).end();
}

void write_exception(JsonWriter& json, const EventParts& parts) {
  json.key("exception").object().key("values").array().object();
  json.key("mechanism").object().field("type", "django").field("handled", false).end();
  json.field("module", parts.exception_module).field("type", parts.exception_class);
  json.field("value", parts.message);
  json.key("stacktrace").object().key("frames").array();
  for (const FramePart& frame : parts.frames) write_frame(json, frame);
  json.end().end().end().end().end();
}

void write_crumbs(JsonWriter& json, const std::vector<CrumbPart>& crumbs) {
  json.key("breadcrumbs").object().key("values").array();
  for (const CrumbPart& crumb : crumbs) {
    json.object().field("type", "default").field("category", crumb.category);
    json.field("level", crumb.level).field("message", crumb.message);
    if (!crumb.data.empty()) json.key("data").raw(crumb.data);
    json.field("timestamp", rfc3339(crumb.at)).end();
  }
  json.end().end();
}

void write_request(JsonWriter& json, const EventParts& parts) {
  json.key("request").object().field("url", parts.url).field("method", parts.method);
  json.field("query_string", parts.query).key("headers").object();
  json.field("Host", "shop.example.com").field("User-Agent", parts.user_agent);
  json.field("Accept-Encoding", "gzip, deflate, br").field("X-Forwarded-For", parts.address);
  json.end().key("env").object().field("SERVER_NAME", parts.host).field("SERVER_PORT", "443");
  json.field("REMOTE_ADDR", parts.address).end().end();
}

void write_pairs(JsonWriter& json, std::string_view name,
                 const std::vector<std::pair<std::string, std::string>>& pairs) {
  if (pairs.empty()) return;
  json.key(name).object();
  for (const auto& [key, value] : pairs) json.field(key, value);
  json.end();
}

void write_about(JsonWriter& json, const EventParts& parts) {
  json.field("level", "error").field("platform", "python").field("logger", "django.request");
  json.field("timestamp", rfc3339(parts.at)).field("transaction", parts.transaction);
  json.field("environment", parts.environment).field("release", parts.release);
  json.field("server_name", parts.host);
  json.key("contexts").object().key("runtime").object().field("name", "CPython");
  json.field("version", "3.11.2").end().end();
  json.key("sdk").object().field("name", "sentry.python.django").field("version", "2.19.2").end();
  json.key("user").object().field("id", parts.person_id).field("username", parts.person_name);
  json.field("email", parts.person_email).field("ip_address", parts.address).end();
}

}  // namespace

Body sentry_envelope(const EventParts& parts) {
  JsonWriter json;
  json.object();
  write_about(json, parts);
  write_exception(json, parts);
  write_crumbs(json, parts.crumbs);
  write_request(json, parts);
  write_pairs(json, "tags", parts.tags);
  write_pairs(json, "modules", parts.modules);
  json.key("extra").object();
  for (const auto& [name, value] : parts.extra) json.key(name).raw(value);
  json.end().end();

  Body body{.head = R"({"event_id":")", .tail = {}, .group = parts.group};
  body.tail = R"(","sent_at":")" + rfc3339(parts.at) +
              "\"}\n{\"type\":\"event\",\"content_type\":\"application/json\",\"length\":" +
              std::to_string(json.text().size()) + "}\n" + json.text() + "\n";
  return body;
}

}  // namespace flawless::bench
