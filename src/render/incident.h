// What a mail and the traceback page tell about one failing line of code. Plain values, gathered by
// the caller; every text in them may be hostile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/time.h"
#include "event/event.h"
#include "event/verdict.h"

namespace flawless::render {

// The line to blame, as it was reported.
struct Place {
  std::string path, function, text;  // text: the source line, indentation kept
  uint32_t line = 0;                 // from 1; 0 = unknown
};

// Where the reader can go from here. An empty one is left out.
struct IncidentLinks {
  std::string item;       // the item in the app
  std::string traceback;  // the most recent occurrence
  std::string report;     // all errors of this developer
  std::string whitelist;  // the form that makes this a known error
  std::string home;       // the program's own address
};

struct Incident {
  std::string project;  // its name
  int64_t item_number = 0;
  std::string title;  // the item's
  Level level = Level::kError;
  std::string status;                      // "active" …; empty: not said
  std::string environment, release, host;  // of the occurrence shown
  uint64_t count = 0;                      // occurrences of the line (or of the item)
  uint64_t people = 0;                     // affected users of the item
  std::optional<Time> first_seen, last_seen;

  Place place;
  Verdict verdict;
  const Event* event = nullptr;  // none: its body is gone, and that is said
  IncidentLinks links;
};

}  // namespace flawless::render
