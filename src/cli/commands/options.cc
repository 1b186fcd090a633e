#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "server/config_keys.h"

namespace flawless::cli {
namespace {

void print_json() {
  JsonWriter json;
  json.object().key("options").array();
  for (const server::Key& key : server::config_keys()) {
    json.object().field("key", key.dotted()).field("type", server::key_type_name(key.type));
    json.field("default", server::default_text(key)).field("environment", key.environment());
    json.field_if("choices", key.choices).field("secret", key.secret).field("help", key.help).end();
  }
  json.end().end();
  fmt::print("{}\n", json.text());
}

Status run(const Arguments& arguments) {
  if (arguments.has("--json")) {
    print_json();
    return Status::ok();
  }
  std::vector<std::vector<std::string>> rows = {{"KEY", "TYPE", "DEFAULT", "MEANING"}};
  for (const server::Key& key : server::config_keys()) {
    std::string type(server::key_type_name(key.type));
    if (!key.choices.empty()) type = key.choices;
    rows.push_back({key.dotted(), type, server::default_text(key), std::string(key.help)});
  }
  print_table(rows);
  return Status::ok();
}

}  // namespace

Command options_command() {
  return {
      "options",
      "List every key of the configuration with its default",
      {kJsonOption},
      run,
      "\nEach key can also be set by an environment variable: http.port by FLAWLESS_HTTP_PORT,\n"
      "data_dir by FLAWLESS_DATA_DIR, the second repository's url by FLAWLESS_REPOSITORY_2_URL."};
}

}  // namespace flawless::cli
