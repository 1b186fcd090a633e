// /add_known_error: the form that makes an error known, or its code library or third-party code.
#include <fmt/format.h>

#include "api/pages/page.h"
#include "api/query.h"
#include "api/rule.h"
#include "event/verdict.h"

namespace flawless::api {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

std::string trim(std::string_view text) {
  const size_t from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return {};
  return std::string(text.substr(from, text.find_last_not_of(kBlank) - from + 1));
}

Result<store::RuleKind> parse_type(const std::string& type) {
  if (type.empty() || type == "known_errors") return store::RuleKind::kKnownError;
  if (type == "building_blocks") return store::RuleKind::kLibraryCode;
  if (type == "third_party_whitelist") return store::RuleKind::kThirdParty;
  if (auto kind = store::parse_rule_kind(type)) return *kind;
  return Status(Code::kInvalid,
                "type must be known_errors, building_blocks or "
                "third_party_whitelist.");
}

Result<std::optional<int64_t>> parse_number(const Fields& fields, std::string_view name) {
  const std::string text = trim(fields.get(name));
  if (text.empty()) return std::optional<int64_t>();
  if (auto number = parse_integer(text, 0, INT64_MAX)) return number;
  return Status(Code::kInvalid, fmt::format("{} must be a whole number or blank.", name));
}

std::vector<std::string> parse_recipients(std::string_view text) {
  std::vector<std::string> addresses;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    if (std::string address = trim(one); !address.empty()) addresses.push_back(std::move(address));
  }
  return addresses;
}

render::KnownErrorForm form_of(const PageCall& call) {
  const Fields& fields = call.fields;
  render::KnownErrorForm form;
  form.filename = fields.get("filename");
  form.function_name = fields.get("function_name");
  form.code_fragment = fields.get("code_fragment");
  if (const std::string* type = fields.find("type")) form.type = *type;
  form.min_alert_threshold = fields.get("min_alert_threshold");
  form.max_alert_threshold = fields.get("max_alert_threshold");
  form.alert_every_n_occurrences = fields.get("alert_every_n_occurrences");
  form.email_recipients = fields.get("email_recipients");
  form.email_header = fields.get("email_header");
  if (call.reader.link) form.hidden.emplace_back("key", call.reader.key);
  if (auto project = fields.get("project"); !project.empty()) {
    form.hidden.emplace_back("project", project);
  }
  return form;
}

// Blank in the form: the project of the link, else of the token, else all.
Result<ProjectId> project_of(const PageCall& call) {
  if (call.reader.grant) return call.reader.grant->project;
  const std::string wanted = call.fields.get("project");
  const store::Visible& visible = call.reader.caller.visible;
  if (wanted.empty()) {
    if (call.reader.link && visible.includes(call.reader.link->project)) {
      return call.reader.link->project;
    }
    return visible.all || visible.projects.empty() ? ProjectId() : visible.projects.front();
  }
  ASSIGN_OR_RETURN(auto projects, call.store.projects(visible));
  for (const store::Project& project : projects) {
    if (project.name == wanted || std::to_string(project.id.v) == wanted) return project.id;
  }
  return Status(Code::kNotFound, fmt::format("There is no project '{}' that you may see.", wanted));
}

Result<store::Rule> read_rule(const PageCall& call) {
  const Fields& fields = call.fields;
  store::Rule rule;
  ASSIGN_OR_RETURN(rule.kind, parse_type(trim(fields.get("type"))));
  rule.path = trim(fields.get("filename"));
  rule.function = trim(fields.get("function_name"));
  rule.code = trim(fields.get("code_fragment"));
  ASSIGN_OR_RETURN(rule.min_alert_threshold, parse_number(fields, "min_alert_threshold"));
  ASSIGN_OR_RETURN(rule.max_alert_threshold, parse_number(fields, "max_alert_threshold"));
  ASSIGN_OR_RETURN(rule.alert_every_n_occurrences,
                   parse_number(fields, "alert_every_n_occurrences"));
  rule.email_recipients = parse_recipients(fields.get("email_recipients"));
  rule.email_header = trim(fields.get("email_header"));
  rule.created_by = call.reader.caller.name;
  ASSIGN_OR_RETURN(rule.project, project_of(call));
  return rule;
}

