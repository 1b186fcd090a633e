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

// When the decision's occurrence came; a decision may be queued again long after.
Time seen_at(store::Store& store, const store::Visible& visible, const store::Decision& decision) {
  const auto occurrence = store.occurrence(visible, decision.occurrence);
  return occurrence ? occurrence->received_at : decision.queued_at;
}

}  // namespace

Result<bool> is_regression(store::Store& store, Examiner& examiner, const store::Decision& decision,
                           std::optional<Time> mailed_at) {
  const bool reopened = decision.reason == store::DecisionReason::kReopened;
  if (reopened && decision.release.empty()) return true;
  // The item may have been reopened before: by an old process, or by another line of it.
  const bool another_release =
      decision.reason == store::DecisionReason::kNewSite && !decision.release.empty();
  if (!reopened && !(another_release && mailed_at)) return false;
  const store::Visible visible{.all = false, .projects = {decision.project}};
  ASSIGN_OR_RETURN(const auto history,
                   store.history(visible, decision.project, decision.item_number));
  const auto resolved =
      std::find_if(history.begin(), history.end(),
                   [](const store::ItemEvent& event) { return event.kind == "resolved"; });
  if (resolved == history.end()) return reopened;
  if (!reopened) {
    const bool by_somebody = std::any_of(history.begin(), resolved, [](const auto& event) {
      return event.kind == "reopened" && !event.by.empty();
    });
    if (by_somebody || *mailed_at >= resolved->at ||
        seen_at(store, visible, decision) <= resolved->at) {
      return false;
    }
  }
  ASSIGN_OR_RETURN(const std::string release, release_at(store, visible, decision, resolved->at));
  if (release.empty()) return true;
  return release != decision.release &&
         !examiner.is_not_newer(decision.project_name, decision.release, release);
}

}  // namespace flawless::blame
