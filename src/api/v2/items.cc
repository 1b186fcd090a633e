#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "api/json_in.h"
#include "api/reply.h"
#include "api/v2/route.h"
#include "api/v2/rows.h"

namespace flawless::api {
namespace {

using std::chrono::hours;

constexpr int kDayHours = 24;
constexpr int kMostHourlyHours = 7 * kDayHours;  // longer trends are by day
constexpr int kMostTrendHours = 90 * kDayHours;

constexpr std::array<std::pair<std::string_view, store::ItemSort>, 5> kSorts{
    {{"last_seen", store::ItemSort::kLastSeen},
     {"first_seen", store::ItemSort::kFirstSeen},
     {"count", store::ItemSort::kCount},
     {"people", store::ItemSort::kPeople},
     {"level", store::ItemSort::kLevel}}};

Status bad_level(std::string_view value) {
  return {Code::kInvalid,
          fmt::format("level must be debug, info, warning, error or critical, not '{}'.", value)};
}

Status bad_status(std::string_view value) {
  return {Code::kInvalid,
          fmt::format("status must be active, resolved, muted or archived, not '{}'.", value)};
}

Status read_sort(const Query& parameters, store::ItemQuery& query) {
  ASSIGN_OR_RETURN(std::string sort, parameters.text("sort"));
  if (sort.empty()) return Status::ok();
  query.ascending = sort.front() != '-';
  std::string_view key = std::string_view(sort).substr(query.ascending ? 0 : 1);
  auto found = std::find_if(kSorts.begin(), kSorts.end(),
                            [&](const auto& known) { return known.first == key; });
  if (found == kSorts.end()) {
    return {Code::kInvalid,
            fmt::format("sort must be last_seen, first_seen, count, people or level, with '-' in "
                        "front for descending, not '{}'.",
                        sort)};
  }
  query.sort = found->second;
  return Status::ok();
}

Status read_filters(const Query& parameters, store::ItemQuery& query) {
  for (const std::string& name : parameters.list("level")) {
    auto level = parse_level(name);
    if (!level) return bad_level(name);
    query.levels.push_back(*level);
  }
  for (const std::string& name : parameters.list("status")) {
    auto status = store::parse_status(name);
    if (!status) return bad_status(name);
    query.statuses.push_back(*status);
  }
  query.environments = parameters.list("environment");
  ASSIGN_OR_RETURN(query.release, parameters.text("release"));
  ASSIGN_OR_RETURN(query.developer, parameters.text("developer"));
  ASSIGN_OR_RETURN(query.text, parameters.text("q"));
  ASSIGN_OR_RETURN(query.seen_after, parameters.time("seen_after"));
  return Status::ok();
}

Result<store::ItemQuery> read_query(const Query& parameters, ProjectId project) {
  store::ItemQuery query;
  query.project = project;
  RETURN_IF_ERROR(read_filters(parameters, query));
  RETURN_IF_ERROR(read_sort(parameters, query));
  ASSIGN_OR_RETURN(query.cursor, parameters.text("cursor"));
  ASSIGN_OR_RETURN(int64_t limit, parameters.integer("limit", 1, 200, 50));
  query.limit = static_cast<uint32_t>(limit);
  return query;
}

Result<http::Response> list_items(const Call& call) {
  ASSIGN_OR_RETURN(auto project, project_of(call));
  ASSIGN_OR_RETURN(auto query, read_query(call.query, project.id));
  ASSIGN_OR_RETURN(auto page, call.store->items(call.caller.visible, query, call.now));
  JsonWriter json;
  json.object().key("items").array();
  for (const store::Item& item : page.rows) write_item(json, item);
  json.end();
  write_next(json, page.next);
  json.end();
  return json_reply(json.take());
}

void write_keys(JsonWriter& json, const store::Item& item) {
  json.key("grouping").array();
  for (const auto& key : item.keys) {
    json.object().field("algorithm", key.algorithm).field("hash", key.hash_hex);
    json.field("reason", key.reason).field("canonical", key.canonical).end();
  }
  json.end();
}

void write_facets(JsonWriter& json, const std::vector<store::Facet>& facets) {
  json.key("facets").array();
  for (const auto& facet : facets) {
    json.object().field("kind", facet.kind).key("values").array();
    for (const auto& [value, count] : facet.values) {
      json.object().field("value", value).field("count", count).end();
    }
    json.end().end();
  }
  json.end();
}

// "line": what is known of the line that the newest occurrence blames; null if it blames none.
Status write_line_of(JsonWriter& json, const Call& call, const store::Item& item) {
  json.key("line");
  auto line = call.store->lines().line_of(call.caller.visible, item.last_occurrence);
  if (!line && line.code() != Code::kNotFound) return line.status();
  if (line) {
    write_line(json, *line);
  } else {
    json.null();
  }
  return Status::ok();
}

void write_history(JsonWriter& json, const std::vector<store::ItemEvent>& history) {
  json.key("history").array();
  for (const store::ItemEvent& event : history) {
    json.object();
    write_time(json, "at", event.at);
    json.field("kind", event.kind).field("by", event.by).field("detail", event.detail).end();
  }
  json.end();
}

// One item with all that is known of it.
Result<http::Response> show_item(const Call& call, ProjectId project, int64_t number) {
  ASSIGN_OR_RETURN(auto item, call.store->item(call.caller.visible, project, number, call.now));
  ASSIGN_OR_RETURN(auto facets, call.store->facets(call.caller.visible, project, number));
  ASSIGN_OR_RETURN(auto history, call.store->history(call.caller.visible, project, number));
  JsonWriter json;
  json.object();
  write_item_members(json, item);
  write_keys(json, item);
  write_facets(json, facets);
  RETURN_IF_ERROR(write_line_of(json, call, item));
  write_history(json, history);
  json.end();
  return json_reply(json.take());
}

Result<http::Response> get_item(const Call& call) {
  ASSIGN_OR_RETURN(auto project, project_of(call));
  ASSIGN_OR_RETURN(int64_t number, item_number_of(call));
  return show_item(call, project.id, number);
}

// The only member that can be changed so far.
Result<store::ItemStatus> read_patch(std::string_view body) {
  Arena arena;
  ASSIGN_OR_RETURN(Value value, read_json(body, arena));
  ObjectReader reader(value);
  std::string_view name = reader.required_string("status");
  RETURN_IF_ERROR(reader.finish());
  if (auto status = store::parse_status(name)) return *status;
  return bad_status(name);
}

Result<http::Response> patch_item(const Call& call) {
  ASSIGN_OR_RETURN(auto project, project_of(call));
  ASSIGN_OR_RETURN(int64_t number, item_number_of(call));
  ASSIGN_OR_RETURN(std::string_view body, small_body(call));
  ASSIGN_OR_RETURN(auto status, read_patch(body));
  auto changed = call.store->set_status(call.caller.visible, project.id, number, status,
                                        call.caller.name, call.now);
  if (!changed) return changed.status();
  if (call.parts.changes) {
    call.parts.changes->publish({Change::Kind::kStatus, project.id, number, {}});
  }
  return show_item(call, project.id, number);
}

struct TrendWindow {
  Time from;
  int step_hours = 1;
  int buckets = kDayHours;
};

// The last bucket ends with the running hour.
TrendWindow trend_window(Time now, int64_t asked_hours) {
  TrendWindow window;
  window.step_hours = asked_hours > kMostHourlyHours ? kDayHours : 1;
  window.buckets = static_cast<int>((asked_hours + window.step_hours - 1) / window.step_hours);
  Time end = std::chrono::floor<hours>(now) + hours(1);
  window.from = end - hours(window.step_hours) * window.buckets;
  return window;
}

Result<http::Response> get_trend(const Call& call) {
  ASSIGN_OR_RETURN(auto project, project_of(call));
  ASSIGN_OR_RETURN(int64_t number, item_number_of(call));
  ASSIGN_OR_RETURN(int64_t asked, call.query.integer("hours", 1, kMostTrendHours, kDayHours));
  TrendWindow window = trend_window(call.now, asked);
  ASSIGN_OR_RETURN(auto counts, call.store->trend(call.caller.visible, project.id, number,
                                                  window.from, window.step_hours, window.buckets));
  JsonWriter json;
  json.object();
  write_time(json, "from", window.from);
  json.field("step_hours", window.step_hours).key("counts").array();
  for (uint64_t count : counts) json.value(count);
  json.end().end();
  return json_reply(json.take());
}

}  // namespace

Result<int64_t> item_number_of(const Call& call) {
  const std::string& number = call.params.get("number");
  if (auto parsed = parse_integer(number, 1, INT64_MAX)) return *parsed;
  return Status(Code::kInvalid,
                fmt::format("An item's number is a whole number from 1, not '{}'.", number));
}

std::vector<Route> item_routes() {
  using enum http::Method;
  constexpr auto kRead = store::Scope::kRead;
  constexpr auto kWrite = store::Scope::kWrite;
  return {
      {kGet,
       "/api/2/projects/:project/items",
       kRead,
       {"level", "status", "environment", "release", "developer", "q", "seen_after", "sort",
        "cursor", "limit"},
       list_items},
      {kGet, "/api/2/projects/:project/items/:number", kRead, {}, get_item},
      {kPatch, "/api/2/projects/:project/items/:number", kWrite, {}, patch_item},
      {kGet, "/api/2/projects/:project/items/:number/trend", kRead, {"hours"}, get_trend},
  };
}

}  // namespace flawless::api
