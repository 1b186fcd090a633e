#include "server/health.h"

#include <dirent.h>
#include <fmt/format.h>

#include <fstream>
#include <string>

namespace flawless::server {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

void fill_journal(const journal::Health& from, api::SystemHealth& health) {
  health.journal = {.writable = from.writable,
                    .fault = from.fault,
                    .last_sequence = from.last_sequence,
                    .first_sequence = from.first_sequence,
                    .segments = from.segments,
                    .bytes_on_disk = from.bytes_on_disk,
                    .records = from.records,
                    .syncs = from.syncs,
                    .failed_syncs = from.failed_syncs,
                    .refused = from.refused,
                    .torn_bytes_at_open = from.torn_bytes_at_open.value_or(0),
                    .queued_records = from.queued_records,
                    .queued_bytes = from.queued_bytes};
  if (!from.writable) {
    health.faults.push_back(
        fmt::format("reports are answered 503: the journal cannot be written: {}", from.fault));
  } else if (!from.fault.empty()) {
    health.notices.push_back(from.fault);  // damage: taking the server out would only lose more
  }
}

void fill_intake(const intake::IntakeStats& from, api::SystemHealth& health) {
  health.intake = {.accepted = from.accepted,
                   .refused = from.refused,
                   .wire_bytes = from.wire_bytes,
                   .inflated_bytes = from.inflated_bytes,
                   .cpu_seconds = thread_cpu_seconds("http") + thread_cpu_seconds("journal")};
}

void fill_digest(const digest::Digest& from, Time now, api::SystemHealth& health) {
  const digest::DigestStats& stats = from.stats();
  api::SystemHealth::Digest& out = health.digest;
  out.digested = stats.digested;
  out.duplicates = stats.duplicates;
  out.reread = stats.reread;
  out.quarantined = stats.quarantined;
  out.batches = stats.batches;
  uint64_t stored = stats.stored_sequence;
  out.lag = health.journal.last_sequence > stored ? health.journal.last_sequence - stored : 0;
  int64_t received_ms = stats.stored_received_ms;
  if (out.lag > 0 && received_ms > 0) {
    out.oldest_seconds = static_cast<double>(unix_ms(now) - received_ms) / 1000;
  }
  out.cpu_seconds = thread_cpu_seconds("digest");
  out.fault = from.fault();
  if (!out.fault.empty())
    health.faults.push_back(fmt::format("digestion is held up: {}", out.fault));
  if (std::string notice = from.notice(); !notice.empty()) {
    health.notices.push_back(std::move(notice));
  }
  if (stats.lost > 0) {
    health.notices.push_back(
        fmt::format("{} accepted reports could not be read back from the journal (disk error?)",
                    stats.lost.load()));
  }
}

// No fault: what is accepted from now on is digested, and a load balancer cannot help.
void note_quarantine(api::SystemHealth& health) {
  const uint64_t count = health.store.quarantined;
  if (count == 0) return;
  health.notices.push_back(fmt::format(
      "{} set aside; `flawless quarantine list` shows why, `flawless help quarantine retry` how to "
      "try {} again",
      count == 1 ? "1 report is" : fmt::format("{} reports are", count),
      count == 1 ? "it" : "them"));
}

}  // namespace

double thread_cpu_seconds(std::string_view prefix) {
  DIR* tasks = ::opendir("/proc/self/task");
  if (tasks == nullptr) return 0;
  uint64_t nanoseconds = 0;
  while (const dirent* entry = ::readdir(tasks)) {
    std::string base = fmt::format("/proc/self/task/{}/", static_cast<const char*>(entry->d_name));
    if (first_line(base + "comm").substr(0, prefix.size()) != prefix) continue;
    nanoseconds += std::strtoull(first_line(base + "schedstat").c_str(), nullptr, 10);
  }
  ::closedir(tasks);
  return static_cast<double>(nanoseconds) / 1e9;
}

api::SystemHealth gather_health(const Parts& parts, store::Store* store,
                                const digest::Digest* digest, std::string_view store_fault,
                                Time now) {
  api::SystemHealth health;
  health.version = FLAWLESS_VERSION;
  health.uptime_seconds = static_cast<double>((now - parts.started_at).count()) / 1000;
  fill_journal(parts.journal.health(), health);
  fill_intake(parts.intake.stats(), health);
  health.http = parts.http.stats();
  health.digest.store_open = store != nullptr;
  if (digest != nullptr) fill_digest(*digest, now, health);
  health.digest.handed_over = parts.handoff.size();
  if (!store_fault.empty()) {
    health.faults.push_back(fmt::format(
        "the store cannot be opened; reports are kept in the journal: {}", store_fault));
  }
  if (store != nullptr) {
    auto of_store = store->health();
    if (of_store) health.store = *of_store;
    if (!of_store) health.faults.push_back(of_store.message());
    if (!health.store.fault.empty()) health.faults.push_back(health.store.fault);
    note_quarantine(health);
  }
  auto free = parts.disk.free_bytes(parts.data_dir);
  health.disk_free_bytes = free.value_or(0);
  if (free && *free < parts.min_free_bytes) {
    health.faults.push_back(
        fmt::format("the disk is full: {} MiB free at {}, {} MiB needed; reports are answered 503 "
                    "until there is space",
                    *free >> 20U, parts.data_dir, parts.min_free_bytes >> 20U));
  }
  return health;
}

}  // namespace flawless::server
