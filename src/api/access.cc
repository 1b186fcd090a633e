#include "api/access.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <utility>

#include "api/reply.h"
#include "api/secrets.h"

namespace flawless::api {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// The token of "Bearer T"; empty for another scheme (a proxy's Basic, say).
std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  authorization = trim(authorization);
  if (authorization.size() <= kScheme.size()) return {};
  if (strncasecmp(authorization.data(), kScheme.data(), kScheme.size()) != 0) return {};
  return trim(authorization.substr(kScheme.size()));
}

std::string token_of(const http::Request& request) {
  if (auto token = bearer(request.header("Authorization")); !token.empty()) {
    return std::string(token);
  }
  if (auto token = trim(request.header("X-Rollbar-Access-Token")); !token.empty()) {
    return std::string(token);
  }
  return request.query_value("access_token");
}

bool grants(store::Scope scope, store::Scope needed) {
  if (scope == store::Scope::kWrite) return true;
  return scope == store::Scope::kRead && needed == store::Scope::kRead;
}

http::Response missing_token() {
  http::Response response = error_reply(
      401, "token_missing",
      "This needs an access token: send `Authorization: Bearer TOKEN` with a token of scope read "
      "or write; or sign in.");
  response.headers.push_back({"WWW-Authenticate", "Bearer"});
  return response;
}

http::Response missing_scope(store::Scope has, store::Scope needed) {
  return error_reply(403, "scope_missing",
                     fmt::format("This needs a token of scope {}; the token sent has scope {}.",
                                 store::scope_name(needed), store::scope_name(has)));
}

Caller caller_of(const store::Token& token) {
  Caller caller{token.id, token.scope, {}, fmt::format("token {}", token.id.v), {}};
  if (!token.name.empty()) caller.name += " (" + token.name + ")";
  caller.visible.all = !token.project;
  if (token.project) caller.visible.projects.push_back(token.project);
  return caller;
}

}  // namespace

Caller caller_of(const store::User& user) {
  Caller caller;
  caller.scope = store::Scope::kWrite;
  caller.visible.all = true;
  caller.name = user.email;
  caller.user = user;
  return caller;
}

Status Access::refresh(store::Store& store) {
  ASSIGN_OR_RETURN(auto rows, store.tokens());
  auto tokens = std::make_shared<Tokens>();
  for (const store::Token& row : rows) {
    tokens->insert_or_assign(row.hash, Entry{caller_of(row), row.enabled});
  }
  *tokens_.lock() = std::move(tokens);
  return Status::ok();
}

std::variant<Caller, http::Response> Access::check(const http::Request& request,
                                                   store::Scope needed) const {
  std::string token = token_of(request);
  if (token.empty()) return missing_token();
  std::shared_ptr<const Tokens> tokens = tokens_.copy();
  if (!tokens) return busy_reply("The server is starting; try again in a moment.");
  auto found = tokens->find(sha256(token));
  if (found == tokens->end() || !found->second.enabled) {
    return error_reply(403, "token_unknown", "This access token is unknown or disabled.");
  }
  const Caller& caller = found->second.caller;
  if (!grants(caller.scope, needed)) return missing_scope(caller.scope, needed);
  return caller;
}

bool Access::has_token(const http::Request& request) { return !token_of(request).empty(); }

bool Access::is_for_reading(std::string_view token) const {
  std::shared_ptr<const Tokens> tokens = tokens_.copy();
  if (!tokens) return false;
  auto found = tokens->find(sha256(token));
  return found != tokens->end() && found->second.enabled &&
         grants(found->second.caller.scope, store::Scope::kRead);
}

bool Access::is_enabled(TokenId token) const {
  std::shared_ptr<const Tokens> tokens = tokens_.copy();
  return tokens && std::any_of(tokens->begin(), tokens->end(), [&](const auto& entry) {
           return entry.second.enabled && entry.second.caller.token == token;
         });
}

}  // namespace flawless::api
