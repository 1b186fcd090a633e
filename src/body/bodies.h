// The one way back from a stored body to an Event for people: checked, read, scrubbed. Nothing else
// reads bodies for people.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "event/event.h"
#include "journal/journal.h"
#include "triage/triage.h"

namespace flawless::body {

// Where a body lies and whose it must be; the caller copies this from the occurrence's row.
struct Place {
  ProjectId project;
  ReportId report_id;
  uint64_t segment = 0, offset = 0;
};

// Thread-safe. A body is read from the journal (and, once segments are sealed, from the archive).
class Bodies {
 public:
  Bodies(const journal::Journal& journal, const triage::Scrubber& scrubber)
      : journal_(journal), scrubber_(scrubber) {}

  // The scrubbed event with everything in it, frames marked in-app. kNotFound: the body was dropped
  // by age or disk cap (say so; counts stay); kCorrupt: the journal is damaged there, or the bytes
  // belong to another project or report, or cannot be read any more. Messages are for people.
  [[nodiscard]] Result<Event> event(const Place& place) const;
  // The sender's JSON, scrubbed and pretty enough for people: one JSON text.
  [[nodiscard]] Result<std::string> raw_json(const Place& place) const;

 private:
  const journal::Journal& journal_;
  const triage::Scrubber& scrubber_;
};

}  // namespace flawless::body
