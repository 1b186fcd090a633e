#include "cli/commands.h"

namespace flawless::cli {

std::vector<Command> all_commands() {
  return {configure_command(),       check_command(),         start_command(),
          project_create_command(),  project_list_command(),  project_enable_command(),
          project_disable_command(), token_create_command(),  token_list_command(),
          token_enable_command(),    token_disable_command(), user_create_command(),
          user_list_command(),       user_role_command(),     user_password_command(),
          user_enable_command(),     user_disable_command(),  user_sign_out_command(),
          link_revoke_all_command(), quarantine_list_command(), quarantine_retry_command(),
          send_command(),            options_command(),       version_command()};
}

}  // namespace flawless::cli
