// write_event(): an Event as JSON. docs/report-format.md lists the keys.
#include "event/event.h"

namespace flawless {
namespace {

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

void write_number(JsonWriter& json, std::string_view key, uint32_t number) {
  if (number != 0) json.field(key, number);
}

void write_flag(JsonWriter& json, std::string_view key, bool flag) {
  if (flag) json.field(key, true);
}

void write_value_if(JsonWriter& json, std::string_view key, const Value& value) {
  if (value.is_null()) return;
  json.key(key);
  write_value(json, value);
}

void write_pairs(JsonWriter& json, std::string_view key, const Pairs& pairs) {
  if (pairs.empty()) return;
  json.key(key).object();
  for (const auto& [name, value] : pairs) json.field(name, value);
  json.end();
}

void write_texts(JsonWriter& json, std::string_view key,
                 const std::vector<std::string_view>& texts) {
  if (texts.empty()) return;
  json.key(key).array();
  for (std::string_view text : texts) json.value(text);
  json.end();
}

void write_versioned(JsonWriter& json, std::string_view key, std::string_view name,
                     std::string_view version) {
  if (name.empty()) return;
  json.key(key).object().field("name", name).field_if("version", version).end();
}

void write_variable(JsonWriter& json, const Variable& variable) {
  json.object().field("name", variable.name).field("role", role_name(variable.role)).key("value");
  write_value(json, variable.value);
  write_number(json, "cut", variable.value.cut);
  json.end();
}

void write_frame(JsonWriter& json, const Frame& frame) {
  json.object();
  json.field_if("path", frame.path).field_if("abs_path", frame.abs_path);
  json.field_if("module", frame.module).field_if("function", frame.function);
  json.field_if("class_name", frame.class_name).field_if("package", frame.package);
  json.field_if("address", frame.address);
  write_number(json, "line", frame.line);
  write_number(json, "column", frame.column);
  write_number(json, "function_first_line", frame.function_first_line);
  write_number(json, "function_last_line", frame.function_last_line);
  json.field_if("code", frame.code);
  write_texts(json, "code_before", frame.code_before);
  write_texts(json, "code_after", frame.code_after);
  json.field("in_app", frame.in_app);
  if (frame.in_app_sent) json.field("in_app_sent", *frame.in_app_sent);
  if (!frame.variables.empty()) {
    json.key("variables").array();
    for (const Variable& variable : frame.variables) write_variable(json, variable);
    json.end();
  }
  json.end();
}

void write_frames(JsonWriter& json, const std::vector<Frame>& frames) {
  if (frames.empty()) return;
  json.key("frames").array();
  for (const Frame& frame : frames) write_frame(json, frame);
  json.end();
}

void write_exceptions(JsonWriter& json, const std::vector<Exception>& exceptions) {
  if (exceptions.empty()) return;
  json.key("exceptions").array();
  for (const Exception& exception : exceptions) {
    json.object().field_if("type", exception.type).field_if("module", exception.module);
    json.field_if("message", exception.message).field_if("mechanism", exception.mechanism);
    if (exception.handled) json.field("handled", *exception.handled);
    write_flag(json, "synthetic", exception.synthetic);
    write_frames(json, exception.frames);
    json.end();
  }
  json.end();
}

void write_threads(JsonWriter& json, const std::vector<Thread>& threads) {
  if (threads.empty()) return;
  json.key("threads").array();
  for (const Thread& thread : threads) {
    json.object().field_if("id", thread.id).field_if("name", thread.name);
    json.field_if("state", thread.state);
    write_flag(json, "crashed", thread.crashed);
    write_flag(json, "current", thread.current);
    write_frames(json, thread.frames);
    json.end();
  }
  json.end();
}

void write_request(JsonWriter& json, const Request& request) {
  json.key("request").object();
  json.field_if("method", request.method).field_if("url", request.url);
  json.field_if("query", request.query);
  write_pairs(json, "headers", request.headers);
  write_value_if(json, "cookies", request.cookies);
  write_value_if(json, "body", request.body);
  write_value_if(json, "params", request.params);
  write_value_if(json, "env", request.env);
  write_value_if(json, "session", request.session);
  json.field_if("user_ip", request.user_ip);
  json.end();
}

void write_person(JsonWriter& json, const Person& person) {
  if (person.empty() && person.ip.empty() && person.extra.is_null()) return;
  json.key("person").object();
  json.field_if("id", person.id).field_if("username", person.username);
  json.field_if("email", person.email).field_if("ip", person.ip);
  write_value_if(json, "extra", person.extra);
  json.end();
}

void write_breadcrumbs(JsonWriter& json, const std::vector<Breadcrumb>& breadcrumbs) {
  if (breadcrumbs.empty()) return;
  json.key("breadcrumbs").array();
  for (const Breadcrumb& crumb : breadcrumbs) {
    json.object();
    if (crumb.at) json.field("at", to_rfc3339(*crumb.at));
    json.field_if("type", crumb.type).field_if("category", crumb.category);
    json.field_if("message", crumb.message);
    if (crumb.level) json.field("level", level_name(*crumb.level));
    write_value_if(json, "data", crumb.data);
    json.end();
  }
  json.end();
}

void write_warnings(JsonWriter& json, const std::vector<Warning>& warnings) {
  if (warnings.empty()) return;
  json.key("warnings").array();
  for (const Warning& warning : warnings) {
    json.object().field("field", warning.field).field("text", warning.text).end();
  }
  json.end();
}

void write_origin(JsonWriter& json, const Event& event) {
  json.field_if("platform", event.platform).field_if("language", event.language);
  json.field_if("framework", event.framework).field_if("environment", event.environment);
  json.field_if("release", event.release).field_if("host", event.host);
  json.field_if("logger", event.logger).field_if("context", event.context);
  json.field_if("title", event.title);
  write_versioned(json, "sdk", event.sdk_name, event.sdk_version);
  write_versioned(json, "browser", event.browser, event.browser_version);
  write_versioned(json, "os", event.os, event.os_version);
  json.field_if("device", event.device).field_if("server_root", event.server_root);
  json.field_if("trace_id", event.trace_id);
  write_texts(json, "fingerprint", event.fingerprint);
}

}  // namespace

void write_event(JsonWriter& json, const Event& event) {
  json.object();
  if (!event.id.is_zero()) json.field("id", event.id.hex());
  if (event.project) json.field("project_id", event.project.v);
  if (unix_ms(event.received_at) != 0) json.field("received_at", to_rfc3339(event.received_at));
  if (event.occurred_at) json.field("occurred_at", to_rfc3339(*event.occurred_at));
  json.field("level", level_name(event.level));
  if (event.count != 1) json.field("count", event.count);
  write_number(json, "error_threshold", event.error_threshold);
  write_origin(json, event);
  json.field_if("message", event.message).field_if("message_template", event.message_template);
  write_exceptions(json, event.exceptions);
  write_threads(json, event.threads);
  json.field_if("crash_report", event.crash_report);
  if (event.request) write_request(json, *event.request);
  write_person(json, event.person);
  write_pairs(json, "tags", event.tags);
  write_pairs(json, "modules", event.modules);
  write_breadcrumbs(json, event.breadcrumbs);
  write_value_if(json, "custom", event.custom);
  write_value_if(json, "contexts", event.contexts);
  write_value_if(json, "server", event.server);
  write_warnings(json, event.warnings);
  json.end();
}

}  // namespace flawless
