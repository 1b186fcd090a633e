#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "os/durable_file.h"
#include "server/config_keys.h"
#include "server/config_legacy.h"

namespace flawless::cli {
namespace {

using server::Config;
using server::Key;

constexpr std::string_view kNeedsYesToo =
    "`flawless configure` does not ask questions yet; add --yes, and --output NEW.cfg if the old "
    "file has the\nname flawless.cfg";
constexpr std::string_view kNeedsYes =
    "`flawless configure` does not ask questions yet; say everything on the command line:\n"
    "  flawless configure --yes --set data_dir=DIRECTORY [--set http.port=8080 ...]\n"
    "`flawless options` lists the keys. To convert the configuration of an old version:\n"
    "  flawless configure --yes --from OLD.cfg --output NEW.cfg";

// The configuration that is being written.
class Draft {
 public:
  Status set(std::string_view where, std::string_view dotted, std::string_view value) {
    const Key* key = server::find_key(dotted);
    if (key == nullptr) {
      return {Code::kInvalid,
              fmt::format("{}: unknown key '{}'{}", where, dotted, server::suggestion(dotted))};
    }
    given_.insert(key);
    return server::assign_text(*key, key->target(config_, {repository_, rule_}), value).with_context(where);
  }
  [[nodiscard]] std::string text();

 private:
  void add_section(std::string& out, std::string_view section);

  Config config_;
  Config::Repository repository_;
  Config::CodeRule rule_;
  std::set<const Key*> given_;
};

// Each key with its help; those that were not given as comments that show the default.
void Draft::add_section(std::string& out, std::string_view section) {
  const bool used = std::any_of(given_.begin(), given_.end(),
                                [&](const Key* key) { return key->section == section; });
  if (server::is_repeated(section)) {
    fmt::format_to(std::back_inserter(out), "\n{}[[{}]]\n", used ? "" : "# ", section);
  } else {
    fmt::format_to(std::back_inserter(out), "\n[{}]\n", section);
  }
  for (const Key& key : server::config_keys()) {
    if (key.section != section) continue;
    fmt::format_to(std::back_inserter(out), "# {}\n", key.help);
    if (given_.contains(&key)) {
      fmt::format_to(std::back_inserter(out), "{} = {}\n", key.name,
                     server::toml_value(key, key.target(config_, {repository_, rule_})));
    } else if (!key.no_default.empty()) {
      fmt::format_to(std::back_inserter(out), "# {} =   # {}\n", key.name, key.no_default);
    } else {
      fmt::format_to(std::back_inserter(out), "# {} = {}\n", key.name, server::default_text(key));
    }
  }
}

std::string Draft::text() {
  std::string out =
      "# Configuration of Flawless. Each key can also be set by an environment variable; see\n"
      "# `flawless options`. Relative paths start at the directory of this file.\n";
  std::string_view section;
  for (const Key& key : server::config_keys()) {
    if (key.section == section) continue;
    section = key.section;
    add_section(out, section);
  }
  return out;
}

Status take_settings(const std::vector<std::string>& settings, Draft& draft) {
  std::string errors;
  for (const std::string& setting : settings) {
    const size_t equals = setting.find('=');
    Status status(Code::kInvalid, fmt::format("--set {}: write KEY=VALUE", setting));
    if (equals != std::string::npos) {
      const std::string key = setting.substr(0, equals);
      status = draft.set("--set " + key, key, std::string_view(setting).substr(equals + 1));
    }
    if (!status.is_ok())
      errors += fmt::format("{}{}", errors.empty() ? "" : "\n", status.message());
  }
  return errors.empty() ? Status::ok() : Status(Code::kInvalid, errors);
}

Status take_legacy(const std::string& path, Draft& draft) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return {Code::kInvalid, fmt::format("cannot read the old configuration {}", path)};
  }
  if (!server::is_legacy_config(text.str())) {
    return {Code::kInvalid, fmt::format("{} is not a configuration of an old version", path)};
  }
  const server::LegacyConfig old = server::convert_legacy_config(text.str());
  for (const auto& [key, value] : old.values) RETURN_IF_ERROR(draft.set(path, key, value));
  for (const std::string& name : old.dropped) {
    fmt::print(stderr, "flawless: note: '{}' of {} has no counterpart and is left out\n", name,
               path);
  }
  return Status::ok();
}

