#include "server/config_watch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <chrono>
#include <utility>

#include "base/log.h"
#include "server/config_blame.h"
#include "server/config_keys.h"

namespace flawless::server {
namespace {

// Two changes within a tick of the file system's clock look the same.
constexpr std::chrono::seconds kMaySeemUnchanged{2};

std::string one_line(std::string text) {
  for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) text.replace(at, 1, "; ");
  return text;
}

bool differs(const Key& key, Config& before, const Entry& entry, Config& after,
             const Entry& entry_after) {
  return toml_value(key, key.target(before, entry)) !=
         toml_value(key, key.target(after, entry_after));
}

void add_changed_repositories(Config& before, Config& after, std::vector<std::string>& names) {
  const size_t count = before.repositories.size();
  if (count != after.repositories.size()) {
    names.emplace_back("[[repository]]");
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    for (const Key& key : config_keys()) {
      if (key.section != "repository" ||
          !differs(key, before, before.repositories[i], after, after.repositories[i])) {
        continue;
      }
      names.push_back(fmt::format("'repository.{}.{}'", i + 1, key.name));
    }
  }
}

// As effective_options() names them.
std::vector<std::string> changed_keys(Config before, Config after) {
  std::vector<std::string> names;
  for (const Key& key : config_keys()) {
    if (key.repeated() || !differs(key, before, {}, after, {})) continue;
    names.push_back(fmt::format("'{}'", key.dotted()));
  }
  add_changed_repositories(before, after, names);
  return names;
}

bool same_rules(const Config& a, const Config& b) {
  return a.known_errors == b.known_errors && a.library_code == b.library_code &&
         a.third_party == b.third_party;
}

}  // namespace

ConfigWatch::ConfigWatch(Config running, Environment environment)
    : running_(std::move(running)),
      environment_(std::move(environment)),
      in_force_(running_),
      rules_(blame_options(running_).rules) {}

std::optional<ConfigWatch::Version> ConfigWatch::version_of(const std::string& file) {
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) return std::nullopt;
  const auto changed = std::chrono::seconds(info.st_mtim.tv_sec) +
                       std::chrono::nanoseconds(info.st_mtim.tv_nsec);
  return Version{info.st_dev, info.st_ino, info.st_size, changed.count()};
}

bool ConfigWatch::is_another() {
  const auto now = version_of(running_.file);
  if (settled_ && now == seen_) return false;
  const auto age = std::chrono::system_clock::now().time_since_epoch() -
                   std::chrono::nanoseconds(now ? now->changed_ns : 0);
  settled_ = age < std::chrono::seconds(0) || age > kMaySeemUnchanged;
  seen_ = now;
  return true;
}

bool ConfigWatch::look() {
  if (!is_another()) return false;
  const auto fresh = load_config(running_.file, environment_);
  if (fresh) return take(*fresh);
  refuse(one_line(fresh.message()));
  return false;
}

bool ConfigWatch::take(const Config& fresh) {
  const auto keys = changed_keys(running_, fresh);
  *notice_.lock() = keys.empty()
                        ? std::string()
                        : fmt::format("{} was changed: {} will hold when the server is started again",
                                      running_.file, fmt::join(keys, ", "));
  fault_.lock()->clear();
  auto rules = blame_options(fresh).rules;
  const bool is_new = !same_rules(in_force_, fresh);
  in_force_ = fresh;
  if (!is_new) return false;
  log_info("server", "{} was changed: its {} rules for code hold now", running_.file, rules.size());
  *rules_.lock() = std::move(rules);
  return true;
}

void ConfigWatch::refuse(const std::string& errors) {
  std::string fault = fmt::format(
      "{} was changed and is wrong; the rules for code stay as they were until it is right: {}",
      running_.file, errors);
  if (fault_.copy() == fault) return;
  log_warning("server", "{}", fault);
  *fault_.lock() = std::move(fault);
}

}  // namespace flawless::server
