// /view_traceback: the most recent occurrence of an error, known by its line.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/pages/page.h"
#include "api/query.h"
#include "event/verdict.h"

namespace flawless::api {
namespace {

constexpr size_t kLongText = 200;
constexpr std::array kOfALine = {"filename", "function_name", "line_number", "text"};
const Status kNothingThere(Code::kNotFound,
                           "No occurrence of this error is there. It may be of another week, or "
                           "have been removed by age.");

struct Request {
  store::SiteQuery site;
  std::optional<Week> week;  // nothing: whenever
};

Result<Request> read_request(const Fields& fields) {
  for (const char* name : kOfALine) {
    if (!fields.find(name)) return Status(Code::kInvalid, fmt::format("{} is missing.", name));
  }
  Request request;
  request.site = {fields.get("filename"), fields.get("function_name"), fields.get("text"), 0};
  if (request.site.path.empty()) return Status(Code::kInvalid, "filename is missing.");
  const auto line = parse_integer(fields.get("line_number"), 0, UINT32_MAX);
  if (!line) return Status(Code::kInvalid, "line_number must be a whole number.");
  request.site.line_number = static_cast<uint32_t>(*line);
  const std::string timestamp = fields.get("timestamp");
  if (timestamp.empty()) return request;
  ASSIGN_OR_RETURN(Time within, parse_timestamp(timestamp));
  request.week = week_of(within);
  return request;
}

// A mail's link is for its line (whatever became of it) and its item.
bool is_granted(const PageCall& call, const store::Occurrence& row) {
  if (!call.reader.grant) return true;
  const render::Grant& grant = *call.reader.grant;
  if (row.project != grant.project) return false;
  if (grant.item_number != 0 && row.item_number == grant.item_number) return true;
  if (!grant.line || !row.line) return false;
  auto line = call.store.lines().line(grant.line);
  return line && line->id == row.line;
}

// What a link says of a very long line is its start.
bool is_start_of(std::string_view start, const store::Occurrence& row) {
  return row.site_text.compare(0, start.size(), start) == 0;
}

// As the link says; else with another line number, since lines move from release to release; else
// by the start of a long line.
Result<store::Occurrence> find_newest(const PageCall& call, const Request& request) {
  const Week span = request.week.value_or(Week{Time(), call.now + std::chrono::days(2)});
  const store::Visible& visible = call.reader.caller.visible;
  store::SiteQuery site = request.site;
  auto id = call.store.lines().newest_at(visible, site, span.from, span.to);
  if (id.code() == Code::kNotFound && site.line_number != 0) {
    site.line_number = 0;
    id = call.store.lines().newest_at(visible, site, span.from, span.to);
  }
  if (id.code() != Code::kNotFound || request.site.text.size() < kLongText) {
    if (!id) return id.status();
    return call.store.occurrence(visible, *id);
  }
  site = request.site;
  site.text.clear();
  ASSIGN_OR_RETURN(id, call.store.lines().newest_at(visible, site, span.from, span.to));
  ASSIGN_OR_RETURN(auto row, call.store.occurrence(visible, *id));
  if (!is_start_of(request.site.text, row)) return kNothingThere;
  return row;
}

// A link that names no line, not even a part of one, is about an item that blames none.
bool names_no_line(const PageCall& call) {
  const bool named = std::any_of(kOfALine.begin(), kOfALine.end(),
                                 [&](const char* name) { return call.fields.find(name); });
  return !named && call.reader.link && call.reader.link->item_number != 0;
}

Result<store::Occurrence> newest_of_item(const PageCall& call) {
  const store::Visible& visible = call.reader.caller.visible;
  const render::Grant& link = *call.reader.link;
  ASSIGN_OR_RETURN(auto item, call.store.item(visible, link.project, link.item_number, call.now));
  return call.store.occurrence(visible, item.last_occurrence);
}

Result<store::Occurrence> find_occurrence(const PageCall& call, const Request& request) {
  auto row = names_no_line(call) ? newest_of_item(call) : find_newest(call, request);
  if (!row) return row.code() == Code::kNotFound ? kNothingThere : row.status();
  if (!is_granted(call, *row)) return kNothingThere;
  return row;
}

// What was reported, if it is still there.
std::optional<Event> event_of(const PageCall& call, const store::Occurrence& row) {
  if ((row.flags & store::kFlagSampledOut) != 0) return std::nullopt;
  auto event =
      call.parts.bodies.event({row.project, row.report_id, row.body.segment, row.body.offset});
  if (!event) return std::nullopt;
  return std::move(event).value();
}

Result<std::string> project_name(const PageCall& call, ProjectId wanted) {
  ASSIGN_OR_RETURN(auto projects, call.store.projects(call.reader.caller.visible));
  const auto found = std::find_if(projects.begin(), projects.end(),
                                  [&](const auto& project) { return project.id == wanted; });
  return found == projects.end() ? std::string() : found->name;
}

Status fill_item(const PageCall& call, const store::Occurrence& row, render::Incident& incident) {
  ASSIGN_OR_RETURN(auto item, call.store.item(call.reader.caller.visible, row.project,
                                              row.item_number, call.now));
  incident.item_number = item.number;
  incident.title = item.title;
  incident.level = item.level;
  incident.status = store::status_name(item.status);
  incident.count = item.count;
  incident.people = item.people;
  incident.first_seen = item.first_seen;
  return Status::ok();
}

// Of the line: who wrote it, and how often it failed in the span.
Status fill_line(const PageCall& call, const Request& request, const store::Occurrence& row,
                 render::Incident& incident) {
  auto line = call.store.lines().line_of(call.reader.caller.visible, row.id);
  if (!line) return line.code() == Code::kNotFound ? Status::ok() : line.status();
  incident.count = line->count;
  incident.first_seen = line->first_seen;
  if (auto verdict = read_verdict(line->verdict)) incident.verdict = std::move(verdict).value();
  if (!request.week) return Status::ok();
  ASSIGN_OR_RETURN(auto rows, call.store.lines().report(call.reader.caller.visible,
                                                        request.week->from, request.week->to));
  for (const store::LineReport& one : rows) {
    if (one.line.id != line->id || one.project != row.project) continue;
    incident.count = one.count;
    incident.last_seen = one.last_seen;
  }
  return Status::ok();
}

render::IncidentLinks links_from_here(const PageCall& call, const store::Occurrence& row,
                                      const render::Place& place) {
  const render::Links links = links_of(call);
  render::IncidentLinks to;
  to.home = links.home();
  if (!call.reader.caller.token) to.item = links.item(row.project, row.item_number);
  // A mail's reader goes on with what they have: their item may lead to other lines, those to other
  // items, and so on.
  const std::string key = call.reader.grant ? call.reader.key : std::string();
  const bool has_line = !place.path.empty();
  if (has_line && !call.reader.caller.token) to.whitelist = links.whitelist(place, key);
  if (call.reader.grant) to.report = links.report(call.reader.grant->email, key);
  return to;
}

}  // namespace

Result<http::Response> show_traceback(const PageCall& call) {
  ASSIGN_OR_RETURN(const Request request, names_no_line(call) ? Result<Request>(Request())
                                                              : read_request(call.fields));
  ASSIGN_OR_RETURN(const store::Occurrence row, find_occurrence(call, request));
  render::TracebackPage page;
  page.occurred_at = row.occurred_at.value_or(row.received_at);
  render::Incident& incident = page.incident;
  incident.last_seen = row.received_at;
  ASSIGN_OR_RETURN(incident.project, project_name(call, row.project));
  RETURN_IF_ERROR(fill_item(call, row, incident));
  RETURN_IF_ERROR(fill_line(call, request, row, incident));
  incident.environment = row.environment;
  incident.release = row.release;
  incident.host = row.host;
  incident.place = {row.site_path, row.site_function, row.site_text, row.site_line};
  incident.links = links_from_here(call, row, incident.place);
  const std::optional<Event> event = event_of(call, row);
  incident.event = event ? &*event : nullptr;
  return html_reply(200, render::traceback_page(page));
}

}  // namespace flawless::api
