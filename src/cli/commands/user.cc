#include <fmt/format.h>

#include <iostream>

#include "api/secrets.h"
#include "base/json_writer.h"
#include "cli/administration.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace flawless::cli {
namespace {

constexpr Option kEmail = {"--email", "ADDRESS", "what the user signs in with", true};
constexpr Option kPassword = {"--password-stdin", "",
                              "take the password (10 characters or more) from standard input"};
static_assert(api::kFewestPasswordCharacters == 10, "the help says so");

Result<std::string> read_password() {
  std::string password;
  if (!std::getline(std::cin, password) || password.empty()) {
    return {Code::kInvalid, "--password-stdin: there is no password on standard input"};
  }
  return password;
}

void show_new(const Value& user) {
  fmt::print("User {}: {} ({})\n", text_of(user, "id"), text_of(user, "email"),
             text_of(user, "role"));
}

Status create(const Arguments& arguments) {
  JsonWriter json;
  json.object().field("email", arguments.get("--email"));
  json.field_if("name", arguments.get("--name")).field_if("role", arguments.get("--role"));
  if (arguments.has("--password-stdin")) {
    ASSIGN_OR_RETURN(const std::string password, read_password());
    json.field("password", password);
  }
  json.end();
  return administer(arguments, "user.create", json.text(), show_new);
}

void show_list(const Value& reply) {
  std::vector<std::vector<std::string>> rows = {
      {"ID", "EMAIL", "NAME", "ROLE", "ENABLED", "CREATED"}};
  for (const Member& member : list_of(reply, "users")) {
    const Value& user = member.value;
    rows.push_back({text_of(user, "id"), text_of(user, "email"), text_of(user, "name"),
                    text_of(user, "role"), text_of(user, "enabled"), text_of(user, "created_at")});
  }
  print_table(rows);
}

Status list(const Arguments& arguments) {
  return administer(arguments, "user.list", "{}", show_list);
}

Status change(const Arguments& arguments, std::string_view operation, const std::string& json,
              std::string_view outcome) {
  return administer(arguments, operation, json, [outcome](const Value& user) {
    fmt::print("User {} ({}): {}\n", text_of(user, "email"), text_of(user, "role"), outcome);
  });
}

Status change(const Arguments& arguments, std::string_view operation, std::string_view outcome) {
  JsonWriter json;
  json.object().field("email", arguments.get("--email")).end();
  return change(arguments, operation, json.take(), outcome);
}

Status set_role(const Arguments& arguments) {
  JsonWriter json;
  json.object().field("email", arguments.get("--email")).field("role", arguments.get("--role"));
  json.end();
  return change(arguments, "user.role", json.take(), "has this role from now on");
}

Status set_password(const Arguments& arguments) {
  ASSIGN_OR_RETURN(const std::string password, read_password());
  JsonWriter json;
  json.object().field("email", arguments.get("--email")).field("password", password).end();
  return change(arguments, "user.password", json.take(),
                "the password is another now; all sessions have ended");
}

Status enable(const Arguments& arguments) {
  return change(arguments, "user.enable", "may sign in");
}

Status disable(const Arguments& arguments) {
  return change(arguments, "user.disable", "may not sign in; all sessions have ended");
}

Status sign_out(const Arguments& arguments) {
  return change(arguments, "user.sign_out", "all sessions have ended");
}

}  // namespace

Command user_create_command() {
  return {"user create",
          "Make an account",
          {kEmail,
           {"--name", "NAME", "how the user is shown"},
           {"--role", "ROLE", "admin or member (default: member)"},
           kPassword,
           kConfOption,
           kJsonOption},
          create,
          "\nWithout a password the account cannot be signed in to by password."};
}
Command user_list_command() {
  return {"user list", "List the accounts", {kConfOption, kJsonOption}, list};
}
Command user_role_command() {
  return {"user role",
          "Make somebody an administrator, or a member again",
          {kEmail, {"--role", "ROLE", "admin or member", true}, kConfOption, kJsonOption},
          set_role};
}
Command user_password_command() {
  Option password = kPassword;
  password.required = true;
  return {"user password",
          "Set another password and end the user's sessions",
          {kEmail, password, kConfOption, kJsonOption},
          set_password};
}
Command user_enable_command() {
  return {"user enable",
          "Let a disabled user sign in again",
          {kEmail, kConfOption, kJsonOption},
          enable};
}
Command user_disable_command() {
  return {"user disable",
          "Keep a user out and end the user's sessions",
          {kEmail, kConfOption, kJsonOption},
          disable,
          "\nThe account and what it did stay. The address gets no more mail, unless mail.allow "
          "lists it or\nits domain. Links in mails that were sent go on working for 30 days, or "
          "until\n`flawless link revoke-all`."};
}
Command user_sign_out_command() {
  return {"user sign-out",
          "End all sessions of a user",
          {kEmail, kConfOption, kJsonOption},
          sign_out};
}

}  // namespace flawless::cli
