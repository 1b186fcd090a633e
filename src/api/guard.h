// Who sent a request: the bearer of a token, or a person by the cookie of their session. In two
// steps, since a session may have to be looked up in the database.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "api/mount.h"

namespace flawless::api {

// What a request says of its sender.
struct Claim {
  std::optional<Caller> caller;  // a good token's bearer
  std::string session;           // else the cookie's value; empty: neither
};

// From memory only. The reply to send: as Access::check(); 403 for a request that changes something
// by a cookie and does not come from our own pages. Without `needed`, tokens are not looked at and
// whoever comes without a cookie is let through.
[[nodiscard]] std::variant<Claim, http::Response> read_claim(const ApiParts& parts,
                                                             const http::Request& request,
                                                             std::optional<store::Scope> needed);

struct Identity {
  Caller caller;
  bool renewed = false;  // the session's cookie is to be sent again
};
// The second step; may wait. Nothing: the session has ended. Other errors are the store's.
[[nodiscard]] Result<std::optional<Identity>> identify(const ApiParts& parts, const Claim& claim,
                                                       store::Store& store);

}  // namespace flawless::api
