// What a configuration allows but hardly anybody means.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "server/config.h"

namespace flawless::server {

// Each names the keys, what comes of them and what to do. The server runs all the same. Looks at
// the mode of the file.
[[nodiscard]] std::vector<std::string> warnings_about(const Config& config);

// True if the address holds a password, the token that stands in a user's place, or a query with
// values, one of which may be it.
[[nodiscard]] bool has_password(const Config::Repository& repository);

// One for each of these names of variables that looks like one of ours and is none: it would be
// ignored.
[[nodiscard]] std::vector<std::string> warnings_about_variables(std::span<const std::string> names,
                                                                const Config& config);
// The names of this process's variables.
[[nodiscard]] std::vector<std::string> variable_names();

}  // namespace flawless::server
