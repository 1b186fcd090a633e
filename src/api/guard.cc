#include "api/guard.h"

#include "api/origin.h"
#include "api/reply.h"

namespace flawless::api {
namespace {

bool changes_something(http::Method method) {
  return method != http::Method::kGet && method != http::Method::kHead &&
         method != http::Method::kOptions;
}

http::Response foreign_page() {
  return error_reply(403, "foreign_origin",
                     "A request that changes something must come from our own pages: its Origin is "
                     "not the public address (http.public_url).");
}

}  // namespace

std::variant<Claim, http::Response> read_claim(const ApiParts& parts, const http::Request& request,
                                               std::optional<store::Scope> needed) {
  Claim claim;
  if (parts.sessions && !(needed && Access::has_token(request))) {
    claim.session = session_token(request.header("Cookie"));
  }
  if (!claim.session.empty()) {
    const std::string ours = parts.public_url ? parts.public_url() : std::string();
    if (changes_something(request.method) && !is_same_origin(request, ours)) return foreign_page();
    return claim;
  }
  if (!needed) return claim;
  auto verdict = parts.access.check(request, *needed);
  if (auto* refusal = std::get_if<http::Response>(&verdict)) return std::move(*refusal);
  claim.caller = std::get<Caller>(std::move(verdict));
  return claim;
}

Result<std::optional<Identity>> identify(const ApiParts& parts, const Claim& claim,
                                         store::Store& store) {
  if (claim.caller) return std::optional<Identity>({*claim.caller, false});
  if (claim.session.empty() || !parts.sessions) return std::optional<Identity>();
  auto found = parts.sessions->find(store.accounts(), claim.session);
  if (found.code() == Code::kNotFound) return std::optional<Identity>();
  if (!found) return found.status();
  return std::optional<Identity>({caller_of(found->user), found->renewed});
}

}  // namespace flawless::api
