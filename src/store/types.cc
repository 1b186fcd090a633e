#include "store/types.h"

#include <algorithm>
#include <array>

#include "store/lines.h"
#include "store/outbox.h"
#include "store/quarantine.h"

namespace flawless::store {
namespace {

constexpr std::array<std::pair<ItemStatus, std::string_view>, 4> kStatuses = {{
    {ItemStatus::kActive, "active"},
    {ItemStatus::kResolved, "resolved"},
    {ItemStatus::kMuted, "muted"},
    {ItemStatus::kArchived, "archived"},
}};
constexpr std::array<std::pair<Scope, std::string_view>, 4> kScopes = {{
    {Scope::kRead, "read"},
    {Scope::kWrite, "write"},
    {Scope::kPostServerItem, "post_server_item"},
    {Scope::kPostClientItem, "post_client_item"},
}};

constexpr std::array<std::pair<MessageState, std::string_view>, 4> kMessageStates = {{
    {MessageState::kQueued, "queued"},
    {MessageState::kSending, "sending"},
    {MessageState::kSent, "sent"},
    {MessageState::kFailed, "failed"},
}};
constexpr std::array<std::pair<RuleKind, std::string_view>, 3> kRuleKinds = {{
    {RuleKind::kKnownError, "known_error"},
    {RuleKind::kLibraryCode, "library_code"},
    {RuleKind::kThirdParty, "third_party"},
}};
constexpr std::array<std::pair<Retried::Outcome, std::string_view>, 5> kOutcomes = {{
    {Retried::Outcome::kStored, "stored"},
    {Retried::Outcome::kFailed, "failed"},
    {Retried::Outcome::kGone, "gone"},
    {Retried::Outcome::kUnknown, "unknown"},
    {Retried::Outcome::kWaiting, "waiting"},
}};

template <typename Table, typename Value>
std::string_view name_in(const Table& table, Value value) {
  for (const auto& [known, name] : table) {
    if (known == value) return name;
  }
  return "unknown";
}

template <typename Value, size_t N>
std::optional<Value> value_in(const std::array<std::pair<Value, std::string_view>, N>& table,
                              std::string_view name) {
  for (const auto& [value, known] : table) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view status_name(ItemStatus status) { return name_in(kStatuses, status); }
std::optional<ItemStatus> parse_status(std::string_view name) { return value_in(kStatuses, name); }
std::string_view outcome_name(Retried::Outcome outcome) { return name_in(kOutcomes, outcome); }
std::string_view scope_name(Scope scope) { return name_in(kScopes, scope); }
std::optional<Scope> parse_scope(std::string_view name) { return value_in(kScopes, name); }
std::string_view message_state_name(MessageState state) { return name_in(kMessageStates, state); }
std::string_view rule_kind_name(RuleKind kind) { return name_in(kRuleKinds, kind); }
std::optional<RuleKind> parse_rule_kind(std::string_view name) {
  return value_in(kRuleKinds, name);
}

bool Visible::includes(ProjectId project) const {
  return all || std::find(projects.begin(), projects.end(), project) != projects.end();
}

}  // namespace flawless::store
