// The API's description (OpenAPI 3.1): src/api/openapi.json, embedded by the build.
#pragma once

#include <string_view>

namespace flawless::api {

std::string_view openapi_json();

}  // namespace flawless::api
