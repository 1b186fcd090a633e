#include "wire/path.h"

#include <fmt/format.h>

namespace flawless::wire {

std::string Path::text() const {
  std::string out = parent != nullptr ? parent->text() : std::string();
  if (index != kNoIndex) return fmt::format("{}[{}]", out, index);
  std::string_view shown = name.substr(0, 60);
  if (out.empty()) return std::string(shown);
  return fmt::format("{}.{}", out, shown);
}

}  // namespace flawless::wire
