// How the server is: for people and programs that read JSON and for Prometheus; and the API's own
// description.
#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "api/metrics.h"
#include "api/openapi.h"
#include "api/reply.h"
#include "api/v2/route.h"
#include "api/v2/rows.h"

namespace flawless::api {
namespace {

constexpr auto kRefusalWindow = std::chrono::days(7);

void write_journal(JsonWriter& json, const SystemHealth::Journal& journal) {
  json.key("journal").object().field("writable", journal.writable);
  json.field("first_sequence", journal.first_sequence);
  json.field("last_sequence", journal.last_sequence);
  json.field("segments", journal.segments).field("bytes_on_disk", journal.bytes_on_disk);
  json.field("records", journal.records).field("syncs", journal.syncs);
  json.field("failed_syncs", journal.failed_syncs).field("refused", journal.refused);
  json.field("torn_bytes_at_open", journal.torn_bytes_at_open);
  json.field("queued_records", journal.queued_records);
  json.field("queued_bytes", journal.queued_bytes);
  json.field("fault", journal.fault).end();
}

void write_intake(JsonWriter& json, const SystemHealth::Intake& intake) {
  json.key("intake").object().field("accepted", intake.accepted);
  json.field("refused", intake.refused).field("wire_bytes", intake.wire_bytes);
  json.field("inflated_bytes", intake.inflated_bytes);
  json.field("cpu_seconds", intake.cpu_seconds).end();
}

void write_digest(JsonWriter& json, const SystemHealth::Digest& digest) {
  json.key("digest").object().field("store_open", digest.store_open);
  json.field("digested", digest.digested).field("duplicates", digest.duplicates);
  json.field("reread", digest.reread).field("quarantined", digest.quarantined);
  json.field("batches", digest.batches).field("lag", digest.lag);
  json.field("handed_over", digest.handed_over);
  json.field("oldest_seconds", digest.oldest_seconds).field("cpu_seconds", digest.cpu_seconds);
  json.field("fault", digest.fault).end();
}

void write_store(JsonWriter& json, const store::StoreHealth& store) {
  json.key("store").object().field("projects", store.projects).field("items", store.items);
  json.field("occurrences", store.occurrences).field("database_bytes", store.database_bytes);
  json.field("wal_bytes", store.wal_bytes).field("batches", store.batches);
  json.field("failed_batches", store.failed_batches).field("quarantined", store.quarantined);
  json.field("fault", store.fault).end();
}

void write_blame(JsonWriter& json, const SystemHealth::Blame& blame) {
  json.key("blame").object().field("waiting", blame.waiting).field("decided", blame.decided);
  json.field("failed", blame.failed).field("ignored", blame.ignored);
  json.field("last_error", blame.last_error).end();
}

void write_mail(JsonWriter& json, const SystemHealth::Mail& mail) {
  json.key("mail").object().field("configured", mail.configured).field("queued", mail.queued);
  json.field("sending", mail.sending).field("sent", mail.sent).field("failed", mail.failed);
  json.field("last_error", mail.last_error);
  write_time(json, "last_sent_at", mail.last_sent_at);
  json.key("undeliverable").array();
  for (const store::Undeliverable& one : mail.undeliverable) {
    json.object().field("recipient", one.recipient).field("count", one.count);
    write_time(json, "last_at", one.last_at);
    json.field("error", one.error).end();
  }
  json.end();
  json.end();
}

void write_http(JsonWriter& json, const http::Stats& http) {
  json.key("http").object().field("connections_open", http.connections_open);
  json.field("connections_total", http.connections_total).field("requests", http.requests);
  json.field("timeouts", http.timeouts).field("too_large", http.too_large);
  json.field("malformed", http.malformed).field("shed", http.shed).end();
}

// One row per project and reason, whatever the store's own granularity is.
std::vector<store::Refusal> totals(const std::vector<store::Refusal>& refusals) {
  std::map<std::pair<int64_t, std::string>, store::Refusal> sums;
  for (const store::Refusal& one : refusals) {
    auto [at, added] = sums.try_emplace({one.project.v, one.reason}, one);
    if (added) continue;
    at->second.count += one.count;
    at->second.last_at = std::max(at->second.last_at, one.last_at);
  }
  std::vector<store::Refusal> rows;
  for (auto& [key, sum] : sums) rows.push_back(std::move(sum));
  return rows;
}

Result<std::vector<store::Refusal>> refusals_since(const Call& call, Time since) {
  ASSIGN_OR_RETURN(auto refusals, call.store->refusals(call.caller.visible, since));
  if (!call.parts.unstored_refusals) return totals(refusals);
  const store::Visible& visible = call.caller.visible;
  for (store::Refusal& one : call.parts.unstored_refusals()) {
    if (visible.all || visible.includes(one.project)) refusals.push_back(std::move(one));
  }
  return totals(refusals);
}

void write_refusals(JsonWriter& json, const std::vector<store::Refusal>& refusals) {
  json.key("refusals").array();
  for (const store::Refusal& refusal : refusals) {
    json.object();
    write_id(json, "project", refusal.project.v);
    json.field("reason", refusal.reason).field("count", refusal.count);
    write_time(json, "last_at", refusal.last_at);
    json.end();
  }
  json.end();
}

// Reports that could not be digested, of the projects the caller may see; all of them for a token
// of all projects.
Result<std::vector<store::Quarantined>> visible_quarantine(const Call& call) {
  if (call.caller.visible.all) return call.store->quarantined();
  std::vector<store::Quarantined> all;
  for (const ProjectId project : call.caller.visible.projects) {
    ASSIGN_OR_RETURN(const auto rows, call.store->quarantined({.project = project}));
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

Status write_quarantine(JsonWriter& json, const Call& call) {
  ASSIGN_OR_RETURN(const auto rows, visible_quarantine(call));
  json.key("quarantine").array();
  for (const store::Quarantined& row : rows) {
    json.object().field("sequence", row.sequence);
    write_id(json, "project", row.project.v);
    write_time(json, "at", row.at);
    json.field("reason", row.reason).end();
  }
  json.end();
  return Status::ok();
}

void write_head(JsonWriter& json, const SystemHealth& health) {
  json.field("ok", health.ok()).key("faults").array();
  for (const std::string& fault : health.faults) json.value(fault);
  json.end().field("version", health.version).field("uptime_seconds", health.uptime_seconds);
}

// Everything there is to know of the machine and of all projects together.
void write_system(JsonWriter& json, const Call& call, const SystemHealth& health) {
  json.key("notices").array();
  for (const std::string& notice : health.notices) json.value(notice);
  json.end();
  json.field("disk_free_bytes", health.disk_free_bytes);
  json.field("memory_bytes", process_usage().resident_bytes);
  json.key("api").object().field("waiting", call.parts.pool.waiting());
  json.field("streams", call.parts.changes ? call.parts.changes->streams() : size_t{0}).end();
  write_intake(json, health.intake);
  write_journal(json, health.journal);
  write_digest(json, health.digest);
  write_store(json, health.store);
  write_blame(json, health.blame);
  write_mail(json, health.mail);
  write_http(json, health.http);
}

// What one project's people have to know: whether the server is well, and how far behind it is.
SystemHealth for_one_project(const SystemHealth& all) {
  SystemHealth health;
  if (!all.ok()) {
    health.faults.push_back("Something is wrong with the server; its administrator sees what.");
  }
  health.version = all.version;
  health.uptime_seconds = all.uptime_seconds;
  return health;
}

void write_lag(JsonWriter& json, const SystemHealth::Digest& digest) {
  json.key("digest").object().field("store_open", digest.store_open).field("lag", digest.lag);
  json.field("oldest_seconds", digest.oldest_seconds).end();
}

Result<http::Response> get_health(const Call& call) {
  Time since = call.now - kRefusalWindow;
  ASSIGN_OR_RETURN(auto refusals, refusals_since(call, since));
  const SystemHealth health = call.parts.health();
  JsonWriter json;
  json.object();
  if (call.caller.sees_system()) {
    write_head(json, health);
    write_system(json, call, health);
  } else {
    write_head(json, for_one_project(health));
    write_lag(json, health.digest);
  }
  write_time(json, "refusals_since", since);
  write_refusals(json, refusals);
  RETURN_IF_ERROR(write_quarantine(json, call));
  json.end();
  return json_reply(json.take());
}

Result<http::Response> get_metrics(const Call& call) {
  if (!call.caller.sees_system()) {
    return Status(Code::kDenied,
                  "Metrics are of the whole server: they need a token of all projects.");
  }
  ASSIGN_OR_RETURN(auto refusals, refusals_since(call, Time()));
  return text_reply(200, metrics_text(call.parts.health(), process_usage(), refusals),
                    kMetricsType);
}

// --- repositories ---

void write_repository(JsonWriter& json, const RepositoryStatus& one) {
  json.object().field("name", one.name).field("url", one.url).field("state", one.state);
  json.field("progress", one.progress).field("tip", one.tip);
  write_time(json, "last_success", one.last_success);
  json.field("error", one.error).key("projects").array();
  for (const std::string& project : one.projects) json.value(project);
  json.end().end();
}

Result<http::Response> get_repositories(const Call& call) {
  if (!call.caller.visible.all) {
    return Status(Code::kDenied,
                  "Repositories are of all projects: sign in, or use a token of all.");
  }
  JsonWriter json;
  json.object().key("repositories").array();
  if (call.parts.repositories) {
    for (const RepositoryStatus& one : call.parts.repositories()) write_repository(json, one);
  }
  json.end();
  write_next(json, {});
  json.end();
  return json_reply(json.take());
}

// --- quarantine ---

Status allow(const Call& call, bool allowed, std::string_view what) {
  if (!allowed) return {Code::kDenied, std::string(what)};
  if (!call.parts.administer) return {Code::kUnavailable, "Nothing is administered here."};
  return Status::ok();
}

Result<http::Response> get_quarantine(const Call& call) {
  RETURN_IF_ERROR(allow(call, call.caller.sees_system(),
                        "The quarantine is of all projects: administrators see it, and tokens of "
                        "all projects."));
  ASSIGN_OR_RETURN(std::string project, call.query.text("project"));
  ASSIGN_OR_RETURN(std::string cursor, call.query.text("cursor"));
  ASSIGN_OR_RETURN(int64_t limit, call.query.integer("limit", 1, 200, 50));
  JsonWriter json;
  json.object().field_if("project", project).field_if("cursor", cursor).field("limit", limit);
  json.end();
  ASSIGN_OR_RETURN(std::string reply, call.parts.administer("quarantine.list", json.text()));
  return json_reply(std::move(reply));
}

Result<http::Response> retry_quarantined(const Call& call) {
  RETURN_IF_ERROR(allow(call, call.caller.administers(),
                        "Reports are tried again by administrators, and with write tokens of all "
                        "projects."));
  ASSIGN_OR_RETURN(std::string_view body, small_body(call));
  ASSIGN_OR_RETURN(std::string reply, call.parts.administer("quarantine.retry", body));
  return json_reply(std::move(reply));
}

Result<http::Response> get_openapi(const Call&) { return json_reply(std::string(openapi_json())); }

}  // namespace

std::vector<Route> system_routes() {
  using enum http::Method;
  constexpr auto kRead = store::Scope::kRead;
  constexpr auto kProbe = Pool::Lane::kProbe;
  return {
      {kGet, "/api/2/health", kRead, {}, get_health, kProbe},
      {kGet, "/api/2/repositories", kRead, {}, get_repositories},
      {kGet, "/api/2/system/quarantine", kRead, {"project", "cursor", "limit"}, get_quarantine},
      {kPost, "/api/2/system/quarantine/retry", store::Scope::kWrite, {}, retry_quarantined},
      {kGet, "/api/2/openapi.json", std::nullopt, {}, get_openapi},
      {kGet, "/metrics", kRead, {}, get_metrics, kProbe},
  };
}

}  // namespace flawless::api
