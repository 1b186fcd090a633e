#include "event/event.h"

#include <algorithm>
#include <array>

namespace flawless {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool equal_folded(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

struct LevelName {
  std::string_view name;
  Level level;
};
// The first name of a level is the one we write.
constexpr std::array kLevelNames = {
    LevelName{"critical", Level::kCritical}, LevelName{"error", Level::kError},
    LevelName{"warning", Level::kWarning},   LevelName{"info", Level::kInfo},
    LevelName{"debug", Level::kDebug},       LevelName{"fatal", Level::kCritical},
    LevelName{"warn", Level::kWarning},      LevelName{"log", Level::kInfo},
};

}  // namespace

std::string_view level_name(Level level) {
  for (const LevelName& entry : kLevelNames) {
    if (entry.level == level) return entry.name;
  }
  return "error";
}

std::optional<Level> parse_level(std::string_view name) {
  for (const LevelName& entry : kLevelNames) {
    if (equal_folded(entry.name, name)) return entry.level;
  }
  return std::nullopt;
}

std::string_view role_name(Variable::Role role) {
  switch (role) {
    case Variable::Role::kLocal:
      return "local";
    case Variable::Role::kArgument:
      return "argument";
    case Variable::Role::kVarArgs:
      return "varargs";
    case Variable::Role::kKeywordArgs:
      return "kwargs";
  }
  return "local";
}

std::string_view Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_folded(key, name)) return value;
  }
  return {};
}

}  // namespace flawless
