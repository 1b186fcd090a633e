#include "api/admin.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "api/email.h"
#include "api/endpoints.h"
#include "api/json_in.h"
#include "api/secrets.h"
#include "base/json_writer.h"

namespace flawless::api {
namespace {

using store::Project;
using store::Scope;
using store::Token;

constexpr store::Visible kEverything{.all = true, .projects = {}};

struct Context {
  store::Store& store;
  Time now;
  std::string_view public_url;
  const Admin::Followers& followers;
  const QuarantineParts& quarantine;
};

struct Operation {
  std::string_view name;
  bool changes_admission;
  bool shows_tokens;  // those that read are shown now or never
  Result<std::string> (*run)(const Context&, const Value& arguments);
};

bool may_post(Scope scope) {
  return scope == Scope::kPostServerItem || scope == Scope::kPostClientItem;
}

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// --- projects
// --------------------------------------------------------------------------------------------------

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

// By name, else by id.
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

Result<std::string> create_project(const Context& context, const Value& arguments) {
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

Result<std::string> list_projects(const Context& context, const Value& arguments) {
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

Result<std::string> set_project_enabled(const Context& context, const Value& arguments,
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

Result<std::string> enable_project(const Context& context, const Value& arguments) {
  return set_project_enabled(context, arguments, true);
}
Result<std::string> disable_project(const Context& context, const Value& arguments) {
  return set_project_enabled(context, arguments, false);
}

// --- tokens
// ----------------------------------------------------------------------------------------------------

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

Result<std::string> create_token(const Context& context, const Value& arguments) {
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

Result<std::string> list_tokens(const Context& context, const Value& arguments) {
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

Result<std::string> set_token_enabled(const Context& context, const Value& arguments,
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

Result<std::string> enable_token(const Context& context, const Value& arguments) {
  return set_token_enabled(context, arguments, true);
}
Result<std::string> disable_token(const Context& context, const Value& arguments) {
  return set_token_enabled(context, arguments, false);
}

// --- users
// -----------------------------------------------------------------------------------------------------

Status check_role(std::string_view role) {
  if (role == "admin" || role == "member") return Status::ok();
  return {Code::kInvalid, fmt::format("'{}' is not a role; choose admin or member", role)};
}

Result<std::string> create_user(const Context& context, const Value& arguments) {
  ObjectReader reader(arguments);
  const std::string_view address = reader.required_string("email");
  const std::string_view name = reader.string("name").value_or("");
  const std::string_view role = reader.string("role").value_or("member");
  const auto password = reader.string("password");
  RETURN_IF_ERROR(reader.finish());
  ASSIGN_OR_RETURN(const std::string email, read_email(address));
  RETURN_IF_ERROR(check_role(role));
  std::string hash;
  if (password) {
    ASSIGN_OR_RETURN(hash, hash_password(*password));
  }
  ASSIGN_OR_RETURN(const store::User user,
                   context.store.create_user(email, name, role, hash, context.now));
  JsonWriter json;
  json.object().field("id", user.id.v).field("email", user.email).field("name", user.name);
  json.field("role", user.role).end();
  return json.take();
}

void write_account(JsonWriter& json, const store::User& user) {
  json.object().field("id", user.id.v).field("email", user.email).field("name", user.name);
  json.field("role", user.role).field("enabled", user.enabled);
  json.field("created_at", to_rfc3339(user.created_at)).end();
}

Result<std::string> list_users(const Context& context, const Value& arguments) {
  RETURN_IF_ERROR(ObjectReader(arguments).finish());
  ASSIGN_OR_RETURN(const std::vector<store::User> users, context.store.accounts().users());
  JsonWriter json;
  json.object().key("users").array();
  for (const store::User& user : users) write_account(json, user);
  json.end().end();
  return json.take();
}

Result<store::User> find_user(store::Store& store, std::string_view email) {
  auto found = store.accounts().credentials(email);
  if (found) return found->user;
  if (found.code() != Code::kNotFound) return found.status();
  return {Code::kNotFound,
          fmt::format("there is no account '{}'; `flawless user list` shows them", email)};
}

// Changes the account; the reply is what it is then.
Result<std::string> change_user(const Context& context, std::string_view email,
                                const std::function<Status(store::Accounts&, UserId)>& change) {
  ASSIGN_OR_RETURN(const store::User user, find_user(context.store, email));
  RETURN_IF_ERROR(change(context.store.accounts(), user.id));
  if (context.followers.account) context.followers.account(user.id);
  ASSIGN_OR_RETURN(const store::User changed, find_user(context.store, email));
  JsonWriter json;
  write_account(json, changed);
  return json.take();
}

Result<std::string> set_role(const Context& context, const Value& arguments) {
  ObjectReader reader(arguments);
  const std::string_view email = reader.required_string("email");
  const std::string_view role = reader.required_string("role");
  RETURN_IF_ERROR(reader.finish());
  RETURN_IF_ERROR(check_role(role));
  return change_user(context, email, [&](store::Accounts& accounts, UserId user) {
    return accounts.set_role(user, role);
  });
}

Result<std::string> set_password(const Context& context, const Value& arguments) {
  ObjectReader reader(arguments);
  const std::string_view email = reader.required_string("email");
  const std::string_view password = reader.required_string("password");
  RETURN_IF_ERROR(reader.finish());
  ASSIGN_OR_RETURN(const std::string hash, hash_password(password));
  return change_user(context, email, [&](store::Accounts& accounts, UserId user) {
    return accounts.set_password(user, hash);
  });
}

Result<std::string> change_named_user(const Context& context, const Value& arguments,
                                      Status (*change)(store::Accounts&, UserId)) {
  ObjectReader reader(arguments);
  const std::string_view email = reader.required_string("email");
  RETURN_IF_ERROR(reader.finish());
  return change_user(context, email, change);
}

Result<std::string> enable_user(const Context& context, const Value& arguments) {
  return change_named_user(context, arguments, [](store::Accounts& accounts, UserId user) {
    return accounts.set_user_enabled(user, true);
  });
}
Result<std::string> disable_user(const Context& context, const Value& arguments) {
  return change_named_user(context, arguments, [](store::Accounts& accounts, UserId user) {
    return accounts.set_user_enabled(user, false);
  });
}
Result<std::string> sign_out_user(const Context& context, const Value& arguments) {
  return change_named_user(context, arguments, [](store::Accounts& accounts, UserId user) {
    return accounts.end_sessions(user);
  });
}

// --- links in mails
// --------------------------------------------------------------------------------------------

Result<std::string> revoke_links(const Context& context, const Value& arguments) {
  RETURN_IF_ERROR(ObjectReader(arguments).finish());
  store::Accounts& accounts = context.store.accounts();
  RETURN_IF_ERROR(accounts.rotate_secret(store::kLinkSecret));
  ASSIGN_OR_RETURN(const std::string key, accounts.secret(store::kLinkSecret));
  if (context.followers.link_key) {
    RETURN_IF_ERROR(context.followers.link_key(key).with_context(
        "the links are void once the server was restarted; it goes on with the old key"));
  }
  return std::string(R"({"revoked":true})");
}

// --- quarantine
// ------------------------------------------------------------------------------------------------

Result<std::string> list_aside(const Context& context, const Value& arguments) {
  return list_quarantine(context.store, context.quarantine, arguments);
}

Result<std::string> retry_aside(const Context& context, const Value& arguments) {
  return retry_quarantine(context.store, context.quarantine, context.public_url, arguments);
}

constexpr Operation kOperations[] = {
    {"project.create", true, true, create_project},
    {"project.list", false, false, list_projects},
    {"project.enable", true, false, enable_project},
    {"project.disable", true, false, disable_project},
    {"token.create", true, true, create_token},
    {"token.list", false, false, list_tokens},
    {"token.enable", true, false, enable_token},
    {"token.disable", true, false, disable_token},
    {"user.create", false, false, create_user},
    {"user.list", false, false, list_users},
    {"user.role", false, false, set_role},
    {"user.password", false, false, set_password},
    {"user.enable", false, false, enable_user},
    {"user.disable", false, false, disable_user},
    {"user.sign_out", false, false, sign_out_user},
    {"link.revoke_all", false, false, revoke_links},
    {"quarantine.list", false, false, list_aside},
    {"quarantine.retry", false, false, retry_aside},
};

bool is_same(const intake::Admission& known,
             const std::vector<std::pair<std::string, intake::Grant>>& grants) {
  return known.size() == grants.size() &&
         std::all_of(grants.begin(), grants.end(), [&](const auto& one) {
           const intake::Grant* grant = known.find(one.first);
           return grant != nullptr && *grant == one.second;
         });
}

}  // namespace

Admin::Admin(store::Store& store, intake::AdmissionBoard& board, const Clock& clock,
             std::string public_url, Followers followers, QuarantineParts quarantine)
    : store_(store),
      board_(board),
      clock_(clock),
      public_url_(std::move(public_url)),
      followers_(std::move(followers)),
      quarantine_(std::move(quarantine)) {}

Admin::Admin(store::Store& store, intake::AdmissionBoard& board, const Clock& clock,
             std::string public_url)
    : Admin(store, board, clock, std::move(public_url), Followers{}) {}

bool Admin::may_wait(std::string_view operation) { return operation == "quarantine.retry"; }

Result<Admin::Outcome> Admin::call(std::string_view operation,
                                   std::string_view arguments_json) {
  const auto* known = std::find_if(std::begin(kOperations), std::end(kOperations),
                                   [&](const Operation& o) { return o.name == operation; });
  if (known == std::end(kOperations)) {
    return {Code::kNotFound, fmt::format("there is no operation '{}'", operation)};
  }
  Arena arena;
  ASSIGN_OR_RETURN(const Value arguments, read_json(arguments_json, arena));
  const Context context{store_, clock_.now(), public_url_, followers_, quarantine_};
  ASSIGN_OR_RETURN(std::string reply, known->run(context, arguments));
  Status published = known->changes_admission ? publish_admission() : Status::ok();
  if (!published) {
    published = published.with_context("the change is stored but does not hold for reports yet");
    if (!known->shows_tokens) return published;
  }
  return Outcome{std::move(reply), std::move(published)};
}

Status Admin::publish_admission() {
  std::lock_guard guard(publishing_);
  ASSIGN_OR_RETURN(const std::vector<Project> projects, store_.projects(kEverything));
  ASSIGN_OR_RETURN(const std::vector<Token> tokens, store_.tokens());
  std::map<ProjectId, bool> enabled;
  for (const Project& project : projects) enabled[project.id] = project.enabled;
  std::vector<std::pair<std::string, intake::Grant>> grants;
  for (const Token& token : tokens) {
    if (!may_post(token.scope)) continue;
    intake::Grant grant;
    grant.token = token.id;
    grant.project = token.project;
    grant.client_only = token.scope == Scope::kPostClientItem;
    grant.enabled = token.enabled;
    grant.project_enabled = enabled[token.project];
    grants.emplace_back(token.value, grant);
  }
  // The API follows even when intake's file cannot be written: a token disabled now may be stolen.
  const Status published = is_same(*board_.current(), grants)
                               ? Status::ok()
                               : board_.publish(intake::Admission(std::move(grants)));
  is_behind_ = !published;
  const Status followed = followers_.admission ? followers_.admission() : Status::ok();
  return published ? followed : published;
}

void Admin::retry_publishing() {
  if (is_behind_) (void)publish_admission();
}

}  // namespace flawless::api
