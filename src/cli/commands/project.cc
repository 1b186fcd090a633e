#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/administration.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace flawless::cli {
namespace {

constexpr Option kProject = {"PROJECT", "NAME", "the project's id or name", true};

void print_members(const Value& object) {
  std::vector<std::vector<std::string>> rows;
  for (const Member& member : object.members) {
    rows.push_back({"  " + std::string(member.name), std::string(member.value.text)});
  }
  print_table(rows);
}

void show_new(const Value& project) {
  fmt::print(
      "Project {} ({})\n\nDSN for Sentry clients:\n  {}\n\nTokens (read and write are shown only "
      "now):\n",
      text_of(project, "name"), text_of(project, "id"), text_of(project, "dsn"));
  if (const Value* tokens = project.find("tokens"); tokens != nullptr) print_members(*tokens);
  fmt::print("\nEndpoints:\n");
  if (const Value* urls = project.find("endpoints"); urls != nullptr) print_members(*urls);
}

Status create(const Arguments& arguments) {
  JsonWriter json;
  json.object().field("name", arguments.get("NAME")).end();
  return administer(arguments, "project.create", json.text(), show_new);
}

void show_list(const Value& reply) {
  std::vector<std::vector<std::string>> rows = {{"ID", "NAME", "ENABLED", "CREATED", "DSN"}};
  for (const Member& member : list_of(reply, "projects")) {
    const Value& project = member.value;
    rows.push_back({text_of(project, "id"), text_of(project, "name"), text_of(project, "enabled"),
                    text_of(project, "created_at"), text_of(project, "dsn")});
  }
  print_table(rows);
}

Status list(const Arguments& arguments) {
  return administer(arguments, "project.list", "{}", show_list);
}

void show_state(const Value& project) {
  fmt::print("Project {} ({}): reports are {} now\n", text_of(project, "name"),
             text_of(project, "id"),
             text_of(project, "enabled") == "yes" ? "accepted" : "refused");
}

Status set_enabled(const Arguments& arguments, std::string_view operation) {
  JsonWriter json;
  json.object().field("project", arguments.get("PROJECT")).end();
  return administer(arguments, operation, json.text(), show_state);
}

Status enable(const Arguments& arguments) { return set_enabled(arguments, "project.enable"); }
Status disable(const Arguments& arguments) { return set_enabled(arguments, "project.disable"); }

}  // namespace

Command project_create_command() {
  return {"project create",
          "Make a project with one token per scope",
          {{"NAME", "NAME",
            "what to call it: 1 to 64 characters, not digits alone, and none of / \\ ? # %", true},
           kConfOption,
           kJsonOption},
          create};
}
Command project_list_command() {
  return {"project list", "List the projects", {kConfOption, kJsonOption}, list};
}
Command project_enable_command() {
  return {"project enable",
          "Accept reports for a project again",
          {kProject, kConfOption, kJsonOption},
          enable};
}
Command project_disable_command() {
  return {"project disable",
          "Refuse reports for a project; what is there stays",
          {kProject, kConfOption, kJsonOption},
          disable};
}

}  // namespace flawless::cli
