#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/administration.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace flawless::cli {
namespace {

constexpr Option kToken = {"TOKEN", "TOKEN", "its value, or its id from the list", true};

void show_new(const Value& token) {
  const std::string project = text_of(token, "project");
  fmt::print("{}\n", text_of(token, "token"));
  fmt::print(stderr, "scope {}, {}\n", text_of(token, "scope"),
             project == "-" ? "all projects" : "project " + project);
}

Status create(const Arguments& arguments) {
  JsonWriter json;
  json.object().field("scope", arguments.get("--scope"));
  json.field_if("project", arguments.get("--project"));
  json.field_if("name", arguments.get("--name")).end();
  return administer(arguments, "token.create", json.text(), show_new);
}

void show_list(const Value& reply) {
  std::vector<std::vector<std::string>> rows = {
      {"ID", "SCOPE", "PROJECT", "NAME", "ENABLED", "CREATED", "TOKEN"}};
  for (const Member& member : list_of(reply, "tokens")) {
    const Value& token = member.value;
    const bool everywhere = text_of(token, "project") == "-";
    rows.push_back({text_of(token, "id"), text_of(token, "scope"),
                    everywhere ? "all" : text_of(token, "project_name"), text_of(token, "name"),
                    text_of(token, "enabled"), text_of(token, "created_at"),
                    text_of(token, "token")});
  }
  print_table(rows);
}

Status list(const Arguments& arguments) {
  JsonWriter json;
  json.object().field_if("project", arguments.get("--project")).end();
  return administer(arguments, "token.list", json.text(), show_list);
}

void show_state(const Value& token) {
  fmt::print("Token {} ({}) is {} from now on\n", text_of(token, "id"), text_of(token, "scope"),
             text_of(token, "enabled") == "yes" ? "accepted" : "refused");
}

Status set_enabled(const Arguments& arguments, std::string_view operation) {
  JsonWriter json;
  json.object().field("token", arguments.get("TOKEN")).end();
  return administer(arguments, operation, json.text(), show_state);
}

Status enable(const Arguments& arguments) { return set_enabled(arguments, "token.enable"); }
Status disable(const Arguments& arguments) { return set_enabled(arguments, "token.disable"); }

}  // namespace

Command token_create_command() {
  return {
      "token create",
      "Make a token; read and write tokens are shown only now",
      {{"--scope", "SCOPE", "read, write, post_server_item or post_client_item", true},
       {"--project", "PROJECT", "id or name; without it a read or write token is for all projects"},
       {"--name", "NAME", "what it is for"},
       kConfOption,
       kJsonOption},
      create};
}
Command token_list_command() {
  return {"token list",
          "List the tokens; only those that post show their value",
          {{"--project", "PROJECT", "of this project only"}, kConfOption, kJsonOption},
          list};
}
Command token_enable_command() {
  return {"token enable",
          "Accept a disabled token again",
          {kToken, kConfOption, kJsonOption},
          enable};
}
Command token_disable_command() {
  return {
      "token disable", "Refuse a token from now on", {kToken, kConfOption, kJsonOption}, disable};
}

}  // namespace flawless::cli
