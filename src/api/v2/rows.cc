#include "api/v2/rows.h"

#include "event/verdict.h"
#include "wire/report.h"

namespace flawless::api {
namespace {

std::string_view protocol_name(uint8_t protocol) {
  switch (static_cast<wire::Protocol>(protocol)) {
    case wire::Protocol::kRollbar:
      return "rollbar";
    case wire::Protocol::kSentryStore:
      return "sentry_store";
    case wire::Protocol::kSentryEnvelope:
      return "sentry_envelope";
    case wire::Protocol::kFlawless:
      return "flawless";
  }
  return "unknown";
}

void write_environments(JsonWriter& json, const store::Item& item) {
  json.key("environments").array();
  for (const auto& environment : item.environments) {
    json.object().field("name", environment.name);
    write_time(json, "first_seen", environment.first_seen);
    write_time(json, "last_seen", environment.last_seen);
    json.field("count", environment.count).end();
  }
  json.end();
}

void write_person(JsonWriter& json, const store::Occurrence& row) {
  json.key("person");
  if (row.person_id.empty() && row.person_username.empty() && row.person_email.empty()) {
    json.null();
    return;
  }
  json.object().field("id", row.person_id).field("username", row.person_username);
  json.field("email", row.person_email).end();
}

void write_site(JsonWriter& json, const store::Occurrence& row) {
  json.key("culprit");
  if (row.site_path.empty()) {
    json.null();
    return;
  }
  json.object().field("path", row.site_path).field("line", row.site_line);
  json.field("function", row.site_function).field("text", row.site_text).end();
}

// Read and written again rather than copied: what is not a verdict cannot break the reply.
void write_verdict_of(JsonWriter& json, const store::Line& line) {
  json.key("verdict");
  auto verdict = read_verdict(line.verdict);
  if (!verdict) {
    json.null();
    return;
  }
  std::string text = write_verdict(*verdict);
  if (verdict->has_author()) {
    text.insert(1, R"("confidence_word":")" + std::string(verdict->confidence_word()) + "\",");
  }
  json.raw(text);
}

}  // namespace

void write_time(JsonWriter& json, std::string_view name, const std::optional<Time>& time) {
  json.key(name);
  time ? json.value(to_rfc3339(*time)) : json.null();
}

void write_id(JsonWriter& json, std::string_view name, int64_t id) {
  json.key(name);
  id != 0 ? json.value(id) : json.null();
}

void write_project(JsonWriter& json, const store::Project& project) {
  json.object().field("id", project.id.v).field("name", project.name);
  json.field("enabled", project.enabled);
  write_time(json, "created_at", project.created_at);
  json.end();
}

void write_item_members(JsonWriter& json, const store::Item& item) {
  json.field("id", item.id.v).field("project", item.project.v).field("number", item.number);
  json.field("title", item.title).field("culprit", item.culprit);
  json.field("level", level_name(item.level)).field("status", store::status_name(item.status));
  write_time(json, "status_changed_at", item.status_changed_at);
  json.field("platform", item.platform).field("language", item.language);
  json.field("framework", item.framework);
  write_time(json, "first_seen", item.first_seen);
  write_time(json, "last_seen", item.last_seen);
  write_id(json, "first_occurrence", item.first_occurrence.v);
  write_id(json, "last_occurrence", item.last_occurrence.v);
  json.field("count", item.count).field("count_active", item.count_active);
  json.field("people", item.people).field("developer", item.developer);
  json.field("first_release", item.first_release).field("last_release", item.last_release);
  write_environments(json, item);
  json.key("trend").array();
  for (uint32_t count : item.trend) json.value(count);
  json.end();
}

void write_item(JsonWriter& json, const store::Item& item) {
  json.object();
  write_item_members(json, item);
  json.end();
}

void write_line(JsonWriter& json, const store::Line& line) {
  json.object().field("id", line.id.v).field("path", line.path);
  json.field("function", line.function).field("text", line.text).field("count", line.count);
  write_time(json, "first_seen", line.first_seen);
  const bool failed = line.mail_state == store::MessageState::kFailed;
  write_time(json, "mailed_at", failed ? std::nullopt : line.mailed_at);
  json.field("mailed_to", line.mailed_to);
  json.field("mail_state",
             line.mail_state ? store::message_state_name(*line.mail_state) : std::string_view());
  json.field("mail_error", line.mail_error).field("developer", line.developer);
  write_time(json, "decided_at", line.decided_at);
  json.field("known", line.known);
  write_verdict_of(json, line);
  json.end();
}

void write_rule(JsonWriter& json, const store::Rule& rule) {
  const auto write_number = [&](std::string_view name, const std::optional<int64_t>& number) {
    json.key(name);
    number ? json.value(*number) : json.null();
  };
  json.object();
  write_id(json, "id", rule.id);
  json.field("kind", store::rule_kind_name(rule.kind));
  write_id(json, "project", rule.project.v);
  json.field("path", rule.path).field("function", rule.function).field("code", rule.code);
  write_number("min_alert_threshold", rule.min_alert_threshold);
  write_number("max_alert_threshold", rule.max_alert_threshold);
  write_number("alert_every_n_occurrences", rule.alert_every_n_occurrences);
  json.key("email_recipients").array();
  for (const std::string& address : rule.email_recipients) json.value(address);
  json.end().field("email_header", rule.email_header);
  write_time(json, "created_at", rule.id != 0 ? std::optional(rule.created_at) : std::nullopt);
  json.field("created_by", rule.created_by).end();
}

void write_user(JsonWriter& json, const store::User& user) {
  json.object().field("id", user.id.v).field("email", user.email).field("name", user.name);
  json.field("role", user.role).end();
}

void write_occurrence_members(JsonWriter& json, const store::Occurrence& row) {
  json.field("id", row.id.v).field("project", row.project.v).field("item", row.item_number);
  json.field("uuid", row.report_id.dashed());
  write_time(json, "received_at", row.received_at);
  write_time(json, "occurred_at", row.occurred_at);
  json.field("level", level_name(row.level)).field("environment", row.environment);
  json.field("release", row.release).field("host", row.host).field("browser", row.browser);
  json.field("os", row.os).field("ip", row.ip);
  write_person(json, row);
  write_site(json, row);
  json.field("protocol", protocol_name(row.protocol)).field("body_bytes", row.body.bytes);
  json.field("trimmed", (row.flags & store::kFlagTrimmed) != 0);
  json.field("sanitised", (row.flags & store::kFlagSanitised) != 0);
  json.field("has_warnings", (row.flags & store::kFlagWarnings) != 0);
}

void write_occurrence(JsonWriter& json, const store::Occurrence& occurrence) {
  json.object();
  write_occurrence_members(json, occurrence);
  json.end();
}

void write_next(JsonWriter& json, std::string_view cursor) {
  json.key("next");
  cursor.empty() ? json.null() : json.value(cursor);
}

}  // namespace flawless::api
