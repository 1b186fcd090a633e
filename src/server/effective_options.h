// The configuration as it is in force, for people who may see it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "server/config.h"

namespace flawless::server {

// ("http.port", "8080") in the order of the key table; the keys of the second repository as
// "repository.2.url". Secrets that are set show as "(secret)", and no address shows a password or
// what its query says.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> effective_options(
    const Config& config);

}  // namespace flawless::server
