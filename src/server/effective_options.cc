#include "server/effective_options.h"

#include <fmt/format.h>

#include "scm/git.h"
#include "scm/remote.h"
#include "server/config_keys.h"

namespace flawless::server {
namespace {

bool is_empty(const Target& target) {
  const auto* text = std::get_if<std::string*>(&target);
  return text != nullptr && (*text)->empty();
}

void add(const Key& key, std::string name, const Target& target,
         std::vector<std::pair<std::string, std::string>>& rows) {
  bool hidden = key.secret && !is_empty(target);
  rows.emplace_back(std::move(name), hidden ? "(secret)" : toml_value(key, target));
}

// A password or token may be part of the address.
void hide_password(Config::Repository& repository) {
  if (repository.url.empty()) return;
  auto remote = scm::parse_remote(repository.url);
  repository.url = remote ? scm::hide_queries(remote->url) : "(not an address)";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> effective_options(const Config& config) {
  Config copy = config;
  Config::Repository none;
  for (Config::Repository& repository : copy.repositories) hide_password(repository);
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Key& key : config_keys()) {
    if (!key.repeated()) add(key, key.dotted(), key.target(copy, none), rows);
  }
  for (size_t i = 0; i < copy.repositories.size(); ++i) {
    for (const Key& key : config_keys()) {
      if (key.section != "repository") continue;
      add(key, fmt::format("repository.{}.{}", i + 1, key.name),
          key.target(copy, copy.repositories[i]), rows);
    }
  }
  return rows;
}

}  // namespace flawless::server
