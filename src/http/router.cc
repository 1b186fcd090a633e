#include "http/router.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <map>

#include "http/errors.h"

namespace flawless::http {
namespace {

constexpr size_t kMethods = static_cast<size_t>(Method::kOther) + 1;
using MethodSet = std::bitset<kMethods>;

size_t index(Method method) { return static_cast<size_t>(method); }

constexpr const char* kAllowedHeaders =
    "Accept, Authentication, Authorization, Baggage, Content-Encoding, Content-Type, Origin, "
    "Referer, Sentry-Trace, Transfer-Encoding, X-Forwarded-For, X-Requested-With, "
    "X-Flawless-Token, X-Rollbar-Access-Token, X-Rollbar-Replay-Id, X-Sentry-Auth";
constexpr const char* kExposedHeaders =
    "Retry-After, Rollbar-Replay-Enabled, Rollbar-Replay-RateLimit-Remaining, "
    "Rollbar-Replay-RateLimit-Reset, X-Rate-Limit-Limit, X-Rate-Limit-Remaining, "
    "X-Rate-Limit-Remaining-Seconds, X-Rate-Limit-Reset, X-Sentry-Error, X-Sentry-Rate-Limits";
constexpr const char* kPreflightSeconds = "86400";

// The segments of a path; empty ones (doubled and trailing slashes) do not count.
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), segment.size() + 1));
    if (!segment.empty()) segments.push_back(segment);
  }
  return segments;
}

struct Route {
  RouteHandler handler;
  RefusedRouteHandler refused;
  std::vector<std::string> names;  // of the variable segments, in order
};

// A tree of segments: literal before ":name" before "*name".
struct Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> variable;
  std::unique_ptr<Node> rest;
  std::array<std::unique_ptr<Route>, kMethods> routes;
  bool cross_origin = false;

  [[nodiscard]] MethodSet methods() const {
    MethodSet set;
    for (size_t i = 0; i < kMethods; ++i) set[i] = routes[i] != nullptr;
    return set;
  }
};

// Looks for a route of one method; on the way collects what other methods the path knows.
class Search {
 public:
  Search(std::string_view path, Method method)
      : path_(path), segments_(split(path)), method_(index(method)) {}

  const Route* find(const Node& node, size_t depth = 0) {
    if (depth == segments_.size()) return visit(node);
    const std::string_view segment = segments_[depth];
    if (const auto literal = node.literals.find(segment); literal != node.literals.end()) {
      if (const Route* route = find(*literal->second, depth + 1)) return route;
    }
    if (node.variable) {
      values_.push_back(segment);
      if (const Route* route = find(*node.variable, depth + 1)) return route;
      values_.pop_back();
    }
    if (!node.rest) return nullptr;
    const auto from = static_cast<size_t>(segment.data() - path_.data());
    values_.push_back(path_.substr(from));
    if (const Route* route = visit(*node.rest)) return route;
    values_.pop_back();
    return nullptr;
  }

  [[nodiscard]] const std::vector<std::string_view>& values() const { return values_; }
  [[nodiscard]] MethodSet known() const { return known_; }
  [[nodiscard]] bool cross_origin() const { return cross_origin_; }

 private:
  const Route* visit(const Node& node) {
    known_ |= node.methods();
    cross_origin_ = cross_origin_ || node.cross_origin;
    return node.routes[method_].get();
  }

  const std::string_view path_;
  const std::vector<std::string_view> segments_;
  const size_t method_;
  std::vector<std::string_view> values_;
  MethodSet known_;
  bool cross_origin_ = false;
};

std::string allow_list(MethodSet known) {
  if (known[index(Method::kGet)]) known.set(index(Method::kHead));
  known.set(index(Method::kOptions));
  std::string list;
  for (size_t i = 0; i < index(Method::kOther); ++i) {
    if (!known[i]) continue;
    if (!list.empty()) list += ", ";
    list += method_name(static_cast<Method>(i));
  }
  return list;
}

