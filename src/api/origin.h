// Whether a request that changes something comes from our own pages. Pure.
#pragma once

#include <string>
#include <string_view>

#include "http/server.h"

namespace flawless::api {

// "https://host:8443" of an address: in lower case, default ports left out. Empty for anything that
// is not http or https ("null" among it).
[[nodiscard]] std::string origin_of(std::string_view url);

// True if `Origin` (or, absent, `Referer`) is the origin of `public_url`, or the one the request
// was sent to when that is this very machine by a loopback name (so that a name someone else
// controls and points here gains nothing). False if it has neither header.
[[nodiscard]] bool is_same_origin(const http::Request& request, std::string_view public_url);

// The same, but a request that has neither header passes: only browsers send them, and only what
// they send along (cookies) is at stake.
[[nodiscard]] bool is_not_cross_origin(const http::Request& request, std::string_view public_url);

}  // namespace flawless::api
