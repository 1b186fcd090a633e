#include <fmt/format.h>

#include "api/reply.h"
#include "api/v2/route.h"
#include "api/v2/rows.h"
#include "base/log.h"

namespace flawless::api {
namespace {

Result<store::OccurrenceQuery> read_query(const Query& parameters, ProjectId project) {
  store::OccurrenceQuery query;
  query.project = project;
  ASSIGN_OR_RETURN(query.environment, parameters.text("environment"));
  ASSIGN_OR_RETURN(query.release, parameters.text("release"));
  ASSIGN_OR_RETURN(query.host, parameters.text("host"));
  ASSIGN_OR_RETURN(query.person, parameters.text("person"));
  ASSIGN_OR_RETURN(query.cursor, parameters.text("cursor"));
  ASSIGN_OR_RETURN(int64_t limit, parameters.integer("limit", 1, 200, 50));
  query.limit = static_cast<uint32_t>(limit);
  return query;
}

Result<http::Response> show_page(const Call& call, const store::OccurrenceQuery& query) {
  ASSIGN_OR_RETURN(auto page, call.store->occurrences(call.caller.visible, query));
  JsonWriter json;
  json.object().key("occurrences").array();
  for (const store::Occurrence& row : page.rows) write_occurrence(json, row);
  json.end();
  write_next(json, page.next);
  json.end();
  return json_reply(json.take());
}

Result<http::Response> list_of_project(const Call& call) {
  ASSIGN_OR_RETURN(auto project, project_of(call));
  ASSIGN_OR_RETURN(auto query, read_query(call.query, project.id));
  return show_page(call, query);
}

Result<http::Response> list_of_item(const Call& call) {
  ASSIGN_OR_RETURN(auto project, project_of(call));
  ASSIGN_OR_RETURN(auto query, read_query(call.query, project.id));
  ASSIGN_OR_RETURN(query.item_number, item_number_of(call));
  return show_page(call, query);
}

Result<store::Occurrence> occurrence_of(const Call& call) {
  const std::string& text = call.params.get("id");
  auto id = parse_integer(text, 1, INT64_MAX);
  if (!id) {
    return Status(Code::kInvalid,
                  fmt::format("An occurrence's id is a whole number from 1, not '{}'.", text));
  }
  return call.store->occurrence(call.caller.visible, {*id});
}

body::Place place_of(const store::Occurrence& row) {
  return {row.project, row.report_id, row.body.segment, row.body.offset};
}

bool sampled_out(const store::Occurrence& row) { return (row.flags & store::kFlagSampledOut) != 0; }
Status only_counted() {
  return {Code::kNotFound,
          "the report was counted but not kept whole: over the soft quota of its token only a "
          "sample of each item is"};
}

void write_body(JsonWriter& json, const store::Occurrence& row, const Result<Event>& event) {
  json.key("body").object().field("available", event.is_ok());
  json.field_if("reason", event.is_ok() ? std::string_view() : event.message());
  json.end().key("event");
  if (event) {
    write_event(json, *event);
    return;
  }
  json.null();
  if (event.code() != Code::kNotFound) {
    log_error("api", "body of occurrence {}: {}", row.id.v, event.message());
  }
}

// The row and, if the body is still there, all that was reported.
http::Response show_occurrence(const Call& call, const store::Occurrence& row) {
  Result<Event> event =
      sampled_out(row) ? Result<Event>(only_counted()) : call.parts.bodies.event(place_of(row));
  JsonWriter json;
  json.object();
  write_occurrence_members(json, row);
  write_id(json, "previous", row.previous.value_or(OccurrenceId()).v);
  write_id(json, "next", row.next.value_or(OccurrenceId()).v);
  write_body(json, row, event);
  json.end();
  return json_reply(json.take());
}

Result<http::Response> get_occurrence(const Call& call) {
  ASSIGN_OR_RETURN(auto row, occurrence_of(call));
  return show_occurrence(call, row);
}

Result<http::Response> get_raw(const Call& call) {
  ASSIGN_OR_RETURN(auto row, occurrence_of(call));
  if (sampled_out(row)) return error_reply(410, "body_gone", only_counted().message());
  auto raw = call.parts.bodies.raw_json(place_of(row));
  if (raw.code() == Code::kNotFound) {
    return error_reply(410, "body_gone", raw.message());
  }
  if (raw.code() == Code::kCorrupt) {
    log_error("api", "body of occurrence {}: {}", row.id.v, raw.message());
    return error_reply(410, "body_damaged", raw.message());
  }
  if (!raw) return raw.status().with_context(fmt::format("occurrence {}", row.id.v));
  return json_reply(std::move(raw).value());
}

// Its sender was told that it is kept: it is, though it is no occurrence.
Result<http::Response> show_missing(const Call& call, ProjectId project, const ReportId& id) {
  auto aside = call.store->quarantined_report(call.caller.visible, project, id);
  if (aside) {
    return error_reply(
        404, "set_aside",
        fmt::format("This report was received and is set aside, since it could not be digested: "
                    "{}. `flawless quarantine retry {}` tries it again.",
                    aside->reason, aside->sequence));
  }
  if (aside.code() != Code::kNotFound) return aside.status();
  return Status(Code::kNotFound,
                "No occurrence of this project has that id. A report that was just accepted is "
                "there within a second or two.");
}

Result<http::Response> find_report(const Call& call) {
  ASSIGN_OR_RETURN(auto project, project_of(call));
  ReportId id = ReportId::from_client(call.params.get("uuid"));
  auto found = call.store->occurrence_by_report(call.caller.visible, project.id, id);
  if (found.code() == Code::kNotFound) return show_missing(call, project.id, id);
  if (!found) return found.status();
  ASSIGN_OR_RETURN(auto row, call.store->occurrence(call.caller.visible, found->id));
  return show_occurrence(call, row);
}

}  // namespace

std::vector<Route> occurrence_routes() {
  using enum http::Method;
  constexpr auto kRead = store::Scope::kRead;
  const std::vector<std::string_view> filters = {"environment", "release", "host",
                                                 "person",      "cursor",  "limit"};
  return {
      {kGet, "/api/2/projects/:project/occurrences", kRead, filters, list_of_project},
      {kGet, "/api/2/projects/:project/items/:number/occurrences", kRead, filters, list_of_item},
      {kGet, "/api/2/projects/:project/reports/:uuid", kRead, {}, find_report},
      {kGet, "/api/2/occurrences/:id", kRead, {}, get_occurrence},
      {kGet, "/api/2/occurrences/:id/raw", kRead, {}, get_raw},
  };
}

}  // namespace flawless::api
