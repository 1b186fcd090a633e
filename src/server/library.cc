#include "server/library.h"

#include "blame/code_rules.h"

namespace flawless::server {
namespace {

std::vector<store::Rule> that_hold_in(ProjectId project, std::span<const store::Rule> rules) {
  std::vector<store::Rule> out;
  for (const store::Rule& rule : rules) {
    if (!rule.project || rule.project == project) out.push_back(rule);
  }
  return out;
}

}  // namespace

digest::Library library_of(std::span<const store::Rule> configured,
                           std::span<const store::Rule> stored,
                           std::span<const scm::PathRule> mappings) {
  digest::Library library;
  library.everywhere = blame::sort_rules(configured, that_hold_in({}, stored)).library_code;
  for (const store::Rule& rule : stored) {
    if (rule.kind != store::RuleKind::kLibraryCode || !rule.project) continue;
    auto [own, is_new] = library.of_project.try_emplace(rule.project);
    if (!is_new) continue;
    own->second = blame::sort_rules(configured, that_hold_in(rule.project, stored)).library_code;
  }
  blame::add_deployed_paths(mappings, library.everywhere);
  for (auto& [project, rules] : library.of_project) blame::add_deployed_paths(mappings, rules);
  return library;
}

}  // namespace flawless::server