// Whether a rule with this path is for one file only: it is no pattern (but "index.js?a1b2", as
// bundlers have it, names one) and no folder, which has no extension.
bool is_one_file(std::string_view path) {
  const std::string_view file = path.substr(0, path.find('?'));
  const std::string_view rest = path.substr(file.size());
  const std::string_view name = file.substr(file.rfind('/') + 1);
  return name.find('.') != std::string_view::npos && file.find('*') == std::string_view::npos &&
         rest.find_first_of("*/") == std::string_view::npos;
}

// Whether that is the file in the repository that blame found the line in.
bool is_blamed(const store::Line& line, std::string_view path) {
  const auto verdict = read_verdict(line.verdict);
  if (!verdict || verdict->path.empty() || path.find_first_of("*?") != path.npos) return false;
  return path == verdict->path || path.ends_with("/" + verdict->path);
}

// A mail's link silences errors of its own line's file, by whatever name it was reported. What is
// reported may be a pattern or a folder's name: those are for people with an account.
Status check_grant(const PageCall& call, std::string_view path) {
  if (!call.reader.grant) return Status::ok();
  const render::Grant& grant = *call.reader.grant;
  auto line = call.store.lines().line(grant.line);
  bool its_own = line && line->path == path;
  if (!its_own) {
    auto row = call.store.occurrence(call.reader.caller.visible, grant.occurrence);
    its_own = row && row->project == grant.project && row->site_path == path;
  }
  if (its_own && (is_one_file(path) || (line && is_blamed(*line, path)))) return Status::ok();
  return {Code::kDenied,
          "The link of a mail is for the file that the mail is about; sign in for others."};
}

http::Response form_reply(const PageCall& call, int status, std::string error) {
  render::KnownErrorForm form = form_of(call);
  form.error = std::move(error);
  http::Response reply = html_reply(status, render::known_error_page(form));
  if (!call.reader.caller.user) return reply;
  // With no referrer at all browsers send "Origin: null" with a form, which is then refused.
  for (http::Header& header : reply.headers) {
    if (header.name == "Referrer-Policy") header.value = "same-origin";
  }
  return reply;
}

std::string describe(const store::Rule& rule) {
  std::string what = rule.path;
  if (!rule.function.empty()) what += ", function " + rule.function;
  if (!rule.code.empty()) what += ": " + rule.code;
  switch (rule.kind) {
    case store::RuleKind::kKnownError:
      return "Known error: " + what;
    case store::RuleKind::kLibraryCode:
      return "Library code, whose caller is blamed from now on: " + what;
    case store::RuleKind::kThirdParty:
      return "Third-party code, whose errors are mailed to nobody: " + what;
  }
  return what;
}

}  // namespace

Result<http::Response> show_known_error_form(const PageCall& call) {
  const std::string path = trim(call.fields.get("filename"));
  if (!path.empty()) RETURN_IF_ERROR(check_grant(call, path));
  return form_reply(call, 200, {});
}

Result<http::Response> save_known_error(const PageCall& call) {
  auto rule = read_rule(call);
  Status allowed = rule ? check_rule(*rule) : rule.status();
  if (allowed) allowed = check_grant(call, rule->path);
  if (allowed.code() == Code::kInvalid) return form_reply(call, 400, allowed.message());
  if (!allowed) return allowed;
  ASSIGN_OR_RETURN(store::Rule added,
                   add_rule(call.parts, call.store, call.reader.caller.visible, *rule));
  render::NoticePage page;
  page.title = "SUCCESS";
  page.lines = {describe(added), "It holds from the next report on."};
  if (call.reader.caller.user) page.links = {{"All rules", "/settings/rules"}};
  return notice_reply(200, page);
}

}  // namespace flawless::api
