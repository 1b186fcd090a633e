// What can be administered (admin.h has the operations' names and arguments). One file per subject,
// each with a table of its operations.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/admin.h"
#include "event/value.h"

namespace flawless::api {

inline constexpr store::Visible kEverything{.all = true, .projects = {}};

struct AdminContext {
  store::Store& store;
  Time now;
  std::string_view public_url;
  const Admin::Followers& followers;
  const QuarantineParts& quarantine;
};

struct AdminOperation {
  std::string_view name;
  bool changes_admission;
  bool shows_tokens;  // those that read are shown now or never
  Result<std::string> (*run)(const AdminContext&, const Value& arguments);
};

std::span<const AdminOperation> project_operations();
std::span<const AdminOperation> token_operations();
std::span<const AdminOperation> user_operations();

// By name, else by id.
[[nodiscard]] Result<store::Project> find_project(store::Store& store, const Value* wanted);
// Nothing if anything else stands there too.
[[nodiscard]] std::optional<int64_t> whole_number(std::string_view text);
[[nodiscard]] bool may_post(store::Scope scope);

}  // namespace flawless::api
