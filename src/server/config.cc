#include "server/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <utility>

#include "server/config_check.h"
#include "server/config_keys.h"

namespace flawless::server {
namespace {

constexpr std::string_view kRepository = "repository";
constexpr size_t kMostRepositories = 1000;

// Where a value comes from: a line of the file, or a variable.
struct Place {
  std::string name;
  uint32_t line = 0;
};
constexpr uint32_t kNotInFile = std::numeric_limits<uint32_t>::max();

class Loader {
 public:
  Loader(const std::string& path, const Environment& environment)
      : path_(path), environment_(environment) {
    config_.file = path;
  }

  Result<Config> load(std::string_view text) {
    read_file(text);
    read_environment();
    complete_config(config_, directory(), environment_, [this](const void* member, std::string m) {
      const auto known = places_.find(member);
      add_error(known == places_.end() ? Place{path_, 0} : known->second, m);
    });
    if (errors_.empty()) return std::move(config_);
    return {Code::kInvalid, all_errors()};
  }

 private:
  void read_file(std::string_view text);
  void read_section(const toml::key& name, const toml::node& node);
  void read_keys(std::string_view section, const toml::table& table,
                 Config::Repository& repository);
  void read_repositories(const toml::node& node);
  static Status assign(const Key& key, Target target, const toml::node& node);
  void read_environment();
  void read_variable(const Key& key, const std::string& variable, Config::Repository& repository);
  void grow_repositories();

  [[nodiscard]] std::string directory() const {
    const size_t slash = path_.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path_.substr(0, slash);
  }
  [[nodiscard]] Place place(const toml::source_region& source) const {
    return {fmt::format("{}:{}", path_, source.begin.line), source.begin.line};
  }
  void add_error(const Place& where, std::string_view what) {
    errors_.emplace_back(where.line, fmt::format("{}: {}", where.name, what));
  }
  std::string all_errors();
  void remember(const Target& target, const Place& where) {
    places_[std::visit([](auto* member) -> const void* { return member; }, target)] = where;
  }

  const std::string& path_;
  const Environment& environment_;
  Config config_;
  Config::Repository nowhere_;
  std::map<const void*, Place> places_;  // member of config_ -> where its value comes from
  std::vector<std::pair<uint32_t, std::string>> errors_;
};

std::string Loader::all_errors() {
  std::stable_sort(errors_.begin(), errors_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& [line, error] : errors_) {
    if (!text.empty()) text += '\n';
    text += error;
  }
  return text;
}

std::string_view kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a section";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
      return "a date or time; put it in quotes";
    default:
      return "such a value";
  }
}

Status Loader::assign(const Key& key, Target target, const toml::node& node) {
  if (const auto* text = node.as_string()) return assign_quoted(key, target, text->get());
  if (const auto* number = node.as_integer()) return assign_number(key, target, number->get());
  if (const auto* flag = node.as_boolean()) return assign_flag(key, target, flag->get());
  const auto* list = node.as_array();
  if (list == nullptr) return wrong_type(key, kind_of(node));
  std::vector<std::string> values;
  for (const toml::node& entry : *list) {
    const auto* text = entry.as_string();
    if (text == nullptr) return wrong_type(key, "a list with something else than texts in it");
    values.push_back(text->get());
  }
  return assign_list(key, target, std::move(values));
}

void Loader::read_keys(std::string_view section, const toml::table& table,
                       Config::Repository& repository) {
  for (const auto& [name, node] : table) {
    const std::string dotted = fmt::format("{}.{}", section, name.str());
    const Place where = place(name.source());
    const Key* key = find_key(dotted);
    if (key == nullptr) {
      add_error(where, fmt::format("unknown key '{}'{}", dotted, suggestion(dotted)));
      continue;
    }
    const Target target = key->target(config_, repository);
    remember(target, where);
    if (const Status status = assign(*key, target, node); !status.is_ok()) {
      add_error(where, status.message());
    }
  }
}

