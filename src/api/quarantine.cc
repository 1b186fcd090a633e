#include "api/quarantine.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "api/json_in.h"
#include "api/query.h"
#include "api/v2/rows.h"
#include "base/json_writer.h"
#include "render/links.h"

namespace flawless::api {
namespace {

using store::Quarantined;
using store::Retried;

constexpr store::Visible kEverything{.all = true, .projects = {}};
constexpr int64_t kMostRows = 1000, kRows = 200;

// An id need not be of a project that exists: this may be why its reports are here.
Result<ProjectId> read_project(store::Store& store, const Value* wanted) {
  if (wanted == nullptr) return ProjectId{};
  if (wanted->kind == Value::Kind::kInt) return ProjectId{wanted->integer};
  if (!wanted->is_string()) return {Code::kInvalid, "'project' must be an id or a name"};
  if (auto id = parse_integer(wanted->text, 1, INT64_MAX)) return ProjectId{*id};
  ASSIGN_OR_RETURN(const auto projects, store.projects(kEverything));
  for (const store::Project& project : projects) {
    if (project.name == wanted->text) return project.id;
  }
  return {Code::kNotFound, fmt::format("there is no project '{}'", wanted->text)};
}

Result<uint64_t> read_cursor(std::optional<std::string_view> text) {
  const auto sequence = parse_integer(text.value_or("0"), 0, INT64_MAX);
  if (!sequence) return {Code::kInvalid, "'cursor' must be the 'next' of a page"};
  return static_cast<uint64_t>(*sequence);
}

void write_row(JsonWriter& json, const Quarantined& row, std::optional<uint64_t> oldest_record) {
  json.object().field("sequence", row.sequence);
  write_id(json, "project", row.project.v);
  json.key("uuid");
  row.report_id.is_zero() ? json.null() : json.value(row.report_id.dashed());
  write_time(json, "at", row.at);
  json.field("reason", row.reason).key("body_available");
  oldest_record ? json.value(row.sequence >= *oldest_record) : json.null();
  json.end();
}

// One more than fits was asked for, to see whether there are more.
std::string cut_to(size_t limit, std::vector<Quarantined>& rows) {
  if (rows.size() <= limit) return {};
  rows.resize(limit);
  return std::to_string(rows.back().sequence);
}

Result<std::vector<uint64_t>> read_sequences(const Value& given) {
  const Status wrong(Code::kInvalid, "'sequences' must be an array of the list's numbers");
  if (!given.is_array() || given.members.empty()) return wrong;
  if (given.members.size() > kMostRetries) {
    return {Code::kInvalid, fmt::format("at most {} sequences at once", kMostRetries)};
  }
  std::vector<uint64_t> sequences;
  for (const Member& one : given.members) {
    if (one.value.kind != Value::Kind::kInt || one.value.integer < 1) return wrong;
    const auto sequence = static_cast<uint64_t>(one.value.integer);
    if (std::find(sequences.begin(), sequences.end(), sequence) == sequences.end()) {
      sequences.push_back(sequence);
    }
  }
  return sequences;
}

// What a call is to try, and where the next one goes on.
struct Chosen {
  bool all = false;
  std::vector<uint64_t> sequences;
  std::string next;
};

Result<Chosen> choose(store::Store& store, const Value& arguments) {
  ObjectReader reader(arguments);
  const Value* given = reader.member("sequences");
  Chosen chosen;
  chosen.all = reader.boolean("all").value_or(false);
  const auto cursor = reader.string("cursor");
  RETURN_IF_ERROR(reader.finish());
  if (chosen.all == (given != nullptr)) {
    return {Code::kInvalid, "give either 'sequences', or 'all' as true"};
  }
  if (given != nullptr && cursor) return {Code::kInvalid, "'cursor' goes with 'all'"};
  if (given != nullptr) {
    ASSIGN_OR_RETURN(chosen.sequences, read_sequences(*given));
    return chosen;
  }
  ASSIGN_OR_RETURN(const uint64_t after, read_cursor(cursor));
  ASSIGN_OR_RETURN(auto rows, store.quarantined({.after = after, .limit = kMostRetries + 1}));
  chosen.next = cut_to(kMostRetries, rows);
  for (const Quarantined& row : rows) chosen.sequences.push_back(row.sequence);
  return chosen;
}

bool is_waiting(const Retried& one) { return one.outcome == Retried::Outcome::kWaiting; }

// Of all: what was not tried in time is the next call's.
void leave_waiting(std::vector<Retried>& retried, std::string& next) {
  const auto waiting = std::find_if(retried.begin(), retried.end(), is_waiting);
  if (waiting == retried.end() || waiting == retried.begin()) return;
  next = std::to_string(std::prev(waiting)->sequence);
  retried.erase(waiting, retried.end());
}

void write_stored(JsonWriter& json, const Retried& one, const render::Links& links) {
  const store::Applied& applied = one.applied;
  json.field("duplicate", applied.duplicate);
  write_id(json, "item", applied.item_number);
  write_id(json, "occurrence", applied.occurrence.v);
  json.key("url");
  applied.item_number == 0 ? json.null()
                           : json.value(links.item(one.project, applied.item_number));
}

void write_retried(JsonWriter& json, const Retried& one, const render::Links& links) {
  json.object().field("sequence", one.sequence).field("result", store::outcome_name(one.outcome));
  write_id(json, "project", one.project.v);
  if (one.outcome == Retried::Outcome::kStored) {
    write_stored(json, one, links);
  } else {
    json.field("reason", one.reason);
  }
  json.end();
}

}  // namespace

Result<std::string> list_quarantine(store::Store& store, const QuarantineParts& parts,
                                    const Value& arguments) {
  ObjectReader reader(arguments);
  const Value* wanted = reader.member("project");
  const int64_t limit = reader.integer("limit").value_or(kRows);
  const auto cursor = reader.string("cursor");
  RETURN_IF_ERROR(reader.finish());
  if (limit < 1 || limit > kMostRows) {
    return {Code::kInvalid, fmt::format("'limit' must be from 1 to {}", kMostRows)};
  }
  store::QuarantineQuery query;
  query.limit = static_cast<uint32_t>(limit) + 1;
  ASSIGN_OR_RETURN(query.project, read_project(store, wanted));
  ASSIGN_OR_RETURN(query.after, read_cursor(cursor));
  ASSIGN_OR_RETURN(auto rows, store.quarantined(query));
  const std::string next = cut_to(static_cast<size_t>(limit), rows);
  std::optional<uint64_t> oldest;
  if (parts.oldest_record) oldest = parts.oldest_record();
  JsonWriter json;
  json.object().key("quarantine").array();
  for (const Quarantined& row : rows) write_row(json, row, oldest);
  json.end();
  write_next(json, next);
  json.end();
  return json.take();
}

Result<std::string> retry_quarantine(store::Store& store, const QuarantineParts& parts,
                                     std::string_view public_url, const Value& arguments) {
  ASSIGN_OR_RETURN(Chosen chosen, choose(store, arguments));
  if (!parts.retry) {
    return {Code::kUnavailable,
            "only a running server tries reports again, and none runs on this data: start it with "
            "`flawless start`, then say this again"};
  }
  std::vector<Retried> retried;
  if (!chosen.sequences.empty()) {
    ASSIGN_OR_RETURN(retried, parts.retry(std::move(chosen.sequences)));
  }
  if (chosen.all) leave_waiting(retried, chosen.next);
  const render::Links links{std::string(public_url)};
  JsonWriter json;
  json.object().key("retried").array();
  for (const Retried& one : retried) write_retried(json, one, links);
  json.end();
  write_next(json, chosen.next);
  json.end();
  return json.take();
}

}  // namespace flawless::api
