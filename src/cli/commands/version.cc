#include <fmt/format.h>
#include <sodium.h>
#include <sqlite3.h>

#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/tls_files.h"

namespace flawless::cli {
namespace {

Status run(const Arguments& arguments) {
  const std::vector<std::pair<std::string_view, std::string>> facts = {
      {"version", FLAWLESS_VERSION},          {"compiler", fmt::format("g++ {}", __VERSION__)},
      {"sqlite", sqlite3_libversion()},       {"openssl", openssl_version()},
      {"libsodium", sodium_version_string()},
  };
  if (!arguments.has("--json")) {
    for (const auto& [name, value] : facts) {
      fmt::print("{} {}\n", name == "version" ? "flawless" : name, value);
    }
    return Status::ok();
  }
  JsonWriter json;
  json.object();
  for (const auto& [name, value] : facts) json.field(name, value);
  json.end();
  fmt::print("{}\n", json.text());
  return Status::ok();
}

}  // namespace

Command version_command() {
  return {"version", "Show the version, and of what it is made", {kJsonOption}, run};
}

}  // namespace flawless::cli