// Without the variables that override keys: the file has to be right by itself.
server::Environment environment_for_checking() {
  return [process = server::process_environment()](const std::string& name) {
    for (const Key& key : server::config_keys()) {
      if (key.environment() == name || "FLAWLESS_" + key.environment() == name) {
        return std::optional<std::string>();
      }
    }
    return process(name);
  };
}

// Line numbers of a file that is not there yet help nobody.
std::string without_places(std::string_view errors, std::string_view path) {
  std::string out;
  while (!errors.empty()) {
    const size_t end = std::min(errors.find('\n'), errors.size());
    std::string_view line = errors.substr(0, end);
    errors.remove_prefix(std::min(end + 1, errors.size()));
    if (line.starts_with(path)) line.remove_prefix(std::min(line.find(": ") + 2, line.size()));
    out += fmt::format("{}{}", out.empty() ? "" : "\n", line);
  }
  return out;
}

void print_result(const std::string& path, const Config& config, bool json) {
  const std::string start = fmt::format("flawless start --conf {}", path);
  const std::string health = config.local_url() + "/check_health";
  if (json) {
    JsonWriter out;
    out.object().field("file", path).field("start", start).field("check_health", health).end();
    fmt::print("{}\n", out.text());
    return;
  }
  fmt::print("Wrote {}\nStart the server:  {}\nIs it well?        {}\n", path, start, health);
}

Status write(const std::string& path, const std::string& text) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return {Code::kInvalid,
            fmt::format("--output {} is a directory; name the file to write", path)};
  }
  const std::string directory = os::directory_of(path);
  if (::access(directory.c_str(), F_OK) != 0) {
    return {Code::kInvalid, fmt::format("--output {}: there is no directory {}; make it, or name "
                                        "another",
                                        path, directory)};
  }
  os::PosixDisk disk;
  return os::write_durably(disk, path, text);
}

Status run(const Arguments& arguments) {
  if (!arguments.has("--yes")) {
    return {Code::kInvalid, std::string(arguments.has("--from") ? kNeedsYesToo : kNeedsYes)};
  }
  if (arguments.has("--output") && arguments.get("--output").empty()) {
    return {Code::kInvalid, "--output is empty; name the file to write"};
  }
  Draft draft;
  if (arguments.has("--from")) RETURN_IF_ERROR(take_legacy(arguments.get("--from"), draft));
  RETURN_IF_ERROR(take_settings(arguments.all("--set"), draft));

  const std::string output = arguments.has("--output") ? arguments.get("--output") : "flawless.cfg";
  std::error_code ignored;
  const std::string path = std::filesystem::absolute(output, ignored).lexically_normal().string();
  const std::string text = draft.text();
  const auto config = server::parse_config(text, path, environment_for_checking());
  if (!config) return {Code::kInvalid, without_places(config.message(), path)};
  if (!arguments.has("--force") && ::access(path.c_str(), F_OK) == 0) {
    return {Code::kConflict, fmt::format("{} exists; replace it with --force", path)};
  }
  RETURN_IF_ERROR(write(path, text));
  print_result(path, *config, arguments.has("--json"));
  return Status::ok();
}

}  // namespace

Command configure_command() {
  return {
      "configure",
      "Write a configuration file",
      {{"--yes", "", "do not ask; without it nothing is written yet"},
       {"--set", "KEY=VALUE",
        "a value, e.g. data_dir=/var/lib/flawless or http.port=8080; may be repeated", false, true},
       {"--output", "FILE", "where to write it (default: flawless.cfg)"},
       {"--force", "", "replace the file if it exists"},
       {"--from", "OLD.cfg", "take over the configuration of a version before 1"},
       kJsonOption},
      run,
      "\nWrites a commented file (mode 0600) and makes nothing else. A key without a dot belongs "
      "to\n"
      "[flawless]. Asking for the values one by one is not there yet: give --yes and --set."};
}

}  // namespace flawless::cli
