#include <fmt/format.h>

#include <iostream>

#include "base/json_writer.h"
#include "cli/administration.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace flawless::cli {
namespace {

Status create(const Arguments& arguments) {
  JsonWriter json;
  json.object().field("email", arguments.get("--email"));
  json.field_if("name", arguments.get("--name")).field_if("role", arguments.get("--role"));
  if (arguments.has("--password-stdin")) {
    std::string password;
    if (!std::getline(std::cin, password) || password.empty()) {
      return {Code::kInvalid, "--password-stdin: there is no password on standard input"};
    }
    json.field("password", password);
  }
  json.end();
  ASSIGN_OR_RETURN(const std::string text, administer(arguments, "user.create", json.text()));
  if (arguments.has("--json")) return Status::ok();
  ASSIGN_OR_RETURN(const Reply reply, Reply::read(text));
  fmt::print("User {}: {} ({})\n", text_of(reply.value(), "id"), text_of(reply.value(), "email"),
             text_of(reply.value(), "role"));
  return Status::ok();
}

}  // namespace

Command user_create_command() {
  return {"user create",
          "Make an account",
          {{"--email", "ADDRESS", "what the user signs in with", true},
           {"--name", "NAME", "how the user is shown"},
           {"--role", "ROLE", "admin or member (default: member)"},
           {"--password-stdin", "", "take the password (8 bytes or more) from standard input"},
           kConfOption,
           kJsonOption},
          create,
          "\nWithout a password the account cannot be signed in to by password."};
}

}  // namespace flawless::cli
