// How the system is: gathered by the server from its parts, shown by GET /api/2/health,
// /check_health and /metrics.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "http/server.h"
#include "store/outbox.h"
#include "store/types.h"

namespace flawless::api {

struct SystemHealth {
  struct Journal {
    bool writable = true;
    std::string fault;
    uint64_t last_sequence = 0, first_sequence = 0, segments = 0, bytes_on_disk = 0;
    uint64_t records = 0, syncs = 0, failed_syncs = 0, refused = 0, torn_bytes_at_open = 0;
    uint64_t queued_records = 0, queued_bytes = 0;  // waiting for their commit
  } journal;
  struct Intake {
    uint64_t accepted = 0, refused = 0, wire_bytes = 0, inflated_bytes = 0;
    double cpu_seconds = 0;  // of the threads that accept and commit
  } intake;
  struct Digest {
    bool store_open = false;  // false while the store opens or migrates
    uint64_t digested = 0, duplicates = 0, reread = 0, quarantined = 0, batches = 0;
    uint64_t lag = 0;           // records accepted but not yet stored
    uint64_t handed_over = 0;   // of these: events in memory; the rest is read from the journal
    double oldest_seconds = 0;  // age of the oldest of them
    double cpu_seconds = 0;
    std::string fault;
  } digest;
  store::StoreHealth store;
  struct Blame {
    uint64_t waiting = 0;  // places whose line is not decided yet
    uint64_t decided = 0, failed = 0;
    uint64_t ignored = 0;  // lines that a third-party rule silenced
    std::string last_error;
  } blame;
  struct Mail {
    bool configured = false;
    uint64_t queued = 0, sending = 0, sent = 0, failed = 0;  // failed: refused for good
    std::string last_error;
    std::optional<Time> last_sent_at;
    std::vector<store::Undeliverable> undeliverable;  // addresses, for administrators
  } mail;
  http::Stats http;
  uint64_t disk_free_bytes = 0;
  double uptime_seconds = 0;
  std::string version;
  // In words for the operator; empty when all is well. "The disk is full: 12 MiB free, 64 MiB
  // needed …"
  std::vector<std::string> faults;
  // What waits for somebody: changed settings for a restart, reports in quarantine, a part of the
  // journal that is damaged. What is sent now is taken all the same.
  std::vector<std::string> notices;
  [[nodiscard]] bool ok() const { return faults.empty(); }
};

using HealthSource = std::function<SystemHealth()>;

}  // namespace flawless::api
