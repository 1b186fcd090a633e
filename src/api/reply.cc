#include "api/reply.h"

#include <utility>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "base/log.h"

namespace flawless::api {
namespace {

std::string error_json(std::string_view code, std::string_view message,
                       std::string_view reference) {
  JsonWriter json;
  json.object().key("error").object();
  json.field("code", code).field("message", message).field_if("reference", reference);
  json.end().end();
  return json.take();
}

http::Response reply(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.push_back({"Cache-Control", "no-store"});
  response.body = std::move(body);
  return response;
}

http::Response internal_reply(const Status& status) {
  const std::string reference = log_internal(status);
  return reply(500, error_json("internal",
                               "Something failed inside the server; its log has the cause under "
                               "this reference.",
                               reference));
}

std::string snake(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = c == ' ' ? '_' : c;
  return out;
}

}  // namespace

std::string log_internal(const Status& status) {
  std::string reference = random_hex(8);
  log_error("api", "reference {}: {}: {}", reference, code_name(status.code()), status.message());
  return reference;
}

int http_status(Code code) {
  switch (code) {
    case Code::kOk:
      return 200;
    case Code::kInvalid:
      return 400;
    case Code::kDenied:
      return 403;
    case Code::kNotFound:
      return 404;
    case Code::kConflict:
      return 409;
    case Code::kTooLarge:
      return 413;
    case Code::kExhausted:
      return 429;
    case Code::kUnavailable:
      return 503;
    default:
      return 500;
  }
}

http::Response json_reply(std::string json) { return reply(200, std::move(json)); }

http::Response text_reply(int status, std::string text, std::string content_type) {
  http::Response response = reply(status, std::move(text));
  response.content_type = std::move(content_type);
  return response;
}

http::Response error_reply(int status, std::string_view code, std::string_view message) {
  return reply(status, error_json(code, message, {}));
}

http::Response error_reply(const Status& status) {
  int number = http_status(status.code());
  if (number == 500) return internal_reply(status);
  http::Response response = error_reply(number, snake(code_name(status.code())), status.message());
  if (number == 503 || number == 429) response.headers.push_back({"Retry-After", "1"});
  return response;
}

http::Response busy_reply(std::string_view message) {
  return error_reply(Status(Code::kUnavailable, std::string(message)));
}

}  // namespace flawless::api
