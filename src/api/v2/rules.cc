// Known errors, library code and third-party code.
#include <fmt/format.h>

#include <algorithm>

#include "api/json_in.h"
#include "api/reply.h"
#include "api/rule.h"
#include "api/v2/route.h"
#include "api/v2/rows.h"

namespace flawless::api {
namespace {

// Of the configuration: those that hold for a project that is visible.
std::vector<store::Rule> configured(const Call& call, const store::Visible& visible) {
  std::vector<store::Rule> rules;
  if (call.parts.configured_rules) rules = call.parts.configured_rules();
  std::erase_if(rules, [&](const store::Rule& rule) {
    return rule.project && !visible.includes(rule.project);
  });
  return rules;
}

Result<http::Response> list_rules(const Call& call) {
  store::Visible visible = call.caller.visible;
  ASSIGN_OR_RETURN(std::string wanted, call.query.text("project"));
  if (!wanted.empty()) {
    ASSIGN_OR_RETURN(auto project, find_project(call, wanted));
    visible = {.all = false, .projects = {project.id}};
  }
  ASSIGN_OR_RETURN(auto rules, call.store->lines().rules(visible));
  JsonWriter json;
  json.object().key("rules").array();
  for (const store::Rule& rule : rules) write_rule(json, rule);
  for (const store::Rule& rule : configured(call, visible)) write_rule(json, rule);
  json.end();
  write_next(json, {});
  json.end();
  return json_reply(json.take());
}

Result<std::vector<std::string>> read_recipients(const Value* value) {
  std::vector<std::string> addresses;
  if (!value) return addresses;
  const Status wrong(Code::kInvalid, "'email_recipients' must be an array of addresses");
  if (!value->is_array()) return wrong;
  for (const Member& member : value->members) {
    if (!member.value.is_string()) return wrong;
    addresses.emplace_back(member.value.text);
  }
  return addresses;
}

Result<ProjectId> read_project(const Call& call, const Value* value) {
  if (!value) return ProjectId();
  const bool number = value->kind == Value::Kind::kInt;
  if (!number && !value->is_string()) {
    return Status(Code::kInvalid, "'project' must be an id or a name, or null for all projects");
  }
  ASSIGN_OR_RETURN(auto project, find_project(call, number ? std::to_string(value->integer)
                                                           : std::string(value->text)));
  return project.id;
}

Result<store::Rule> read_rule(const Call& call, const Value& body) {
  ObjectReader reader(body);
  store::Rule rule;
  const std::string_view kind = reader.required_string("kind");
  const Value* project = reader.member("project");
  rule.path = reader.required_string("path");
  rule.function = reader.string("function").value_or("");
  rule.code = reader.string("code").value_or("");
  rule.min_alert_threshold = reader.integer("min_alert_threshold");
  rule.max_alert_threshold = reader.integer("max_alert_threshold");
  rule.alert_every_n_occurrences = reader.integer("alert_every_n_occurrences");
  const Value* recipients = reader.member("email_recipients");
  rule.email_header = reader.string("email_header").value_or("");
  RETURN_IF_ERROR(reader.finish());
  const auto parsed = store::parse_rule_kind(kind);
  if (!parsed) {
    return Status(
        Code::kInvalid,
        fmt::format("kind must be known_error, library_code or third_party, not '{}'.", kind));
  }
  rule.kind = *parsed;
  ASSIGN_OR_RETURN(rule.project, read_project(call, project));
  ASSIGN_OR_RETURN(rule.email_recipients, read_recipients(recipients));
  rule.created_by = call.caller.name;
  return rule;
}

Result<http::Response> create_rule(const Call& call) {
  ASSIGN_OR_RETURN(std::string_view body, small_body(call));
  Arena arena;
  ASSIGN_OR_RETURN(Value value, read_json(body, arena));
  ASSIGN_OR_RETURN(store::Rule rule, read_rule(call, value));
  ASSIGN_OR_RETURN(store::Rule added, add_rule(call.parts, *call.store, call.caller.visible, rule));
  JsonWriter json;
  write_rule(json, added);
  http::Response reply = json_reply(json.take());
  reply.status = 201;
  return reply;
}

Result<http::Response> delete_rule(const Call& call) {
  const std::string& text = call.params.get("id");
  const auto id = parse_integer(text, 1, INT64_MAX);
  if (!id) {
    return Status(Code::kInvalid, fmt::format("A rule's id is a whole number, not '{}'.", text));
  }
  RETURN_IF_ERROR(call.store->lines().remove_rule(call.caller.visible, *id));
  if (call.parts.on_rules_changed) call.parts.on_rules_changed();
  http::Response reply = json_reply({});
  reply.status = 204;
  return reply;
}

}  // namespace

std::vector<Route> rule_routes() {
  using enum http::Method;
  return {
      {kGet, "/api/2/rules", store::Scope::kRead, {"project"}, list_rules},
      {kPost, "/api/2/rules", store::Scope::kWrite, {}, create_rule},
      {kDelete, "/api/2/rules/:id", store::Scope::kWrite, {}, delete_rule},
  };
}

}  // namespace flawless::api
