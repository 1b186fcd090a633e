// What a configuration allows but hardly anybody means.
#pragma once

#include <string>
#include <vector>

#include "server/config.h"

namespace flawless::server {

// Each names the keys, what comes of them and what to do. The server runs all the same.
[[nodiscard]] std::vector<std::string> warnings_about(const Config& config);

}  // namespace flawless::server
