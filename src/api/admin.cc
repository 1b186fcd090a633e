#include "api/admin.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "api/admin_operations.h"
#include "api/json_in.h"

namespace flawless::api {
namespace {

using store::Project;
using store::Scope;
using store::Token;

Result<std::string> revoke_links(const AdminContext& context, const Value& arguments) {
  RETURN_IF_ERROR(ObjectReader(arguments).finish());
  store::Accounts& accounts = context.store.accounts();
  RETURN_IF_ERROR(accounts.rotate_secret(store::kLinkSecret));
  ASSIGN_OR_RETURN(const std::string key, accounts.secret(store::kLinkSecret));
  if (context.followers.link_key) {
    RETURN_IF_ERROR(context.followers.link_key(key).with_context(
        "the links are void once the server was restarted; it goes on with the old key"));
  }
  return std::string(R"({"revoked":true})");
}

Result<std::string> list_aside(const AdminContext& context, const Value& arguments) {
  return list_quarantine(context.store, context.quarantine, arguments);
}

Result<std::string> retry_aside(const AdminContext& context, const Value& arguments) {
  return retry_quarantine(context.store, context.quarantine, context.public_url, arguments);
}

constexpr AdminOperation kOtherOperations[] = {
    {"link.revoke_all", false, false, revoke_links},
    {"quarantine.list", false, false, list_aside},
    {"quarantine.retry", false, false, retry_aside},
};

const AdminOperation* find_operation(std::string_view name) {
  for (const auto operations : {project_operations(), token_operations(), user_operations(),
                                std::span<const AdminOperation>(kOtherOperations)}) {
    for (const AdminOperation& operation : operations) {
      if (operation.name == name) return &operation;
    }
  }
  return nullptr;
}

bool is_same(const intake::Admission& known,
             const std::vector<std::pair<std::string, intake::Grant>>& grants) {
  return known.size() == grants.size() &&
         std::all_of(grants.begin(), grants.end(), [&](const auto& one) {
           const intake::Grant* grant = known.find(one.first);
           return grant != nullptr && *grant == one.second;
         });
}

}  // namespace

Admin::Admin(store::Store& store, intake::AdmissionBoard& board, const Clock& clock,
             std::string public_url, Followers followers, QuarantineParts quarantine)
    : store_(store),
      board_(board),
      clock_(clock),
      public_url_(std::move(public_url)),
      followers_(std::move(followers)),
      quarantine_(std::move(quarantine)) {}

Admin::Admin(store::Store& store, intake::AdmissionBoard& board, const Clock& clock,
             std::string public_url)
    : Admin(store, board, clock, std::move(public_url), Followers{}) {}

bool Admin::may_wait(std::string_view operation) { return operation == "quarantine.retry"; }

Result<Admin::Outcome> Admin::call(std::string_view operation, std::string_view arguments_json) {
  const AdminOperation* known = find_operation(operation);
  if (known == nullptr) {
    return {Code::kNotFound, fmt::format("there is no operation '{}'", operation)};
  }
  Arena arena;
  ASSIGN_OR_RETURN(const Value arguments, read_json(arguments_json, arena));
  const AdminContext context{store_, clock_.now(), public_url_, followers_, quarantine_};
  ASSIGN_OR_RETURN(std::string reply, known->run(context, arguments));
  Status published = known->changes_admission ? publish_admission() : Status::ok();
  if (!published) {
    published = published.with_context("the change is stored but does not hold for reports yet");
    if (!known->shows_tokens) return published;
  }
  return Outcome{std::move(reply), std::move(published)};
}

Status Admin::publish_admission() {
  std::lock_guard guard(publishing_);
  ASSIGN_OR_RETURN(const std::vector<Project> projects, store_.projects(kEverything));
  ASSIGN_OR_RETURN(const std::vector<Token> tokens, store_.tokens());
  std::map<ProjectId, bool> enabled;
  for (const Project& project : projects) enabled[project.id] = project.enabled;
  std::vector<std::pair<std::string, intake::Grant>> grants;
  for (const Token& token : tokens) {
    if (!may_post(token.scope)) continue;
    intake::Grant grant;
    grant.token = token.id;
    grant.project = token.project;
    grant.client_only = token.scope == Scope::kPostClientItem;
    grant.enabled = token.enabled;
    grant.project_enabled = enabled[token.project];
    grants.emplace_back(token.value, grant);
  }
  // The API follows even when intake's file cannot be written: a token disabled now may be stolen.
  const Status published = is_same(*board_.current(), grants)
                               ? Status::ok()
                               : board_.publish(intake::Admission(std::move(grants)));
  is_behind_ = !published;
  const Status followed = followers_.admission ? followers_.admission() : Status::ok();
  return published ? followed : published;
}

void Admin::retry_publishing() {
  if (is_behind_) (void)publish_admission();
}

}  // namespace flawless::api
