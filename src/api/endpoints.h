// What a client is configured with to report to a project.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/json_writer.h"

namespace flawless::api {

// "http://TOKEN@host:8080/7", as every Sentry client takes it. `public_url`: without a trailing
// slash.
[[nodiscard]] std::string dsn(std::string_view public_url, std::string_view token,
                              ProjectId project);
// "endpoints": {…}: where each family of clients posts to.
void write_endpoints(JsonWriter& json, std::string_view public_url, ProjectId project);

}  // namespace flawless::api
