#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "api/admin_operations.h"
#include "api/endpoints.h"
#include "api/json_in.h"
#include "base/json_writer.h"

namespace flawless::api {
namespace {

using store::Project;
using store::Scope;
using store::Token;

Status no_such_project(const std::vector<Project>& projects, std::string_view wanted) {
  if (projects.empty()) {
    return {Code::kNotFound, fmt::format("there is no project '{}', nor any other yet", wanted)};
  }
  std::string names;
  for (size_t i = 0; i < projects.size() && i < 20; ++i) {
    fmt::format_to(std::back_inserter(names), "{}{}", i == 0 ? "" : ", ", projects[i].name);
  }
  return {Code::kNotFound, fmt::format("there is no project '{}'; there are: {}{}", wanted, names,
                                       projects.size() > 20 ? ", …" : "")};
}

Result<std::string> create_project(const AdminContext& context, const Value& arguments) {
  ObjectReader reader(arguments);
  const std::string_view name = reader.required_string("name");
  RETURN_IF_ERROR(reader.finish());
  ASSIGN_OR_RETURN(const store::Store::NewProject made,
                   context.store.create_project(name, context.now));
  JsonWriter json;
  json.object();
  json.field("id", made.project.id.v).field("name", made.project.name);
  for (const Token& token : made.tokens) {
    if (token.scope != Scope::kPostClientItem) continue;
    json.field("dsn", dsn(context.public_url, token.value, made.project.id));
  }
  json.key("tokens").object();
  for (const Token& token : made.tokens) json.field(scope_name(token.scope), token.value);
  json.end();
  write_endpoints(json, context.public_url, made.project.id);
  json.end();
  return json.take();
}

Result<std::string> list_projects(const AdminContext& context, const Value& arguments) {
  RETURN_IF_ERROR(ObjectReader(arguments).finish());
  ASSIGN_OR_RETURN(const std::vector<Project> projects, context.store.projects(kEverything));
  ASSIGN_OR_RETURN(const std::vector<Token> tokens, context.store.tokens());
  JsonWriter json;
  json.object().key("projects").array();
  for (const Project& project : projects) {
    const auto client = std::find_if(tokens.begin(), tokens.end(), [&](const Token& token) {
      return token.project == project.id && token.enabled && token.scope == Scope::kPostClientItem;
    });
    json.object();
    json.field("id", project.id.v).field("name", project.name).field("enabled", project.enabled);
    json.field("created_at", to_rfc3339(project.created_at));
    if (client != tokens.end()) {
      json.field("dsn", dsn(context.public_url, client->value, project.id));
    }
    json.end();
  }
  json.end().end();
  return json.take();
}

Result<std::string> set_project_enabled(const AdminContext& context, const Value& arguments,
                                        bool enabled) {
  ObjectReader reader(arguments);
  const Value* wanted = reader.member("project");
  RETURN_IF_ERROR(reader.finish());
  ASSIGN_OR_RETURN(const Project project, find_project(context.store, wanted));
  RETURN_IF_ERROR(context.store.set_project_enabled(project.id, enabled));
  JsonWriter json;
  json.object().field("id", project.id.v).field("name", project.name).field("enabled", enabled);
  json.end();
  return json.take();
}

Result<std::string> enable_project(const AdminContext& context, const Value& arguments) {
  return set_project_enabled(context, arguments, true);
}
Result<std::string> disable_project(const AdminContext& context, const Value& arguments) {
  return set_project_enabled(context, arguments, false);
}

constexpr AdminOperation kOperations[] = {
    {"project.create", true, true, create_project},
    {"project.list", false, false, list_projects},
    {"project.enable", true, false, enable_project},
    {"project.disable", true, false, disable_project},
};

}  // namespace

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<Project> find_project(store::Store& store, const Value* wanted) {
  if (wanted == nullptr) return {Code::kInvalid, "'project' is missing; give its id or its name"};
  std::optional<int64_t> id;
  std::string shown;
  if (wanted->kind == Value::Kind::kInt) {
    id = wanted->integer;
    shown = std::to_string(*id);
  } else if (wanted->is_string()) {
    id = whole_number(wanted->text);
    shown = wanted->text;
  } else {
    return {Code::kInvalid, "'project' must be an id or a name"};
  }
  ASSIGN_OR_RETURN(const std::vector<Project> projects, store.projects(kEverything));
  for (const Project& project : projects) {
    if (wanted->is_string() && project.name == shown) return project;
  }
  for (const Project& project : projects) {
    if (id && project.id.v == *id) return project;
  }
  return no_such_project(projects, shown);
}

std::span<const AdminOperation> project_operations() { return kOperations; }

}  // namespace flawless::api
