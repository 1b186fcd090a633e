#include "web/assets.h"

#include <algorithm>

namespace flawless::web {

const Asset* find_asset(std::string_view path) {
  auto all = assets();
  auto found = std::lower_bound(
      all.begin(), all.end(), path,
      [](const Asset& asset, std::string_view wanted) { return asset.path < wanted; });
  return found != all.end() && found->path == path ? &*found : nullptr;
}

}  // namespace flawless::web
