#include "api/origin.h"

#include <string>

namespace flawless::api {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// "host:port" without the port.
std::string_view host_of(std::string_view authority) {
  const size_t bracket = authority.find(']');
  const size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return authority.substr(0, colon);
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

// The origin that the client thinks it talks to, if it is a loopback one.
std::string own_loopback_origin(const http::Request& request) {
  const std::string authority = lower(request.header("Host"));
  if (!is_loopback(host_of(authority))) return {};
  return origin_of((request.secure ? "https://" : "http://") + authority);
}

bool is_ours(std::string_view source, const http::Request& request, std::string_view public_url) {
  const std::string origin = origin_of(source);
  if (origin.empty()) return false;
  return origin == origin_of(public_url) || origin == own_loopback_origin(request);
}

std::string_view source_of(const http::Request& request) {
  const std::string_view origin = request.header("Origin");
  return origin.empty() ? request.header("Referer") : origin;
}

}  // namespace

std::string origin_of(std::string_view url) {
  const size_t mark = url.find("://");
  if (mark == std::string_view::npos) return {};
  const std::string scheme = lower(url.substr(0, mark));
  if (scheme != "http" && scheme != "https") return {};
  std::string_view rest = url.substr(mark + 3);
  std::string authority = lower(rest.substr(0, rest.find_first_of("/?#")));
  if (authority.empty() || authority.find('@') != std::string::npos) return {};
  const std::string_view standard = scheme == "http" ? ":80" : ":443";
  const size_t host = host_of(authority).size();
  if (std::string_view(authority).substr(host) == standard) authority.resize(host);
  return scheme + "://" + authority;
}

bool is_same_origin(const http::Request& request, std::string_view public_url) {
  return is_ours(source_of(request), request, public_url);
}

bool is_not_cross_origin(const http::Request& request, std::string_view public_url) {
  const std::string_view source = source_of(request);
  return source.empty() || is_ours(source, request, public_url);
}

}  // namespace flawless::api
