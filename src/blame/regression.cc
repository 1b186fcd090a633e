#include "blame/regression.h"

#include <algorithm>

namespace flawless::blame {
namespace {

constexpr uint32_t kOccurrencesLookedAt = 200;

// The release of the last occurrence that came before `at`; empty when it had none, or when it is
// too far back.
Result<std::string> release_at(store::Store& store, const store::Visible& visible,
                               const store::Decision& decision, Time at) {
  store::OccurrenceQuery query;
  query.project = decision.project;
  query.item_number = decision.item_number;
  query.limit = kOccurrencesLookedAt;
  ASSIGN_OR_RETURN(const auto page, store.occurrences(visible, query));
  const auto before =
      std::find_if(page.rows.begin(), page.rows.end(), [&](const store::Occurrence& one) {
        return one.received_at <= at && one.id != decision.occurrence;
      });
  return before == page.rows.end() ? std::string() : before->release;
}

}  // namespace

Result<bool> is_regression(store::Store& store, Examiner& examiner,
                           const store::Decision& decision) {
  if (decision.reason != store::DecisionReason::kReopened) return false;
  if (decision.release.empty()) return true;
  const store::Visible visible{.all = false, .projects = {decision.project}};
  ASSIGN_OR_RETURN(const auto history,
                   store.history(visible, decision.project, decision.item_number));
  const auto resolved =
      std::find_if(history.begin(), history.end(),
                   [](const store::ItemEvent& event) { return event.kind == "resolved"; });
  if (resolved == history.end()) return true;
  ASSIGN_OR_RETURN(const std::string release, release_at(store, visible, decision, resolved->at));
  if (release.empty()) return true;
  return release != decision.release &&
         !examiner.is_not_newer(decision.project_name, decision.release, release);
}

}  // namespace flawless::blame
