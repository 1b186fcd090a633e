#include "http/errors.h"

#include "base/json_writer.h"

namespace flawless::http {
namespace {

std::string error_body(std::string_view code, std::string_view message,
                       std::string_view reference) {
  JsonWriter json;
  json.object().field("err", 1).field("message", message).field("detail", message);
  json.key("error").object().field("code", code).field("message", message);
  json.field_if("reference", reference);
  json.end().end();
  return json.take();
}

}  // namespace

Response error_response(int status, std::string_view code, std::string_view message) {
  Response response;
  response.status = status;
  response.body = error_body(code, message, {});
  return response;
}

Response refused_response(const Refused& why) {
  Response response = error_response(why.status, why.code, why.message);
  if (why.status == 503) response.headers.push_back({"Retry-After", "5"});
  response.close = true;
  return response;
}

Response internal_error(std::string_view reference) {
  Response response;
  response.status = 500;
  response.body =
      error_body("internal", "internal error; the log names it by this reference", reference);
  return response;
}

}  // namespace flawless::http
