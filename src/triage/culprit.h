// The line to blame.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"

namespace flawless::triage {

// Code whose caller is to blame instead. A blank part matches anything (all three blank: nothing).
// `path` is a file, a directory, or a glob (* within a directory, ** across, ?), compared from the
// start of a relative path and from any directory of an absolute one. `code` matches when either
// text contains the other, white space squeezed.
struct LibraryCode {
  std::string path, function, code;
};

struct Culprit {
  size_t exception = 0;  // index into event.exceptions
  size_t frame = 0;      // index into its frames
  std::string_view
      why;  // a literal: "innermost in-app frame", "innermost in-app frame of the cause", …
};

// Of the exception raised last, the innermost in-app frame that is neither library code nor a
// `raise` line, whose caller is asked. Behind foreign frames the caller is asked only if its line
// names the function that raises, as with a decorator; a framework's would end at main(). Else of
// its causes in order; else the innermost in-app raise line. Nothing when no frame with a file or
// module is in-app. Needs mark_in_app() first. Why: docs/decisions/009.
[[nodiscard]] std::optional<Culprit> find_culprit(const Event& event,
                                                  const std::vector<LibraryCode>& library);

// Of an event that blames nobody: whether somebody has to hear of it all the same. An exception, or
// a message of level error or above; a stack that a client adds to its messages makes no exception.
[[nodiscard]] bool is_error(const Event& event);

// Whether `frame` is what `rule` describes; known errors are matched the same way.
[[nodiscard]] bool matches(const Frame& frame, const LibraryCode& rule);

// Whether the source line raises: `raise`, `throw`, `panic(` … by the file's language, else the
// event's.
[[nodiscard]] bool is_raise_line(const Event& event, const Frame& frame);

}  // namespace flawless::triage
