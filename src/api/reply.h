// How the API answers: JSON, never cached, errors always of one form:
// {"error":{"code":…,"message":…}}.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/server.h"

namespace flawless::api {

http::Response json_reply(std::string json);
http::Response text_reply(int status, std::string text, std::string content_type);

// `code` is one word for programs, `message` a sentence for people.
http::Response error_reply(int status, std::string_view code, std::string_view message);

// A failed Status as HTTP: kInvalid 400, kDenied 403, kNotFound 404, kConflict 409, kTooLarge 413,
// kExhausted 429, kUnavailable 503. kCorrupt and kInternal become 500 with a reference under which
// the message is logged; it is not sent.
http::Response error_reply(const Status& status);

// Logs an internal failure; the reference to show instead of it.
std::string log_internal(const Status& status);

// The status alone; kOk is 200.
int http_status(Code code);

// 503 with Retry-After.
http::Response busy_reply(std::string_view message);

}  // namespace flawless::api
