// One record to one sighting: the pure part of digestion.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "store/types.h"
#include "triage/triage.h"
#include "wire/handoff.h"
#include "wire/record.h"

namespace flawless::digest {

// What digestion decided about one report, with everything the sighting's views point into.
struct Digested {
  Event event;
  std::string title;
  triage::Grouping grouping;
  store::Sighting
      sighting;  // views into the members above; valid while this object stays where it is
};

struct Rules {
  const triage::Scrubber* scrubber = nullptr;
  std::vector<triage::LibraryCode> library;
};

// Reads, scrubs, marks, groups. kInvalid: nothing of it can be read (quarantine it).
[[nodiscard]] Status digest_report(const wire::ReportRecord& record, std::string_view inflated,
                                   uint64_t sequence, uint64_t segment, uint64_t offset,
                                   const Rules& rules, wire::Parser& parser, Digested& out);

// What finds an item by text: exception classes and messages, functions, files. At most 8 KiB.
[[nodiscard]] std::string search_text(const Event& event);

}  // namespace flawless::digest
