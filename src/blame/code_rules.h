// The rules that count for a decision, from the configuration and from people. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "event/event.h"
#include "store/lines.h"
#include "triage/culprit.h"
#include "triage/mail_due.h"

namespace flawless::blame {

// By kind; those of the configuration come first.
struct CodeRules {
  std::vector<store::Rule> known_errors;
  std::vector<triage::LibraryCode> library_code, third_party;
};
[[nodiscard]] CodeRules sort_rules(std::span<const store::Rule> configured,
                                   std::span<const store::Rule> stored);

// The known error that the frame is, if any; the rule that says most.
[[nodiscard]] const store::Rule* known_error(const CodeRules& rules, const Frame& frame);
[[nodiscard]] triage::AlertSchedule schedule_of(const store::Rule& rule);

// The frame of the report that the site was made from, in whichever exception; null if none is.
[[nodiscard]] const Frame* culprit_frame(const Event& event, const store::Decision& decision);
// What is known of it without the report. Views are into the decision.
[[nodiscard]] Frame frame_of_site(const store::Decision& decision);

}  // namespace flawless::blame
