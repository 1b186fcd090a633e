// Maps method and path to a function. Knows 404, 405 (with Allow), 501, OPTIONS and HEAD, so that
// no handler has to.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/server.h"

namespace flawless::http {

// The path's variable parts by name: "/api/:project/envelope/" against "/api/7/envelope/" gives
// project = "7".
class Params {
 public:
  void set(std::string_view name, std::string value);
  [[nodiscard]] const std::string& get(std::string_view name) const;  // empty if absent
 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

using RouteHandler = std::function<void(Request&&, const Params&, Responder)>;

// Of a request that the server refuses (server.h).
using RefusedRouteHandler =
    std::function<void(Request&&, const Params&, const Refused&, Responder)>;

// A pattern is made of literal segments and ":name" segments; a last segment "*name" takes the
// rest. A trailing slash in the request is ignored. Register before the server starts; afterwards
// route() is safe from any thread.
class Router {
 public:
  Router();
  ~Router();
  // `refused` answers what the server refuses; without it the common error is sent.
  void add(Method method, std::string_view pattern, RouteHandler handler,
           RefusedRouteHandler refused = nullptr);
  // Paths that answer CORS preflight and carry Access-Control-* on every reply, errors too (the
  // report endpoints).
  void allow_cross_origin(std::string_view pattern);
  // What is sent for an unknown path or method: 404 and 405 as JSON {"error": …} unless set.
  void route(Request&& request, Responder responder) const;
  // For Options::refused.
  void route_refused(Request&& request, const Refused& why, Responder responder) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flawless::http
