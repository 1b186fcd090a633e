#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/administration.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace flawless::cli {
namespace {

Status create(const Arguments& arguments) {
  JsonWriter json;
  json.object().field("scope", arguments.get("--scope"));
  json.field_if("project", arguments.get("--project"));
  json.field_if("name", arguments.get("--name")).end();
  ASSIGN_OR_RETURN(const std::string text, administer(arguments, "token.create", json.text()));
  if (arguments.has("--json")) return Status::ok();
  ASSIGN_OR_RETURN(const Reply reply, Reply::read(text));
  const std::string project = text_of(reply.value(), "project");
  fmt::print("{}\n", text_of(reply.value(), "token"));
  fmt::print(stderr, "scope {}, {}\n", text_of(reply.value(), "scope"),
             project == "-" ? "all projects" : "project " + project);
  return Status::ok();
}

Status list(const Arguments& arguments) {
  JsonWriter json;
  json.object().field_if("project", arguments.get("--project")).end();
  ASSIGN_OR_RETURN(const std::string text, administer(arguments, "token.list", json.text()));
  if (arguments.has("--json")) return Status::ok();
  ASSIGN_OR_RETURN(const Reply reply, Reply::read(text));
  std::vector<std::vector<std::string>> rows = {
      {"ID", "SCOPE", "PROJECT", "NAME", "ENABLED", "CREATED", "TOKEN"}};
  for (const Member& member : list_of(reply.value(), "tokens")) {
    const Value& token = member.value;
    const bool everywhere = text_of(token, "project") == "-";
    rows.push_back({text_of(token, "id"), text_of(token, "scope"),
                    everywhere ? "all" : text_of(token, "project_name"), text_of(token, "name"),
                    text_of(token, "enabled"), text_of(token, "created_at"),
                    text_of(token, "token")});
  }
  print_table(rows);
  return Status::ok();
}

Status disable(const Arguments& arguments) {
  JsonWriter json;
  json.object().field("token", arguments.get("TOKEN")).end();
  ASSIGN_OR_RETURN(const std::string text, administer(arguments, "token.disable", json.text()));
  if (arguments.has("--json")) return Status::ok();
  ASSIGN_OR_RETURN(const Reply reply, Reply::read(text));
  fmt::print("Token {} ({}) is refused from now on\n", text_of(reply.value(), "id"),
             text_of(reply.value(), "scope"));
  return Status::ok();
}

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
          "List the tokens",
          {{"--project", "PROJECT", "of this project only"}, kConfOption, kJsonOption},
          list};
}
Command token_disable_command() {
  return {
      "token disable",
      "Refuse a token from now on",
      {{"TOKEN", "TOKEN", "its value, or its id from the list", true}, kConfOption, kJsonOption},
      disable};
}

}  // namespace flawless::cli
