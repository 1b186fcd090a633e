// Access: who calls the API and what they may see. A snapshot of the store's tokens in memory;
// people come by their session (sessions.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "base/locked.h"
#include "base/result.h"
#include "http/server.h"
#include "store/store.h"

namespace flawless::api {

// The bearer of a token that was found good, or a person who has signed in.
struct Caller {
  TokenId token;  // none: a person, or nobody
  store::Scope scope = store::Scope::kRead;
  store::Visible visible;
  std::string name;  // for the history of an item: "token 7 (deploy bot)", "ada@shop.example"
  std::optional<store::User> user;  // who has signed in

  [[nodiscard]] bool is_admin() const { return user && user->role == "admin"; }
  // May see what concerns the whole system: faults, repositories.
  [[nodiscard]] bool sees_system() const { return user ? is_admin() : token && visible.all; }
  // May make projects and whatever holds for all of them, and see how the server is configured.
  [[nodiscard]] bool administers() const {
    return sees_system() && (user || scope == store::Scope::kWrite);
  }
};

// People see all projects and act on them.
[[nodiscard]] Caller caller_of(const store::User& user);

// Thread-safe. Before the first refresh() every check is answered 503: tokens are not known yet.
class Access {
 public:
  // Reads the tokens anew: at start, and after every change of a token, before that command
  // answers.
  [[nodiscard]] Status refresh(store::Store& store);

  // The caller, if the request carries a token of at least that scope (read < write), else the
  // reply to send: 401 no token; 403 unknown or disabled token, or one without the scope (tokens
  // that may only post among them). Looked for in `Authorization: Bearer T`,
  // `X-Rollbar-Access-Token: T`, `?access_token=T`, in this order.
  [[nodiscard]] std::variant<Caller, http::Response> check(const http::Request& request,
                                                           store::Scope needed) const;
  // Whether the request carries a token at all, in any of these places.
  [[nodiscard]] static bool has_token(const http::Request& request);
  // Whether it is the value of an enabled token of scope read or write.
  [[nodiscard]] bool is_for_reading(std::string_view token) const;
  // False once the token was disabled.
  [[nodiscard]] bool is_enabled(TokenId token) const;

 private:
  struct Entry {
    Caller caller;
    bool enabled = true;
  };
  using Tokens = std::unordered_map<std::string, Entry>;  // by SHA-256 of the value

  Locked<std::shared_ptr<const Tokens>> tokens_;
};

}  // namespace flawless::api
