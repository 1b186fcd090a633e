// Where in the repositories a reported line lies.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "blame/release.h"
#include "event/event.h"
#include "scm/path_map.h"
#include "scm/relocate.h"

namespace flawless::blame {

// The culprit frame as far as it is known: of the body's event, or of the site alone.
struct ReportedFrame {
  std::string_view path, abs_path, module, function, text;
  uint32_t line = 0;
  std::span<const std::string_view> before, after;
};
[[nodiscard]] ReportedFrame reported(const Frame& frame);

struct FilePlace {
  Revision revision;
  std::string path;
  std::string rule;  // "/app/ = ": how the reported path became this one; empty: it is this one
  bool guessed = false;
  std::string link = {};  // the symbolic link that leads to it; empty: none does
};
struct FileSearch {
  std::optional<FilePlace> place;
  std::string problem;  // why there is none, and what could be meant
};

// Of all repositories the best: those that know the release come first, above all one whose commit
// it names in full; then a rule that was configured before the very path before a guess. Two that
// are as good: none.
[[nodiscard]] Result<FileSearch> locate_file(std::span<const Revision> revisions,
                                             const ReportedFrame& frame);

struct LinePlace {
  uint32_t line = 0;
  double confidence = 0;
  // Text or commit vouch for the line: it may stand for the reported one.
  bool certain = false;
  std::string note;  // a sentence about it, when something is to be said
};
// Nothing when the line is not there. At the release the number counts, unless the text stands
// elsewhere only; at the tip the text does.
[[nodiscard]] std::optional<LinePlace> locate_line(std::span<const std::string_view> lines,
                                                   const ReportedFrame& frame, bool at_release);

}  // namespace flawless::blame
