#include "triage/rule_match.h"

#include <algorithm>
#include <tuple>

#include "triage/text.h"

namespace flawless::triage {
namespace {

auto weight(const LibraryCode& rule) {
  return std::tuple(!trim(rule.code).empty(), !trim(rule.function).empty(), trim(rule.path).size());
}

}  // namespace

std::optional<size_t> best_match(const Frame& frame, std::span<const LibraryCode> rules) {
  return best_match(std::span(&frame, 1), rules);
}

std::optional<size_t> best_match(std::span<const Frame> frames,
                                 std::span<const LibraryCode> rules) {
  std::optional<size_t> best;
  for (size_t i = 0; i < rules.size(); ++i) {
    const bool matched = std::any_of(frames.begin(), frames.end(), [&](const Frame& frame) {
      return matches(frame, rules[i]);
    });
    if (!matched) continue;
    if (!best || weight(rules[*best]) < weight(rules[i])) best = i;
  }
  return best;
}

bool has_match(const Event& event, std::span<const LibraryCode> rules) {
  const auto described = [&](const Frame& frame) {
    return std::any_of(rules.begin(), rules.end(),
                       [&](const LibraryCode& rule) { return matches(frame, rule); });
  };
  return std::any_of(
      event.exceptions.begin(), event.exceptions.end(), [&](const Exception& exception) {
        return std::any_of(exception.frames.begin(), exception.frames.end(), described);
      });
}

}  // namespace flawless::triage
