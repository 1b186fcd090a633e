#include "api/app.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "api/reply.h"

namespace flawless::api {
namespace {

// First segments that are the router's.
constexpr std::array<std::string_view, 8> kNotTheApp = {"api",
                                                        "item",
                                                        "metrics",
                                                        "check_health",
                                                        "get_weekly_error_report",
                                                        "view_traceback",
                                                        "add_known_error",
                                                        "save_known_error"};
// Those of the app's own addresses: whatever asks for them gets the app.
constexpr std::array<std::string_view, 5> kTheApp = {"", "signin", "welcome", "p", "settings"};

constexpr std::string_view kIndex = "index.html";
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

template <size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view without_slashes(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

std::string_view first_segment(std::string_view path) {
  path = without_slashes(path);
  return path.substr(0, path.find('/'));
}

std::string_view next_of_list(std::string_view& list) {
  std::string_view one = list.substr(0, list.find(','));
  list.remove_prefix(std::min(list.size(), one.size() + 1));
  while (one.starts_with(' ')) one.remove_prefix(1);
  while (one.ends_with(' ')) one.remove_suffix(1);
  return one;
}

// "gzip" or "*" without ";q=0".
bool accepts_gzip(const http::Request& request) {
  std::string_view list = request.header("Accept-Encoding");
  while (!list.empty()) {
    const std::string_view one = next_of_list(list);
    const std::string_view name = one.substr(0, one.find_first_of("; "));
    if (name != "gzip" && name != "*") continue;
    const size_t quality = one.find("q=0");
    if (quality == std::string_view::npos) return true;
    return one.find_first_of("123456789", quality) != std::string_view::npos;
  }
  return false;
}

bool has_etag(const http::Request& request, std::string_view etag) {
  std::string_view list = request.header("If-None-Match");
  while (!list.empty()) {
    std::string_view one = next_of_list(list);
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == "*" || one == etag) return true;
  }
  return false;
}

// Quoted, and another one for other bytes.
std::string etag_of(const web::Asset& asset, bool zipped) {
  std::string_view name = asset.etag;
  if (name.starts_with('"')) name = name.substr(1, name.size() - 2);
  return "\"" + std::string(name) + (zipped ? "-gzip\"" : "\"");
}

http::Response file_reply(const http::Request& request, const web::Asset& asset) {
  const bool zipped = !asset.gzip.empty() && accepts_gzip(request);
  const std::string etag = etag_of(asset, zipped);
  http::Response reply;
  reply.content_type = asset.content_type;
  reply.headers = {
      {"Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"ETag", etag},
      {"Vary", "Accept-Encoding"},
      {"Content-Security-Policy", std::string(kContentSecurityPolicy)},
      {"Referrer-Policy", "same-origin"}};
  if (has_etag(request, etag)) {
    reply.status = 304;
    return reply;
  }
  if (zipped) reply.headers.push_back({"Content-Encoding", "gzip"});
  reply.body = zipped ? asset.gzip : asset.body;
  return reply;
}

bool wants_page(const http::Request& request) {
  return is_one_of(kTheApp, first_segment(request.path)) ||
         request.header("Accept").find("text/html") != std::string_view::npos;
}

http::Response only_to_be_read() {
  http::Response reply =
      error_reply(405, "method_not_allowed", "This is a page: it is read with GET.");
  reply.headers.push_back({"Allow", "GET, HEAD"});
  return reply;
}

// Nothing: not ours to answer.
std::optional<http::Response> app_reply(const http::Request& request, const AssetSource& find) {
  const std::string_view path = without_slashes(request.path);
  if (is_one_of(kNotTheApp, first_segment(path))) return {};
  if (request.method != http::Method::kGet && request.method != http::Method::kHead) {
    const bool ours = is_one_of(kTheApp, first_segment(path)) || find(path) != nullptr;
    return ours ? std::optional(only_to_be_read()) : std::nullopt;
  }
  if (const web::Asset* asset = find(path.empty() ? kIndex : path)) {
    return file_reply(request, *asset);
  }
  if (path.starts_with("assets/") || !wants_page(request)) return {};
  const web::Asset* index = find(kIndex);
  if (index) return file_reply(request, *index);
  return std::nullopt;
}

}  // namespace

http::Handler with_app(const http::Router& router, AssetSource find) {
  return [&router, find = std::move(find)](http::Request&& request, http::Responder responder) {
    if (auto reply = app_reply(request, find)) return responder.send(std::move(*reply));
    router.route(std::move(request), std::move(responder));
  };
}

}  // namespace flawless::api
