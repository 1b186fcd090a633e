#include "triage/file_name.h"

#include <algorithm>
#include <string>

namespace flawless::triage {
namespace {

constexpr std::string_view kSources[] = {".java", ".kt", ".scala", ".groovy", ".clj"};

bool is_bare_source(std::string_view path) {
  return path.find_first_of("/\\") == std::string_view::npos &&
         std::any_of(std::begin(kSources), std::end(kSources),
                     [&](std::string_view end) { return path.ends_with(end); });
}

void name_file(Frame& frame, Event& event) {
  if (frame.module.empty() || !is_bare_source(frame.path)) return;
  const std::string_view name = frame.module.substr(0, frame.module.find_first_of("$<:( "));
  const size_t dot = name.rfind('.');
  const std::string_view package = name.substr(0, dot == std::string_view::npos ? 0 : dot);
  if (package.empty() || package.find_first_of("/\\") != std::string_view::npos) return;
  std::string path(package);
  std::replace(path.begin(), path.end(), '.', '/');
  path.append("/").append(frame.path);
  frame.path = event.keep(path);
}

}  // namespace

void name_files(Event& event) {
  for (Exception& exception : event.exceptions) {
    for (Frame& frame : exception.frames) name_file(frame, event);
  }
  for (Thread& thread : event.threads) {
    for (Frame& frame : thread.frames) name_file(frame, event);
  }
}

}  // namespace flawless::triage
