// /get_weekly_error_report: what failed in a week, by developer.
#include <fmt/format.h>

#include <strings.h>

#include "api/pages/page.h"

namespace flawless::api {
namespace {

struct Request {
  Week week;
  bool known_errors = false;  // also those
  bool old_code = false;      // also what was last changed before the configured date
  ProjectId project;          // none: all that are visible
};

bool same_address(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

Result<Request> read_request(const PageCall& call) {
  Request request;
  Time within = call.now;
  if (const std::string* text = call.fields.find("timestamp"); text && !text->empty()) {
    ASSIGN_OR_RETURN(within, parse_timestamp(*text));
  }
  request.week = week_of(within);
  request.known_errors = call.fields.flag("include_known_errors");
  request.old_code = call.fields.flag("include_modified_before_min_date");
  const std::string wanted = call.fields.get("project");
  if (wanted.empty()) return request;
  ASSIGN_OR_RETURN(auto projects, call.store.projects(call.reader.caller.visible));
  for (const store::Project& project : projects) {
    if (project.name == wanted || std::to_string(project.id.v) == wanted) {
      request.project = project.id;
      return request;
    }
  }
  return Status(Code::kNotFound, fmt::format("There is no project '{}' that you may see.", wanted));
}

// The reader of a mail sees what stands against their own address.
bool is_theirs(const PageCall& call, const store::Line& line) {
  if (!call.reader.grant) return true;
  const std::string& email = call.reader.grant->email;
  return !email.empty() &&
         (same_address(line.developer, email) || same_address(line.mailed_to, email));
}

bool is_shown(const PageCall& call, const Request& request, const store::LineReport& row) {
  if (row.line.path.empty()) return false;  // it stands for an item: no line is to blame
  if (request.project && row.project != request.project) return false;
  if (!is_theirs(call, row.line)) return false;
  if (row.line.known && !request.known_errors) return false;
  const auto& from = call.parts.report_only_after;
  const bool is_old = from && row.line.changed_at && *row.line.changed_at < *from;
  return !is_old || request.old_code;
}

// The line as its last occurrence reported it: the traceback is found by that, and paths differ
// between deployments.
render::Place place_of(const PageCall& call, const store::LineReport& row) {
  auto last = call.store.occurrence(call.reader.caller.visible, row.last_occurrence);
  if (last && !last->site_path.empty()) {
    return {last->site_path, last->site_function, last->site_text, last->site_line};
  }
  return {row.line.path, row.line.function, row.line.text, row.line_number};
}

render::ReportPage::Line line_of(const PageCall& call, const Request& request,
                                 const store::LineReport& row) {
  const render::Links links = links_of(call);
  render::ReportPage::Line line;
  line.developer = row.line.developer;
  line.project = row.project_name;
  line.count = row.count;
  line.last_seen = row.last_seen;
  line.place = place_of(call, row);
  line.committed_at = row.line.changed_at;
  line.mailed_at = row.line.mailed_at;
  line.undelivered = row.line.mail_state == store::MessageState::kFailed;
  if (!same_address(row.line.mailed_to, row.line.developer)) line.mailed_to = row.line.mailed_to;
  line.known = row.line.known;
  // For that line alone, without its item.
  const std::string key = key_for(call, {row.project, 0, row.last_occurrence, row.line.id, {}, {}});
  const int64_t week = unix_ms(request.week.from) / 1000;
  line.traceback_url = links.traceback(line.place, key, week);
  if (call.reader.caller.user) line.item_url = links.item(row.project, row.item_number);
  return line;
}

std::string view_url(const PageCall& call, const Request& base, Time within, bool known, bool old) {
  std::string url = fmt::format("/get_weekly_error_report?timestamp={}", unix_ms(within) / 1000);
  if (known) url += "&include_known_errors=True";
  if (old) url += "&include_modified_before_min_date=True";
  if (base.project) url += fmt::format("&project={}", base.project.v);
  if (call.reader.grant) url += "&key=" + render::percent_encode(call.reader.key);
  return url;
}

// Other weeks and what is left out. Not for tokens: they are not put into addresses.
std::vector<std::pair<std::string, std::string>> views_of(const PageCall& call,
                                                          const Request& request) {
  std::vector<std::pair<std::string, std::string>> views;
  if (call.reader.caller.token) return views;
  const bool known = request.known_errors;
  const bool old = request.old_code;
  const Time from = request.week.from;
  views.emplace_back("previous week",
                     view_url(call, request, from - std::chrono::days(7), known, old));
  if (request.week.to <= call.now) {
    views.emplace_back("next week", view_url(call, request, request.week.to, known, old));
  }
  views.emplace_back(known ? "without known errors" : "with known errors",
                     view_url(call, request, from, !known, old));
  if (call.parts.report_only_after) {
    views.emplace_back(old ? "without old code" : "with old code",
                       view_url(call, request, from, known, !old));
  }
  return views;
}

}  // namespace

Result<http::Response> show_weekly_report(const PageCall& call) {
  ASSIGN_OR_RETURN(const Request request, read_request(call));
  ASSIGN_OR_RETURN(auto rows, call.store.lines().report(call.reader.caller.visible,
                                                        request.week.from, request.week.to));
  render::ReportPage page;
  page.from = request.week.from;
  page.to = request.week.to;
  if (call.reader.grant) page.only_for = call.reader.grant->email;
  for (const store::LineReport& row : rows) {
    if (is_shown(call, request, row)) page.lines.push_back(line_of(call, request, row));
  }
  ASSIGN_OR_RETURN(auto projects, call.store.projects(call.reader.caller.visible));
  for (const store::Project& project : projects) {
    if (project.id == request.project || projects.size() == 1) page.project = project.name;
  }
  page.views = views_of(call, request);
  return html_reply(200, render::report_page(page));
}

}  // namespace flawless::api
