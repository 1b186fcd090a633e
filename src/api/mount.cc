#include "api/mount.h"

#include <atomic>
#include <exception>
#include <memory>
#include <string>
#include <utility>

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
  Caller caller;
};

http::Response answer(const Pending& pending) {
  store::Store* store = pending.parts->store();
  if (pending.route->scope && !store) {
    return busy_reply("The store is opening; try again in a moment.");
  }
  Call call{
      *pending.parts, pending.request,           pending.params, pending.query, pending.caller,
      store,          pending.parts->clock.now()};
  try {
    auto reply = pending.route->endpoint(call);
    return reply ? std::move(reply).value() : error_reply(reply.status());
  } catch (const std::exception& failure) {
    return error_reply(Status(Code::kInternal, failure.what()));
  }
}

// The reply if the request is refused before any work; fills in query and caller else.
std::optional<http::Response> refuse(Pending& pending) {
  if (pending.route->scope) {
    auto verdict = pending.parts->access.check(pending.request, *pending.route->scope);
    if (auto* refusal = std::get_if<http::Response>(&verdict)) return std::move(*refusal);
    pending.caller = std::get<Caller>(std::move(verdict));
  }
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
  bool queued = pending->parts->pool.try_run(
      pending->route->lane, [pending] { pending->responder.send(answer(*pending)); });
  if (!queued) pending->responder.send(busy_reply("Too many requests at once; try again."));
}

// GET /check_health: one word for load balancers and watchdogs, for everybody, whatever else
// happens.
class HealthCheck {
 public:
  explicit HealthCheck(std::shared_ptr<const ApiParts> parts) : parts_(std::move(parts)) {}

  // When too many wait already, the last answer is good enough.
  void answer(const std::shared_ptr<HealthCheck>& self, http::Responder responder) {
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    bool queued = parts_->pool.try_run(Pool::Lane::kProbe, [self, shared] {
      self->last_ok_ = self->ask();
      shared->send(self->reply());
    });
    if (!queued) shared->send(reply());
  }

 private:
  [[nodiscard]] bool ask() const {
    try {
      return parts_->health().ok();
    } catch (const std::exception&) {
      return false;
    }
  }
  [[nodiscard]] http::Response reply() const {
    return last_ok_ ? text_reply(200, "OK", kPlain) : text_reply(503, "FAIL", kPlain);
  }

  static constexpr const char* kPlain = "text/plain; charset=utf-8";
  const std::shared_ptr<const ApiParts> parts_;
  std::atomic<bool> last_ok_{false};
};

}  // namespace

std::vector<Route> all_routes() {
  std::vector<Route> routes;
  for (auto part : {project_routes(), item_routes(), occurrence_routes(), system_routes()}) {
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
  auto check = std::make_shared<HealthCheck>(shared);
  router.add(http::Method::kGet, "/check_health",
             [check](http::Request&&, const http::Params&, http::Responder responder) {
               check->answer(check, std::move(responder));
             });
}

}  // namespace flawless::api
