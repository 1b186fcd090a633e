// Reports that were accepted and could not be digested: kept, shown, and tried again when somebody
// asks for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "store/types.h"

namespace flawless::store {

// A record of the journal that was put aside instead of digested.
struct Quarantined {
  uint64_t sequence = 0, segment = 0, offset = 0;
  ProjectId project;  // none: it cannot be told
  Time at;            // when it was put aside
  std::string reason;
  ReportId report_id = {};  // zero: it cannot be told, or the schema's version was under 5 then
};

struct QuarantineQuery {
  ProjectId project = {};  // none: any
  uint64_t after = 0;      // sequences beyond this one
  uint32_t limit = 1000;
};

// What became of one that was to be tried again.
struct Retried {
  enum class Outcome : uint8_t {
    kStored,   // now, or it was there already
    kFailed,   // it stays in quarantine, with the reason of this time
    kGone,     // the journal has dropped it: it is off the list
    kUnknown,  // it is not in quarantine
    kWaiting,  // digestion did not get to it in time, and does not go on with it
  };
  uint64_t sequence = 0;
  Outcome outcome = Outcome::kWaiting;
  ProjectId project = {};
  std::string reason = {};  // why it is not stored
  Applied applied = {};     // of what is stored
};
[[nodiscard]] std::string_view outcome_name(Retried::Outcome outcome);  // "stored" …

}  // namespace flawless::store
