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
  const Caller& caller;  // nobody on a route without scope
  store::Store* store;   // never null on a route with scope
  Time now;
};

// A failed Status becomes an error reply.
using Endpoint = Result<http::Response> (*)(const Call&);

struct Route {
  http::Method method;
  std::string_view pattern;
  std::optional<store::Scope> scope;  // nothing: open to everybody
  std::vector<std::string_view> parameters;
  Endpoint endpoint;
  Pool::Lane lane = Pool::Lane::kWork;
};

// One file per resource; all of them together.
std::vector<Route> project_routes();
std::vector<Route> item_routes();
std::vector<Route> occurrence_routes();
std::vector<Route> system_routes();
std::vector<Route> all_routes();

// The project that the path names by id or by name, if the caller may see it.
[[nodiscard]] Result<store::Project> project_of(const Call& call);
// ":number" of the path.
[[nodiscard]] Result<int64_t> item_number_of(const Call& call);

}  // namespace flawless::api
