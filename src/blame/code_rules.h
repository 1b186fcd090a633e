// The rules that count for a decision, from the configuration and from people. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "scm/path_map.h"
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

// What a rule about a path in the repository is where it is deployed, as one mapping has it: with
// "/app = src", "src/shop" is "/app/shop". Nothing when the mapping does not concern it.
[[nodiscard]] std::optional<std::string> deployed_path(std::string_view path,
                                                       const scm::PathRule& mapping);
// Adds to rules that name a path in the repository those for what it is called where it is deployed:
// reports that name it so are found before, or without, asking git.
void add_deployed_paths(std::span<const scm::PathRule> mappings, CodeRules& rules);
void add_deployed_paths(std::span<const scm::PathRule> mappings,
                        std::vector<triage::LibraryCode>& rules);

// The frame as rules may name it: as reported, and as the file is called in the repository.
struct NamedFrame {
  const Frame& reported;
  std::string_view repository_path;  // empty: not known
};
// The known error that the frame is, if any; the rule that says most.
[[nodiscard]] const store::Rule* known_error(const CodeRules& rules, const NamedFrame& frame);
// Of a report that blames no line: the rule that says most about any of its frames.
[[nodiscard]] const store::Rule* known_error(const CodeRules& rules, const Event& event);
[[nodiscard]] bool matches_any(const NamedFrame& frame,
                               std::span<const triage::LibraryCode> rules);
[[nodiscard]] triage::AlertSchedule schedule_of(const store::Rule& rule);

// The frame of the report that the site was made from, in whichever exception; null if none is.
[[nodiscard]] const Frame* culprit_frame(const Event& event, const store::Decision& decision);
// What is known of it without the report. Views are into the decision.
[[nodiscard]] Frame frame_of_site(const store::Decision& decision);

}  // namespace flawless::blame