Response options_response(const std::string& allow, bool cross_origin) {
  Response response;
  response.status = 204;
  response.headers.push_back({"Allow", allow});
  if (cross_origin) {
    response.headers.push_back({"Access-Control-Allow-Methods", allow});
    response.headers.push_back({"Access-Control-Allow-Headers", kAllowedHeaders});
    response.headers.push_back({"Access-Control-Max-Age", kPreflightSeconds});
  }
  return response;
}

Response no_route_response(const Search& search, Method method) {
  if (search.known().none()) {
    if (method != Method::kOther) return error_response(404, "not_found", "there is nothing here");
    return error_response(501, "not_implemented",
                          "this server knows GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS");
  }
  const std::string allow = allow_list(search.known());
  if (method == Method::kOptions) return options_response(allow, search.cross_origin());
  Response response = error_response(405, "method_not_allowed", "allowed here: " + allow);
  response.headers.push_back({"Allow", allow});
  return response;
}

Params params_of(const Route& route, const Search& search) {
  Params params;
  for (size_t i = 0; i < route.names.size(); ++i) {
    params.set(route.names[i], std::string(search.values()[i]));
  }
  return params;
}

}  // namespace

struct Router::Impl {
  Node root;
  const std::shared_ptr<const std::vector<Header>> cross_origin_headers =
      std::make_shared<const std::vector<Header>>(
          std::vector<Header>{{"Access-Control-Allow-Origin", "*"},
                              {"Access-Control-Expose-Headers", kExposedHeaders}});

  // The node of a pattern, made if need be; appends the variables' names.
  Node& node_of(std::string_view pattern, std::vector<std::string>& names) {
    Node* node = &root;
    for (const std::string_view segment : split(pattern)) {
      const bool variable = segment.front() == ':';
      const bool rest = segment.front() == '*';
      if (variable || rest) names.emplace_back(segment.substr(1));
      auto& next = variable ? node->variable
                   : rest   ? node->rest
                            : node->literals[std::string(segment)];
      if (!next) next = std::make_unique<Node>();
      node = next.get();
    }
    return *node;
  }
};

void Params::set(std::string_view name, std::string value) {
  for (auto& [known, old] : values_) {
    if (known == name) return void(old = std::move(value));
  }
  values_.emplace_back(name, std::move(value));
}

const std::string& Params::get(std::string_view name) const {
  static const std::string kNone;
  for (const auto& [known, value] : values_) {
    if (known == name) return value;
  }
  return kNone;
}

Router::Router() : impl_(std::make_unique<Impl>()) {}
Router::~Router() = default;

void Router::add(Method method, std::string_view pattern, RouteHandler handler,
                 RefusedRouteHandler refused) {
  auto route = std::make_unique<Route>();
  Node& node = impl_->node_of(pattern, route->names);
  route->handler = std::move(handler);
  route->refused = std::move(refused);
  FLAWLESS_CHECK(node.routes[index(method)] == nullptr);  // two handlers for one pattern
  node.routes[index(method)] = std::move(route);
}

void Router::allow_cross_origin(std::string_view pattern) {
  std::vector<std::string> names;
  impl_->node_of(pattern, names).cross_origin = true;
}

void Router::route(Request&& request, Responder responder) const {
  const Method asked = request.method;
  const Method method = asked == Method::kHead ? Method::kGet : asked;
  const std::string path = request.path;  // the handler takes the request, the values point here
  Search search(path, method);
  const Route* route = search.find(impl_->root);
  if (search.cross_origin()) responder.add_headers(impl_->cross_origin_headers);
  if (route == nullptr) return responder.send(no_route_response(search, method));
  request.method = method;
  route->handler(std::move(request), params_of(*route, search), std::move(responder));
}

void Router::route_refused(Request&& request, const Refused& why, Responder responder) const {
  const std::string path = request.path;
  Search search(path, request.method);
  const Route* route = search.find(impl_->root);
  if (search.cross_origin()) responder.add_headers(impl_->cross_origin_headers);
  if (route == nullptr || !route->refused) return responder.send(refused_response(why));
  route->refused(std::move(request), params_of(*route, search), why, std::move(responder));
}

}  // namespace flawless::http
