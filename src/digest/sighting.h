// One record to one sighting: the pure part of digestion.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "journal/journal.h"
#include "store/quarantine.h"
#include "store/types.h"
#include "triage/triage.h"
#include "wire/handoff.h"
#include "wire/record.h"

namespace flawless::digest {

// What digestion decided about one report, with everything the sighting's views point into.
struct Digested {
  wire::InFlightPtr report;
  std::string title;
  triage::Grouping grouping;
  store::Sighting
      sighting;  // views into the members above; valid while this object stays where it is
};

// Code whose callers are blamed instead.
struct Library {
  std::vector<triage::LibraryCode> everywhere;
  // For projects with rules of their own: those, and what holds everywhere.
  std::unordered_map<ProjectId, std::vector<triage::LibraryCode>> of_project = {};

  [[nodiscard]] const std::vector<triage::LibraryCode>& of(ProjectId project) const {
    auto own = of_project.find(project);
    return own == of_project.end() ? everywhere : own->second;
  }
};

struct Rules {
  const triage::Scrubber* scrubber = nullptr;
  Library library_code;
};

// A journal record inflated and read again, as intake does for the hand-off. kCorrupt or kInvalid:
// it cannot be read (quarantine it). `inflated` is memory to work in.
[[nodiscard]] Result<wire::InFlightPtr> read_record(const journal::Record& found,
                                                    wire::Buffer& inflated, wire::Parser& parser);

// What is known of a record that may not be readable; why and when are left open.
[[nodiscard]] store::Quarantined describe(const journal::Record& found);

// Scrubs, marks, groups.
void digest_report(wire::InFlightPtr report, const Rules& rules, Digested& out);

// What finds an item by text: exception classes and messages, functions, files. At most 8 KiB.
[[nodiscard]] std::string search_text(const Event& event);

}  // namespace flawless::digest
