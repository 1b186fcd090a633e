// A route of the API: who may call it, which query parameters it knows, and the function that
// answers.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "api/mount.h"
#include "api/query.h"

namespace flawless::api {

// One request, as an endpoint sees it: authenticated, with known query parameters, on a thread that
// may wait.
struct Call {
  const ApiParts& parts;
  const http::Request& request;
  const http::Params& params;
  const Query& query;
  const Caller& caller;        // on a route without scope: who has signed in, or nobody
  const std::string& session;  // the token of the session's cookie, if that is how they came
  store::Store* store;         // never null on a route with scope
  Time now;
};

// A failed Status becomes an error reply.
using Endpoint = Result<http::Response> (*)(const Call&);
// Who is to get the live changes; the answer does not end.
using Subscription = Result<Changes::Subscriber> (*)(const Call&);

struct Route {
  http::Method method;
  std::string_view pattern;
  std::optional<store::Scope> scope;  // nothing: open to everybody
  std::vector<std::string_view> parameters;
  Endpoint endpoint = nullptr;
  Pool::Lane lane = Pool::Lane::kWork;
  Subscription subscription = nullptr;  // instead of an endpoint
};

// One file per resource; all of them together.
std::vector<Route> project_routes();
std::vector<Route> item_routes();
std::vector<Route> occurrence_routes();
std::vector<Route> session_routes();
std::vector<Route> rule_routes();
std::vector<Route> event_routes();
std::vector<Route> system_routes();
std::vector<Route> all_routes();

// The project that the path names by id or by name, if the caller may see it.
[[nodiscard]] Result<store::Project> project_of(const Call& call);
// The same for a name or id from elsewhere.
[[nodiscard]] Result<store::Project> find_project(const Call& call, const std::string& wanted);
// ":number" of the path.
[[nodiscard]] Result<int64_t> item_number_of(const Call& call);
// The body, if it is not larger than those of the API are.
[[nodiscard]] Result<std::string_view> small_body(const Call& call);
// Whether browsers are to send cookies by https only.
[[nodiscard]] bool is_secure(const ApiParts& parts);

}  // namespace flawless::api
