#include "api/rule.h"

#include <fmt/format.h>

#include "api/email.h"

namespace flawless::api {
namespace {

constexpr size_t kMostPathBytes = 4'000;
constexpr size_t kMostCodeBytes = 4'000;
constexpr size_t kMostHeaderBytes = 4'000;
constexpr size_t kMostRecipients = 20;

Status check_length(std::string_view what, std::string_view text, size_t most) {
  if (text.size() <= most) return Status::ok();
  return {Code::kInvalid, fmt::format("{} is longer than {} bytes.", what, most)};
}

Status check_number(std::string_view what, const std::optional<int64_t>& number, int64_t least) {
  if (!number || *number >= least) return Status::ok();
  return {Code::kInvalid, fmt::format("{} must be {} at least, not {}.", what, least, *number)};
}

// "*", "**" and "?" stand for other characters; "[id]" is the name of a directory.
Status check_glob(std::string_view path) {
  const size_t open = path.rfind('[');
  if (open == std::string_view::npos || path.find(']', open) != std::string_view::npos) {
    return Status::ok();
  }
  return {Code::kInvalid,
          "The file name has a \"[\" without \"]\". Use * within a directory, ** across "
          "directories, ? for one character."};
}

Status check_recipients(const std::vector<std::string>& recipients) {
  if (recipients.size() > kMostRecipients) {
    return {Code::kInvalid, fmt::format("There are more than {} recipients.", kMostRecipients)};
  }
  for (const std::string& address : recipients) RETURN_IF_ERROR(read_email(address).status());
  return Status::ok();
}

}  // namespace

Status check_rule(const store::Rule& rule) {
  if (rule.path.find_first_not_of(" \t\r\n") == std::string::npos) {
    return {Code::kInvalid, "The file name (path) is missing."};
  }
  RETURN_IF_ERROR(check_length("The file name", rule.path, kMostPathBytes));
  RETURN_IF_ERROR(check_glob(rule.path));
  RETURN_IF_ERROR(check_length("The function's name", rule.function, kMostCodeBytes));
  RETURN_IF_ERROR(check_length("The code", rule.code, kMostCodeBytes));
  RETURN_IF_ERROR(check_length("The mail's header", rule.email_header, kMostHeaderBytes));
  RETURN_IF_ERROR(check_number("min_alert_threshold", rule.min_alert_threshold, 0));
  RETURN_IF_ERROR(check_number("max_alert_threshold", rule.max_alert_threshold, 0));
  RETURN_IF_ERROR(check_number("alert_every_n_occurrences", rule.alert_every_n_occurrences, 1));
  return check_recipients(rule.email_recipients);
}

Result<store::Rule> add_rule(const ApiParts& parts, store::Store& store,
                             const store::Visible& visible, const store::Rule& rule) {
  RETURN_IF_ERROR(check_rule(rule));
  if (!rule.project && !visible.all) {
    return {Code::kDenied,
            "A rule for all projects needs a token of all projects; name a project."};
  }
  if (rule.project && !visible.includes(rule.project)) {
    return {Code::kDenied, "There is no such project that may be seen with this."};
  }
  auto added = store.lines().add_rule(visible, rule, parts.clock.now());
  if (added && parts.on_rules_changed) parts.on_rules_changed();
  return added;
}

}  // namespace flawless::api
