// Which occurrences are alike.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "event/event.h"

namespace flawless::triage {

// A stored key names the algorithm that made it. Any change of an existing canonical text is a new
// algorithm.
inline constexpr std::string_view kGroupingAlgorithm = "v1";

struct Grouping {
  Hash128 hash;  // of the whole canonical text
  std::string
      canonical;  // what was compared, line by line: shown to the user; cut after about 4 KB
  std::string
      reason;  // "exception classes and 3 in-app frames", "message, numbers and ids left out"
};

// Needs mark_in_app() first. In this order: the client's fingerprint ("{{ default }}" in it stands
// for what follows); the classes of the exception chain and its in-app frames (all frames if none
// is in-app), without line numbers, with recursion collapsed; classes and messages if there is no
// stack; the message.
[[nodiscard]] Grouping group(const Event& event);

// Numbers, ids, quoted strings, addresses, times … of a message replaced by <number>, <uuid> …; a
// URL keeps its host; a number keeps its value where it has meaning ("status 404", "errno 13").
// Linear time; white space is squeezed.
[[nodiscard]] std::string parameterise(std::string_view message);

// Path without host-specific prefix, hashes, versions; "app/main.4f2a9c1b.js" →
// "app/main.<hash>.js",
// "/srv/shop/releases/20260101120000/app/x.py" → "app/x.py". Linear time.
[[nodiscard]] std::string normalise_path(std::string_view path);

}  // namespace flawless::triage