void Loader::read_repositories(const toml::node& node) {
  const auto* list = node.as_array();
  if (list == nullptr || (!list->empty() && !list->is_array_of_tables())) {
    add_error(place(node.source()),
              "a repository is written under [[repository]], in two brackets");
    return;
  }
  for (size_t i = 0; i < list->size() && i < config_.repositories.size(); ++i) {
    places_[&config_.repositories[i]] = place(list->get(i)->source());
    read_keys(kRepository, *list->get(i)->as_table(), config_.repositories[i]);
  }
}

void Loader::read_section(const toml::key& name, const toml::node& node) {
  const std::string_view section = name.str();
  if (section == kRepository) {
    read_repositories(node);
    return;
  }
  bool known = false;
  for (const Key& key : config_keys()) known = known || key.section == section;
  const auto* table = node.as_table();
  if (!known) {
    const std::string_view what = table != nullptr ? "section" : "key";
    add_error(place(name.source()),
              fmt::format("unknown {} '{}'{}", what, section, section_suggestion(section)));
  } else if (table == nullptr) {
    add_error(place(name.source()),
              fmt::format("'{}' is a section; write [{}] and its keys below", section, section));
  } else {
    read_keys(section, *table, nowhere_);
  }
}

// Addresses of repositories are kept in places_, so there are as many as there will be before any
// is read.
void Loader::grow_repositories() {
  const auto variable_of = [](const Key& key, size_t number) {
    std::string variable = key.environment();
    return variable.replace(variable.find("_1_"), 3, fmt::format("_{}_", number));
  };
  bool found = true;
  while (found && config_.repositories.size() < kMostRepositories) {
    found = false;
    for (const Key& key : config_keys()) {
      if (!key.repeated()) continue;
      found = found || environment_(variable_of(key, config_.repositories.size() + 1)).has_value();
    }
    if (found) config_.repositories.emplace_back();
  }
}

void Loader::read_file(std::string_view text) {
  toml::table root;
  try {
    root = toml::parse(text, path_);
  } catch (const toml::parse_error& error) {
    add_error(place(error.source()), error.description());
  }
  if (const auto* list = root[kRepository].as_array()) {
    config_.repositories.resize(std::min(list->size(), kMostRepositories));
  }
  grow_repositories();
  for (const auto& [name, node] : root) read_section(name, node);
}

void Loader::read_variable(const Key& key, const std::string& variable,
                           Config::Repository& repository) {
  const auto value = environment_(variable);
  if (!value) return;
  const Target target = key.target(config_, repository);
  remember(target, {variable, kNotInFile});
  if (const Status status = assign_text(key, target, *value); !status.is_ok()) {
    add_error({variable, kNotInFile}, status.message());
  }
}

void Loader::read_environment() {
  for (const Key& key : config_keys()) {
    const std::string variable = key.environment();
    if (!key.repeated()) {
      if (key.section == "flawless") {
        read_variable(key, "FLAWLESS_" + variable, nowhere_);
      }
      read_variable(key, variable, nowhere_);
      continue;
    }
    for (size_t i = 0; i < config_.repositories.size(); ++i) {
      std::string numbered = variable;
      numbered.replace(numbered.find("_1_"), 3, fmt::format("_{}_", i + 1));
      read_variable(key, numbered, config_.repositories[i]);
    }
  }
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

std::string Config::local_url() const {
  std::string host = http.address;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = fmt::format("[{}]", host);
  return fmt::format("{}://{}:{}", http.tls_certificate.empty() ? "http" : "https", host,
                     http.port);
}

Result<Config> load_config(const std::string& path, const Environment& environment) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file && file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.is_open() || file.bad() || errno == EISDIR) {
    return {Code::kInvalid,
            fmt::format("cannot read the configuration {}: {}; make one with `flawless configure`, "
                        "or name another with --conf",
                        path, std::strerror(errno))};
  }
  return parse_config(text.str(), path, environment);
}

Result<Config> parse_config(std::string_view text, const std::string& path,
                            const Environment& environment) {
  if (is_legacy_config(text)) {
    return {Code::kInvalid,
            fmt::format("{} is a configuration of Flawless before version 1; convert "
                        "it with `flawless configure --from {}`",
                        path, path)};
  }
  return Loader(path, environment).load(text);
}

}  // namespace flawless::server
