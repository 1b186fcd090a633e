// What no single key can say: whether the values of a configuration go together.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "server/config.h"

namespace flawless::server {

// Told of each error: the address of the member of Config it is about, and what is wrong.
using Complain = std::function<void(const void* member, std::string message)>;

// Makes paths absolute or relative to the process, reads the password, fills in computed defaults,
// and complains about what cannot work. `directory` is where relative paths start.
void complete_config(Config& config, const std::string& directory, const Environment& environment,
                     const Complain& complain);

}  // namespace flawless::server
