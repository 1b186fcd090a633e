// The commands of the program, in the order in which help lists them.
#pragma once

#include <vector>

#include "cli/command.h"

namespace flawless::cli {

[[nodiscard]] Command configure_command();
[[nodiscard]] Command check_command();
[[nodiscard]] Command start_command();
[[nodiscard]] Command project_create_command();
[[nodiscard]] Command project_list_command();
[[nodiscard]] Command project_enable_command();
[[nodiscard]] Command project_disable_command();
[[nodiscard]] Command token_create_command();
[[nodiscard]] Command token_list_command();
[[nodiscard]] Command token_enable_command();
[[nodiscard]] Command token_disable_command();
[[nodiscard]] Command user_create_command();
[[nodiscard]] Command user_list_command();
[[nodiscard]] Command user_role_command();
[[nodiscard]] Command user_password_command();
[[nodiscard]] Command user_enable_command();
[[nodiscard]] Command user_disable_command();
[[nodiscard]] Command user_sign_out_command();
[[nodiscard]] Command link_revoke_all_command();
[[nodiscard]] Command quarantine_list_command();
[[nodiscard]] Command quarantine_retry_command();
[[nodiscard]] Command send_command();
[[nodiscard]] Command options_command();
[[nodiscard]] Command version_command();

[[nodiscard]] std::vector<Command> all_commands();

}  // namespace flawless::cli
