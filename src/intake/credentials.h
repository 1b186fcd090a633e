// Where the SDKs put their token (Rollbar: X-Rollbar-Access-Token, ?access_token=, body; Sentry:
// X-Sentry-Auth, Authorization, ?sentry_key=, envelope header; ours: Authorization: Bearer,
// X-Rollbar-Access-Token, X-Flawless-Token, ?access_token=).
#pragma once

#include <string>

#include "base/result.h"
#include "http/server.h"
#include "wire/report.h"

namespace flawless::intake {

// The token outside the body; empty if there is none. kDenied when two places name different keys
// (https://develop.sentry.dev/sdk/foundations/transport/authentication/).
[[nodiscard]] Result<std::string> find_token(wire::Protocol protocol, const http::Request& request);

// Whether it may be in the body: of Rollbar's items, and of envelopes.
[[nodiscard]] bool body_may_have_token(wire::Protocol protocol);

// What a request without a token is told: all the places where this protocol's may be.
[[nodiscard]] std::string_view where_tokens_go(wire::Protocol protocol);

// sentry_key of "Sentry sentry_version=7, sentry_key=abc, …"; empty if there is none.
[[nodiscard]] std::string_view sentry_key_of(std::string_view auth_header);

}  // namespace flawless::intake
