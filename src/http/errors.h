// The error body every client family understands.
#pragma once

#include <string_view>

#include "http/server.h"

namespace flawless::http {

// {"err":1,"message":…,"detail":…,"error":{"code":…,"message":…}}: Rollbar's keys, Sentry's and
// ours.
Response error_response(int status, std::string_view code, std::string_view message);

// What the server refuses: `message` may be told to anybody.
Response refused_response(const Refused& why);

// 500 whose body carries `reference` (error.reference), for finding the line in the log.
Response internal_error(std::string_view reference);

}  // namespace flawless::http
