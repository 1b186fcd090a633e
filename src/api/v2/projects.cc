#include <fmt/format.h>

#include <map>

#include "api/endpoints.h"
#include "api/json_in.h"
#include "api/reply.h"
#include "api/v2/route.h"
#include "api/v2/rows.h"

namespace flawless::api {
namespace {

Result<http::Response> list_projects(const Call& call) {
  ASSIGN_OR_RETURN(auto projects, call.store->projects(call.caller.visible));
  JsonWriter json;
  json.object().key("projects").array();
  for (const auto& project : projects) write_project(json, project);
  json.end();
  write_next(json, {});
  json.end();
  return json_reply(json.take());
}

Result<http::Response> get_project(const Call& call) {
  ASSIGN_OR_RETURN(auto project, project_of(call));
  JsonWriter json;
  write_project(json, project);
  return json_reply(json.take());
}

// What only those may see who may act on it: tokens that post are in it.
Result<http::Response> get_keys(const Call& call) {
  ASSIGN_OR_RETURN(auto project, project_of(call));
  ASSIGN_OR_RETURN(auto tokens, call.store->tokens());
  if (!call.parts.public_url)
    return Status(Code::kUnavailable, "This server has no public address.");
  const std::string url = call.parts.public_url();
  std::map<std::string_view, std::string> values;  // by scope; the oldest of each
  for (const store::Token& token : tokens) {
    const bool posts = token.scope == store::Scope::kPostServerItem ||
                       token.scope == store::Scope::kPostClientItem;
    if (!posts || !token.enabled || token.project != project.id) continue;
    values.try_emplace(store::scope_name(token.scope), token.value);
  }
  JsonWriter json;
  json.object();
  const auto client = values.find(store::scope_name(store::Scope::kPostClientItem));
  json.key("dsn");
  client == values.end() ? json.null() : json.value(dsn(url, client->second, project.id));
  json.key("tokens").object();
  for (const auto& [scope, value] : values) json.field(scope, value);
  json.end();
  write_endpoints(json, url, project.id);
  json.end();
  return json_reply(json.take());
}

// The reply of administration, with the project's row beside it.
Result<std::string> describe_new(const Call& call, const std::string& made) {
  Arena arena;
  ASSIGN_OR_RETURN(Value value, read_json(made, arena));
  const Value* id = value.find("id");
  FLAWLESS_CHECK(id != nullptr && made.starts_with("{"));
  ASSIGN_OR_RETURN(auto project, find_project(call, std::to_string(id->integer)));
  JsonWriter json;
  write_project(json, project);
  return "{\"project\":" + json.take() + "," + made.substr(1);
}

Result<http::Response> create_project(const Call& call) {
  if (!call.caller.administers()) {
    return Status(Code::kDenied,
                  "Projects are made by administrators, and with write tokens of all projects.");
  }
  if (!call.parts.administer) return Status(Code::kUnavailable, "Projects cannot be made here.");
  ASSIGN_OR_RETURN(std::string_view body, small_body(call));
  ASSIGN_OR_RETURN(std::string made, call.parts.administer("project.create", body));
  ASSIGN_OR_RETURN(std::string described, describe_new(call, made));
  http::Response reply = json_reply(std::move(described));
  reply.status = 201;
  return reply;
}

}  // namespace

Result<store::Project> project_of(const Call& call) {
  return find_project(call, call.params.get("project"));
}

Result<store::Project> find_project(const Call& call, const std::string& wanted) {
  auto id = parse_integer(wanted, 1, INT64_MAX);
  ASSIGN_OR_RETURN(auto projects, call.store->projects(call.caller.visible));
  const store::Project* named = nullptr;
  for (const store::Project& project : projects) {
    if (id && project.id.v == *id) return project;
    if (project.name == wanted) named = &project;
  }
  if (named) return *named;
  return Status(Code::kNotFound,
                fmt::format("There is no project '{}' that you may see.", wanted));
}

std::vector<Route> project_routes() {
  using enum http::Method;
  constexpr auto kRead = store::Scope::kRead;
  constexpr auto kWrite = store::Scope::kWrite;
  return {
      {kGet, "/api/2/projects", kRead, {}, list_projects},
      {kPost, "/api/2/projects", kWrite, {}, create_project},
      {kGet, "/api/2/projects/:project", kRead, {}, get_project},
      {kGet, "/api/2/projects/:project/keys", kWrite, {}, get_keys},
  };
}

}  // namespace flawless::api
