// Operations of api::Admin, wherever they have to run.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "api/admin.h"
#include "base/result.h"
#include "cli/command.h"
#include "event/value.h"
#include "server/config.h"

namespace flawless::cli {

// The configuration that --conf or the usual places name. kInvalid with every error in it.
[[nodiscard]] Result<server::Config> find_config(const Arguments& arguments);

// Runs the operation in the server that holds the data directory, or here, when none does. Waits a
// few seconds for another command, or for a server that is starting. kNotFound when there is no
// data yet and the operation does not make any: nothing is made then. kUnavailable when the
// directory stays locked and nobody answers.
[[nodiscard]] Result<api::Admin::Outcome> administer(const server::Config& config,
                                                     std::string_view operation,
                                                     const std::string& arguments_json);

// find_config(), administer(), and the reply printed: as it is if --json was given, else by `show`.
[[nodiscard]] Status administer(const Arguments& arguments, std::string_view operation,
                                const std::string& arguments_json,
                                const std::function<void(const Value& reply)>& show);

}  // namespace flawless::cli
