// Live changes, as server-sent events.
#include "api/v2/route.h"

namespace flawless::api {
namespace {

// Whether who subscribed may still listen: asked again and again while the stream is open.
std::function<bool()> still_welcome(const Call& call) {
  const ApiParts& parts = call.parts;
  if (!call.caller.user) {
    return [&parts, token = call.caller.token] { return parts.access.is_enabled(token); };
  }
  return [&parts, session = call.session] {
    store::Store* store = parts.store();
    if (!store) return true;
    return parts.sessions->look(store->accounts(), session).code() != Code::kNotFound;
  };
}

Result<Changes::Subscriber> subscribe(const Call& call) {
  if (!call.parts.changes) return Status(Code::kUnavailable, "There are no live changes here.");
  Changes::Subscriber subscriber{call.caller.visible, {}, still_welcome(call)};
  ASSIGN_OR_RETURN(std::string wanted, call.query.text("project"));
  if (!wanted.empty()) {
    ASSIGN_OR_RETURN(auto project, find_project(call, wanted));
    subscriber.project = project.id;
  }
  return subscriber;
}

}  // namespace

std::vector<Route> event_routes() {
  Route route{http::Method::kGet, "/api/2/events", store::Scope::kRead, {"project"}};
  route.subscription = subscribe;
  return {route};
}

}  // namespace flawless::api
