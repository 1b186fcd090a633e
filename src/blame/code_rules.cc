#include "blame/code_rules.h"

#include <algorithm>

#include "triage/rule_match.h"

namespace flawless::blame {
namespace {

triage::LibraryCode pattern_of(const store::Rule& rule) {
  return {rule.path, rule.function, rule.code};
}

bool is_site(const Frame& frame, const store::Decision& decision) {
  return (frame.path.empty() ? frame.module : frame.path) == decision.path &&
         frame.line == decision.line_number && frame.function == decision.function &&
         frame.code == decision.text;
}

}  // namespace

CodeRules sort_rules(std::span<const store::Rule> configured, std::span<const store::Rule> stored) {
  CodeRules sorted;
  for (const auto& rules : {configured, stored}) {
    for (const store::Rule& rule : rules) {
      if (rule.path.empty()) continue;
      switch (rule.kind) {
        case store::RuleKind::kKnownError:
          sorted.known_errors.push_back(rule);
          break;
        case store::RuleKind::kLibraryCode:
          sorted.library_code.push_back(pattern_of(rule));
          break;
        case store::RuleKind::kThirdParty:
          sorted.third_party.push_back(pattern_of(rule));
          break;
      }
    }
  }
  return sorted;
}

const store::Rule* known_error(const CodeRules& rules, const Frame& frame) {
  std::vector<triage::LibraryCode> patterns;
  for (const store::Rule& rule : rules.known_errors) patterns.push_back(pattern_of(rule));
  const auto best = triage::best_match(frame, patterns);
  return best ? &rules.known_errors[*best] : nullptr;
}

triage::AlertSchedule schedule_of(const store::Rule& rule) {
  return {rule.min_alert_threshold, rule.max_alert_threshold, rule.alert_every_n_occurrences};
}

const Frame* culprit_frame(const Event& event, const store::Decision& decision) {
  for (const Exception& exception : event.exceptions) {
    const auto found = std::find_if(exception.frames.rbegin(), exception.frames.rend(),
                                    [&](const Frame& frame) { return is_site(frame, decision); });
    if (found != exception.frames.rend()) return &*found;
  }
  return nullptr;
}

Frame frame_of_site(const store::Decision& decision) {
  Frame frame;
  frame.path = decision.path;
  frame.function = decision.function;
  frame.code = decision.text;
  frame.line = decision.line_number;
  return frame;
}

}  // namespace flawless::blame
