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
#include "server/config_warnings.h"

namespace flawless::server {
namespace {

constexpr size_t kMostEntries = 1000;  // of each repeated section

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
    // Of a file that is not TOML nothing was read, and much would seem to be missing.
    const bool is_toml = read_file(text);
    read_environment();
    if (is_toml) complete();
    if (errors_.empty()) return std::move(config_);
    return {Code::kInvalid, all_errors()};
  }

 private:
  bool read_file(std::string_view text);
  void read_section(const toml::key& name, const toml::node& node);
  void read_keys(std::string_view section, const toml::table& table, const Entry& entry);
  void read_entries(std::string_view section, const toml::node& node);
  static Status assign(const Key& key, Target target, const toml::node& node);
  void read_environment();
  void read_variable(const Key& key, const std::string& variable, const Entry& entry);
  void grow_entries(std::string_view section);
  void complete();
  [[nodiscard]] bool is_in_file(const std::string& member) const;
  [[nodiscard]] bool file_has_secret();

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

void Loader::read_keys(std::string_view section, const toml::table& table, const Entry& entry) {
  for (const auto& [name, node] : table) {
    const std::string dotted = fmt::format("{}.{}", section, name.str());
    const Place where = place(name.source());
    const Key* key = find_key(dotted);
    if (key == nullptr) {
      add_error(where, fmt::format("unknown key '{}'{}", dotted, suggestion(dotted)));
      continue;
    }
    const Target target = key->target(config_, entry);
    remember(target, where);
    if (const Status status = assign(*key, target, node); !status.is_ok()) {
      add_error(where, status.message());
    }
  }
}

void Loader::read_entries(std::string_view section, const toml::node& node) {
  const auto* list = node.as_array();
  if (list == nullptr || (!list->empty() && !list->is_array_of_tables())) {
    add_error(place(node.source()),
              fmt::format("a {} is written under [[{}]], in two brackets", section, section));
    return;
  }
  for (size_t i = 0; i < list->size() && i < count_entries(config_, section); ++i) {
    const Entry entry = entry_of(config_, section, i);
    const void* address = entry.rule;
    if (entry.repository != nullptr) address = entry.repository;
    places_[address] = place(list->get(i)->source());
    read_keys(section, *list->get(i)->as_table(), entry);
  }
}

void Loader::read_section(const toml::key& name, const toml::node& node) {
  const std::string_view section = name.str();
  if (is_repeated(section)) {
    read_entries(section, node);
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
    read_keys(section, *table, {});
  }
}

std::string numbered(std::string variable, size_t number) {
  return variable.replace(variable.find("_1_"), 3, fmt::format("_{}_", number));
}

// Addresses of entries are kept in places_, so there are as many as there will be before any is
// read.
void Loader::grow_entries(std::string_view section) {
  bool found = true;
  while (found && count_entries(config_, section) < kMostEntries) {
    const size_t next = count_entries(config_, section) + 1;
    found = false;
    for (const Key& key : config_keys()) {
      if (key.section != section) continue;
      found = found || environment_(numbered(key.environment(), next)).has_value();
    }
    if (found) resize_entries(config_, section, next);
  }
}

// False if it is not TOML.
bool Loader::read_file(std::string_view text) {
  toml::table root;
  try {
    root = toml::parse(text, path_);
  } catch (const toml::parse_error& error) {
    add_error(place(error.source()), error.description());
    return false;
  }
  for (const std::string_view section : repeated_sections()) {
    if (const auto* list = root[section].as_array()) {
      resize_entries(config_, section, std::min(list->size(), kMostEntries));
    }
    grow_entries(section);
  }
  for (const auto& [name, node] : root) read_section(name, node);
  return true;
}

void Loader::read_variable(const Key& key, const std::string& variable, const Entry& entry) {
  const auto value = environment_(variable);
  if (!value) return;
  const Target target = key.target(config_, entry);
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
        read_variable(key, "FLAWLESS_" + variable, {});
      }
      read_variable(key, variable, {});
      continue;
    }
    for (size_t i = 0; i < count_entries(config_, key.section); ++i) {
      read_variable(key, numbered(variable, i + 1), entry_of(config_, key.section, i));
    }
  }
}

void Loader::complete() {
  config_.file_has_secret = file_has_secret();
  complete_config(config_, directory(), environment_, [this](const void* member, std::string m) {
    const auto known = places_.find(member);
    add_error(known == places_.end() ? Place{path_, 0} : known->second, m);
  });
}

bool Loader::is_in_file(const std::string& member) const {
  const auto known = places_.find(&member);
  return known != places_.end() && known->second.line != kNotInFile && !member.empty();
}

// Before the password is read from where another key says.
bool Loader::file_has_secret() {
  for (const Key& key : config_keys()) {
    if (key.secret && is_in_file(*std::get<std::string*>(key.target(config_, {})))) return true;
  }
  for (const Config::Repository& repository : config_.repositories) {
    if (is_in_file(repository.url) && has_password(repository)) return true;
  }
  return false;
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
            fmt::format("{} is a configuration of Flawless before version 1; convert it with "
                        "`flawless configure --yes --from {} --output NEW.cfg`",
                        path, path)};
  }
  return Loader(path, environment).load(text);
}

}  // namespace flawless::server
