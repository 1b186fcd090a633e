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

std::string_view without_slashes(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// What of `path` lies below the directory; nothing when it does not. A directory above has all of
// it.
std::optional<std::string_view> below(std::string_view path, std::string_view directory) {
  if (directory.empty()) return path;
  if (path.starts_with(directory) && path.substr(directory.size()).starts_with('/')) {
    return path.substr(directory.size() + 1);
  }
  const std::string_view above = without_slashes(path);
  const bool all = directory == above ||
                   (directory.starts_with(above) && directory.substr(above.size()).starts_with('/'));
  return all ? std::optional(std::string_view()) : std::nullopt;
}

template <typename Rule>
void add_deployed(std::span<const scm::PathRule> mappings, std::vector<Rule>& rules) {
  const std::vector<Rule> own = rules;
  for (const Rule& rule : own) {
    for (const scm::PathRule& mapping : mappings) {
      auto path = deployed_path(rule.path, mapping);
      if (!path || *path == rule.path) continue;
      rules.push_back(rule);
      rules.back().path = std::move(*path);
    }
  }
}

// Both names of the frame, as frames.
std::vector<Frame> by_name(const NamedFrame& frame) {
  std::vector<Frame> names{frame.reported};
  if (frame.repository_path.empty()) return names;
  names.push_back(frame.reported);
  names.back().path = frame.repository_path;
  names.back().abs_path = {};
  return names;
}

std::vector<triage::LibraryCode> patterns_of(std::span<const store::Rule> rules) {
  std::vector<triage::LibraryCode> patterns;
  for (const store::Rule& rule : rules) patterns.push_back(pattern_of(rule));
  return patterns;
}

}  // namespace

std::optional<std::string> deployed_path(std::string_view path, const scm::PathRule& mapping) {
  if (path.starts_with('/') || without_slashes(path).empty()) return std::nullopt;
  const auto rest = below(path, without_slashes(mapping.repository));
  if (!rest) return std::nullopt;
  std::string deployed = mapping.deployed;
  while (deployed.size() > 1 && deployed.ends_with('/')) deployed.pop_back();
  if (rest->empty()) return deployed.empty() ? std::nullopt : std::optional(deployed);
  if (!deployed.empty() && deployed != "/") deployed += '/';
  return deployed + std::string(*rest);
}

void add_deployed_paths(std::span<const scm::PathRule> mappings, CodeRules& rules) {
  add_deployed(mappings, rules.known_errors);
  add_deployed(mappings, rules.library_code);
  add_deployed(mappings, rules.third_party);
}

void add_deployed_paths(std::span<const scm::PathRule> mappings,
                        std::vector<triage::LibraryCode>& rules) {
  add_deployed(mappings, rules);
}

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

const store::Rule* known_error(const CodeRules& rules, const NamedFrame& frame) {
  const auto patterns = patterns_of(rules.known_errors);
  const auto best = triage::best_match(by_name(frame), patterns);
  return best ? &rules.known_errors[*best] : nullptr;
}

const store::Rule* known_error(const CodeRules& rules, const Event& event) {
  const auto patterns = patterns_of(rules.known_errors);
  std::vector<Frame> frames;
  for (const Exception& exception : event.exceptions) {
    frames.insert(frames.end(), exception.frames.begin(), exception.frames.end());
  }
  const auto best = triage::best_match(frames, patterns);
  return best ? &rules.known_errors[*best] : nullptr;
}

bool matches_any(const NamedFrame& frame, std::span<const triage::LibraryCode> rules) {
  return triage::best_match(by_name(frame), rules).has_value();
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
