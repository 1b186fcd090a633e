#include "api/mount.h"

#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "api/guard.h"
#include "api/pages/page.h"
#include "api/reply.h"
#include "api/v2/route.h"

namespace flawless::api {
namespace {

// A request on its way through the pool.
struct Pending {
  std::shared_ptr<const ApiParts> parts;
  std::shared_ptr<const Route> route;
  http::Request request;
  http::Params params;
  http::Responder responder;
  Query query;
  Claim claim;
};

http::Response session_ended(const ApiParts& parts) {
  http::Response reply =
      error_reply(401, "session_ended", "Your session has ended; sign in again.");
  reply.headers.push_back({"WWW-Authenticate", "Bearer"});
  reply.headers.push_back({"Set-Cookie", ended_session_cookie(is_secure(parts))});
  return reply;
}

// Runs the endpoint, or begins the stream and returns nothing.
std::optional<http::Response> serve(Pending& pending, const Call& call) {
  const Route& route = *pending.route;
  if (!route.subscription) {
    auto reply = route.endpoint(call);
    return reply ? std::move(reply).value() : error_reply(reply.status());
  }
  auto subscriber = route.subscription(call);
  if (!subscriber) return error_reply(subscriber.status());
  call.parts.changes->subscribe(std::move(subscriber).value(), std::move(pending.responder));
  return std::nullopt;
}

std::optional<http::Response> answer(Pending& pending) {
  const ApiParts& parts = *pending.parts;
  store::Store* store = parts.store();
  if (pending.route->scope && !store) {
    return busy_reply("The store is opening; try again in a moment.");
  }
  try {
    Identity who;
    if (store) {
      auto found = identify(parts, pending.claim, *store);
      if (!found) return error_reply(found.status());
      if (!*found && pending.route->scope) return session_ended(parts);
      if (*found) who = std::move(**found);
    }
    auto reply = serve(pending, {parts, pending.request, pending.params, pending.query, who.caller,
                                 pending.claim.session, store, parts.clock.now()});
    if (reply && who.renewed) {
      reply->headers.push_back(
          {"Set-Cookie", session_cookie(pending.claim.session, is_secure(parts))});
    }
    return reply;
  } catch (const std::exception& failure) {
    return error_reply(Status(Code::kInternal, failure.what()));
  }
}

// The reply if the request is refused before any work; fills in query and claim else.
std::optional<http::Response> refuse(Pending& pending) {
  auto claim = read_claim(*pending.parts, pending.request, pending.route->scope);
  if (auto* refusal = std::get_if<http::Response>(&claim)) return std::move(*refusal);
  pending.claim = std::get<Claim>(std::move(claim));
  auto query = Query::read(pending.request, pending.route->parameters);
  if (!query) return error_reply(query.status());
  pending.query = std::move(query).value();
  return std::nullopt;
}

void dispatch(std::shared_ptr<Pending> pending) {
  if (auto refusal = refuse(*pending)) {
    pending->responder.send(std::move(*refusal));
    return;
  }
  bool queued = pending->parts->pool.try_run(pending->route->lane, [pending] {
    if (auto reply = answer(*pending)) pending->responder.send(std::move(*reply));
  });
  if (!queued) pending->responder.send(busy_reply("Too many requests at once; try again."));
}

}  // namespace

Result<std::string_view> small_body(const Call& call) {
  constexpr size_t kMostBytes = 64u << 10;
  if (call.request.body.size() <= kMostBytes) return call.request.body.view();
  return Status(Code::kTooLarge, "The body may have 64 KiB at most.");
}

std::vector<Route> all_routes() {
  std::vector<Route> routes;
  for (auto part : {project_routes(), item_routes(), occurrence_routes(), session_routes(),
                    rule_routes(), event_routes(), system_routes()}) {
    routes.insert(routes.end(), part.begin(), part.end());
  }
  return routes;
}

void mount(http::Router& router, const ApiParts& parts) {
  auto shared = std::make_shared<const ApiParts>(parts);
  for (Route& made : all_routes()) {
    auto route = std::make_shared<const Route>(std::move(made));
    router.add(route->method, route->pattern,
               [shared, route](http::Request&& request, const http::Params& params,
                               http::Responder responder) {
                 dispatch(std::make_shared<Pending>(Pending{
                     shared, route, std::move(request), params, std::move(responder), {}, {}}));
               });
  }
  mount_pages(router, shared);
  mount_check_health(router, shared);
}

}  // namespace flawless::api
