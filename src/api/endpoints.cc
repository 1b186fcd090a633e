#include "api/endpoints.h"

#include <fmt/format.h>

namespace flawless::api {

std::string dsn(std::string_view public_url, std::string_view token, ProjectId project) {
  const size_t host = public_url.find("://") + 3;
  return fmt::format("{}{}@{}/{}", public_url.substr(0, host), token, public_url.substr(host),
                     project.v);
}

void write_endpoints(JsonWriter& json, std::string_view public_url, ProjectId project) {
  json.key("endpoints").object();
  json.field("rollbar", fmt::format("{}/api/1/item/", public_url));
  json.field("sentry_envelope", fmt::format("{}/api/{}/envelope/", public_url, project.v));
  json.field("sentry_store", fmt::format("{}/api/{}/store/", public_url, project.v));
  json.field("flawless", fmt::format("{}/api/2/report", public_url));
  json.end();
}

}  // namespace flawless::api
