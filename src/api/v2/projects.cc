#include <fmt/format.h>

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

}  // namespace

Result<store::Project> project_of(const Call& call) {
  const std::string& wanted = call.params.get("project");
  auto id = parse_integer(wanted, 1, INT64_MAX);
  ASSIGN_OR_RETURN(auto projects, call.store->projects(call.caller.visible));
  const store::Project* named = nullptr;
  for (const store::Project& project : projects) {
    if (id && project.id.v == *id) return project;
    if (project.name == wanted) named = &project;
  }
  if (named) return *named;
  return Status(Code::kNotFound,
                fmt::format("There is no project '{}' that this token may see.", wanted));
}

std::vector<Route> project_routes() {
  using enum http::Method;
  constexpr auto kRead = store::Scope::kRead;
  return {
      {kGet, "/api/2/projects", kRead, {}, list_projects},
      {kGet, "/api/2/projects/:project", kRead, {}, get_project},
  };
}

}  // namespace flawless::api
