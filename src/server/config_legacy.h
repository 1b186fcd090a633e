// flawless.cfg as Flawless before version 1 wrote it: an INI file with one section and values
// without quotes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flawless::server {

struct LegacyConfig {
  // Keys of today and their values as text, ready for assign_text().
  std::vector<std::pair<std::string, std::string>> values;
  // Keys that were set but have no counterpart.
  std::vector<std::string> dropped;
};

[[nodiscard]] LegacyConfig convert_legacy_config(std::string_view text);

}  // namespace flawless::server
