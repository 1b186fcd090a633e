// The web app's files as they were built into this program.
#pragma once

#include <span>
#include <string_view>

namespace flawless::web {

// Everything points into the program itself and lives as long as it.
struct Asset {
  std::string_view path;  // "index.html", "assets/app-K3J2Q7AX.js"
  std::string_view content_type;
  std::string_view body;
  std::string_view gzip;   // the same, compressed; empty when that would not be smaller
  std::string_view etag;   // quoted, as the header has it; the same for the same bytes
  bool immutable = false;  // its name changes with its bytes
};

// By path, ascending. Any thread.
[[nodiscard]] std::span<const Asset> assets();
// Null: there is no such file.
[[nodiscard]] const Asset* find_asset(std::string_view path);

}  // namespace flawless::web
