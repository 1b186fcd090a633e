// Signing in and out, and the first account.
#include <fmt/format.h>

#include <algorithm>

#include "api/email.h"
#include "api/json_in.h"
#include "api/origin.h"
#include "api/reply.h"
#include "api/v2/route.h"
#include "api/v2/rows.h"

namespace flawless::api {
namespace {

constexpr size_t kMostNameBytes = 200;

// What all of these need.
Status ready(const Call& call) {
  if (!call.parts.sessions) return {Code::kUnavailable, "People cannot sign in to this server."};
  if (!call.store) return {Code::kUnavailable, "The store is opening; try again in a moment."};
  return Status::ok();
}

// A page elsewhere must not sign people in to an account of its choice.
Status not_from_elsewhere(const Call& call) {
  const std::string ours = call.parts.public_url ? call.parts.public_url() : std::string();
  if (is_not_cross_origin(call.request, ours)) return Status::ok();
  return {Code::kDenied,
          "This request comes from another address than http.public_url; open the pages there."};
}

http::Response signed_out_reply(const Call& call) {
  http::Response reply = json_reply({});
  reply.status = 204;
  reply.headers.push_back({"Set-Cookie", ended_session_cookie(is_secure(call.parts))});
  return reply;
}

http::Response user_reply(const store::User& user) {
  JsonWriter json;
  json.object().key("user");
  write_user(json, user);
  json.end();
  return json_reply(json.take());
}

http::Response signed_in_reply(const Call& call, const store::User& user, std::string_view token) {
  http::Response reply = user_reply(user);
  reply.headers.push_back({"Set-Cookie", session_cookie(token, is_secure(call.parts))});
  return reply;
}

Result<http::Response> get_session(const Call& call) {
  RETURN_IF_ERROR(ready(call));
  if (call.caller.user) return user_reply(*call.caller.user);
  ASSIGN_OR_RETURN(const auto users, call.store->accounts().users());
  JsonWriter json;
  json.object().key("error").object().field("code", "not_signed_in");
  json.field("message", "Nobody has signed in here.");
  if (users.empty()) json.field("first_use", true);
  json.end().end();
  http::Response reply = json_reply(json.take());
  reply.status = 401;
  reply.headers.push_back({"WWW-Authenticate", "Bearer"});
  if (!call.session.empty()) {
    reply.headers.push_back({"Set-Cookie", ended_session_cookie(is_secure(call.parts))});
  }
  return reply;
}

Result<http::Response> sign_in(const Call& call) {
  RETURN_IF_ERROR(ready(call));
  RETURN_IF_ERROR(not_from_elsewhere(call));
  ASSIGN_OR_RETURN(std::string_view body, small_body(call));
  Arena arena;
  ASSIGN_OR_RETURN(Value value, read_json(body, arena));
  ObjectReader reader(value);
  std::string_view email = reader.required_string("email");
  std::string_view password = reader.required_string("password");
  RETURN_IF_ERROR(reader.finish());
  auto done =
      call.parts.sessions->sign_in(call.store->accounts(), email, password, call.request.peer);
  if (done.status) return signed_in_reply(call, done.user, done.token);
  if (done.status.code() == Code::kDenied) {
    return error_reply(401, "wrong_password", done.status.message());
  }
  if (done.status.code() != Code::kExhausted) return done.status;
  http::Response reply = error_reply(429, "too_many_attempts", done.status.message());
  reply.headers.push_back({"Retry-After", std::to_string(done.retry_after.count())});
  return reply;
}

Result<http::Response> sign_out(const Call& call) {
  RETURN_IF_ERROR(ready(call));
  if (!call.session.empty()) {
    RETURN_IF_ERROR(call.parts.sessions->end(call.store->accounts(), call.session));
  }
  return signed_out_reply(call);
}

Result<http::Response> sign_out_everywhere(const Call& call) {
  RETURN_IF_ERROR(ready(call));
  if (!call.caller.user) return error_reply(401, "not_signed_in", "Nobody has signed in here.");
  RETURN_IF_ERROR(call.parts.sessions->end_all(call.store->accounts(), call.caller.user->id));
  if (call.parts.changes) call.parts.changes->ask_again();
  return signed_out_reply(call);
}

// --- the first account ---

Status no_such_link() {
  return {Code::kNotFound,
          "This link was used, or its hour is over. While nobody has an account, each start of the "
          "server prints a new one; else sign in."};
}

// kNotFound also when there is an account by now: the link leads nowhere then.
Status check_link(const Call& call, std::string_view link) {
  RETURN_IF_ERROR(ready(call));
  if (!call.parts.first_link || !call.parts.first_link->valid(link)) return no_such_link();
  return Status::ok();
}

Result<http::Response> get_first(const Call& call) {
  ASSIGN_OR_RETURN(std::string link, call.query.text("link"));
  RETURN_IF_ERROR(check_link(call, link));
  ASSIGN_OR_RETURN(const auto users, call.store->accounts().users());
  if (!users.empty()) return no_such_link();
  return json_reply(R"({"valid":true})");
}

struct NewAccount {
  std::string link, email, name, password;
};

Result<NewAccount> read_account(std::string_view body) {
  Arena arena;
  ASSIGN_OR_RETURN(Value value, read_json(body, arena));
  ObjectReader reader(value);
  NewAccount account;
  account.link = reader.required_string("link");
  std::string_view email = reader.required_string("email");
  account.name = reader.string("name").value_or("");
  account.password = reader.required_string("password");
  RETURN_IF_ERROR(reader.finish());
  ASSIGN_OR_RETURN(account.email, read_email(email));
  if (account.name.size() > kMostNameBytes) return {Code::kInvalid, "The name is too long."};
  return account;
}

Result<store::Accounts::Credentials> create_account(const Call& call, const NewAccount& account) {
  ASSIGN_OR_RETURN(std::string hash, call.parts.sessions->hash(account.password));
  ASSIGN_OR_RETURN(store::User user, call.store->accounts().create_first_user(
                                         account.email, account.name, hash, call.now));
  return store::Accounts::Credentials{std::move(user), std::move(hash)};
}

Result<http::Response> make_first(const Call& call) {
  RETURN_IF_ERROR(ready(call));
  RETURN_IF_ERROR(not_from_elsewhere(call));
  ASSIGN_OR_RETURN(std::string_view body, small_body(call));
  ASSIGN_OR_RETURN(NewAccount account, read_account(body));
  RETURN_IF_ERROR(check_link(call, account.link));
  if (!call.parts.first_link->take(account.link)) return no_such_link();
  auto made = create_account(call, account);
  if (!made && made.code() == Code::kConflict) {
    return Status(Code::kConflict, "There is an account already; sign in with it.");
  }
  if (!made) {
    call.parts.first_link->put_back();
    return made.status();
  }
  ASSIGN_OR_RETURN(std::string token, call.parts.sessions->open(call.store->accounts(), *made));
  return signed_in_reply(call, made->user, token);
}

}  // namespace

bool is_secure(const ApiParts& parts) {
  return parts.public_url && parts.public_url().starts_with("https:");
}

std::vector<Route> session_routes() {
  using enum http::Method;
  return {
      {kGet, "/api/2/session", std::nullopt, {}, get_session},
      {kPost, "/api/2/session", std::nullopt, {}, sign_in},
      {kDelete, "/api/2/session", std::nullopt, {}, sign_out},
      {kDelete, "/api/2/sessions", std::nullopt, {}, sign_out_everywhere},
      {kGet, "/api/2/session/first", std::nullopt, {"link"}, get_first},
      {kPost, "/api/2/session/first", std::nullopt, {}, make_first},
  };
}

}  // namespace flawless::api
