#include <fmt/format.h>

#include <map>
#include <vector>

#include "api/admin_operations.h"
#include "api/json_in.h"
#include "api/secrets.h"
#include "base/json_writer.h"

namespace flawless::api {
namespace {

using store::Project;
using store::Scope;
using store::Token;

Result<Scope> read_scope(std::string_view name) {
  if (const auto scope = store::parse_scope(name)) return *scope;
  return {Code::kInvalid,
          fmt::format("'{}' is not a scope; choose read, write, post_server_item or "
                      "post_client_item",
                      name)};
}

void write_project_of(JsonWriter& json, ProjectId project) {
  json.key("project");
  if (project) {
    json.value(project.v);
  } else {
    json.null();
  }
}

Result<std::string> create_token(const AdminContext& context, const Value& arguments) {
  ObjectReader reader(arguments);
  const std::string_view scope_text = reader.required_string("scope");
  const Value* wanted = reader.member("project");
  const std::string_view name = reader.string("name").value_or("");
  RETURN_IF_ERROR(reader.finish());
  ASSIGN_OR_RETURN(const Scope scope, read_scope(scope_text));
  ProjectId project;
  if (wanted != nullptr) {
    ASSIGN_OR_RETURN(const Project found, find_project(context.store, wanted));
    project = found.id;
  } else if (may_post(scope)) {
    return {Code::kInvalid, fmt::format("a {} token belongs to one project; name it", scope_text)};
  }
  ASSIGN_OR_RETURN(const Token token,
                   context.store.create_token(project, scope, name, context.now));
  JsonWriter json;
  json.object().field("token", token.value).field("scope", scope_name(token.scope));
  write_project_of(json, token.project);
  json.field("id", token.id.v).field("name", token.name).end();
  return json.take();
}

void write_token(JsonWriter& json, const Token& token,
                 const std::map<ProjectId, std::string>& names) {
  json.object().field("id", token.id.v).field("scope", scope_name(token.scope));
  write_project_of(json, token.project);
  const auto name = names.find(token.project);
  json.field("project_name", name == names.end() ? std::string() : name->second);
  json.field("name", token.name).field("enabled", token.enabled);
  json.field("created_at", to_rfc3339(token.created_at));
  if (may_post(token.scope)) json.field("token", token.value);
  json.end();
}

Result<std::string> list_tokens(const AdminContext& context, const Value& arguments) {
  ObjectReader reader(arguments);
  const Value* wanted = reader.member("project");
  RETURN_IF_ERROR(reader.finish());
  ProjectId only;
  if (wanted != nullptr) {
    ASSIGN_OR_RETURN(const Project project, find_project(context.store, wanted));
    only = project.id;
  }
  ASSIGN_OR_RETURN(const std::vector<Project> projects, context.store.projects(kEverything));
  std::map<ProjectId, std::string> names;
  for (const Project& project : projects) names[project.id] = project.name;
  ASSIGN_OR_RETURN(const std::vector<Token> tokens, context.store.tokens());
  JsonWriter json;
  json.object().key("tokens").array();
  for (const Token& token : tokens) {
    if (!only || token.project == only) write_token(json, token, names);
  }
  json.end().end();
  return json.take();
}

// By value (known by its hash), else by id.
Result<Token> find_token(store::Store& store, const Value* wanted) {
  if (wanted == nullptr || !(wanted->is_string() || wanted->kind == Value::Kind::kInt)) {
    return {Code::kInvalid, "'token' is missing; give its value, or its id from the token list"};
  }
  const bool text = wanted->is_string();
  const std::string hash = text ? sha256(wanted->text) : std::string();
  const auto id = text ? whole_number(wanted->text) : std::optional<int64_t>(wanted->integer);
  ASSIGN_OR_RETURN(const std::vector<Token> tokens, store.tokens());
  for (const Token& token : tokens) {
    if (text && token.hash == hash) return token;
  }
  for (const Token& token : tokens) {
    if (id && token.id.v == *id) return token;
  }
  return {Code::kNotFound, "there is no such token; the token list shows ids"};
}

Result<std::string> set_token_enabled(const AdminContext& context, const Value& arguments,
                                      bool enabled) {
  ObjectReader reader(arguments);
  const Value* wanted = reader.member("token");
  RETURN_IF_ERROR(reader.finish());
  ASSIGN_OR_RETURN(const Token token, find_token(context.store, wanted));
  RETURN_IF_ERROR(context.store.set_token_enabled(token.id, enabled));
  JsonWriter json;
  json.object().field("id", token.id.v).field("scope", scope_name(token.scope));
  write_project_of(json, token.project);
  json.field("enabled", enabled).end();
  return json.take();
}

Result<std::string> enable_token(const AdminContext& context, const Value& arguments) {
  return set_token_enabled(context, arguments, true);
}
Result<std::string> disable_token(const AdminContext& context, const Value& arguments) {
  return set_token_enabled(context, arguments, false);
}

constexpr AdminOperation kOperations[] = {
    {"token.create", true, true, create_token},
    {"token.list", false, false, list_tokens},
    {"token.enable", true, false, enable_token},
    {"token.disable", true, false, disable_token},
};

}  // namespace

bool may_post(Scope scope) {
  return scope == Scope::kPostServerItem || scope == Scope::kPostClientItem;
}

std::span<const AdminOperation> token_operations() { return kOperations; }

}  // namespace flawless::api
