#include "api/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace flawless::api {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class Families {
 public:
  void counter(const char* name, const char* help, double value) {
    add(name, help, MetricType::Counter, {}, value);
  }
  void gauge(const char* name, const char* help, double value) {
    add(name, help, MetricType::Gauge, {}, value);
  }
  void add(const char* name, const char* help, MetricType type,
           std::vector<ClientMetric::Label> labels, double value) {
    if (families_.empty() || families_.back().name != name) {
      families_.push_back({name, help, type, {}});
    }
    ClientMetric metric;
    metric.label = std::move(labels);
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    families_.back().metric.push_back(std::move(metric));
  }
  [[nodiscard]] std::string text() const {
    return prometheus::TextSerializer().Serialize(families_);
  }

 private:
  std::vector<MetricFamily> families_;
};

double number(uint64_t value) { return static_cast<double>(value); }

void add_intake(Families& out, const SystemHealth& health) {
  const auto& intake = health.intake;
  out.counter("flawless_reports_accepted_total", "Reports acknowledged with 200.",
              number(intake.accepted));
  out.counter("flawless_intake_refused_total", "Report requests not acknowledged.",
              number(intake.refused));
  out.counter("flawless_intake_wire_bytes_total", "Bytes of report bodies as sent.",
              number(intake.wire_bytes));
  out.counter("flawless_intake_inflated_bytes_total", "Bytes of report bodies once inflated.",
              number(intake.inflated_bytes));
  out.counter("flawless_intake_cpu_seconds_total",
              "CPU time of the threads that accept and commit.", intake.cpu_seconds);
}

void add_journal(Families& out, const SystemHealth& health) {
  const auto& journal = health.journal;
  out.gauge("flawless_journal_writable", "1 if reports can be made durable.", journal.writable);
  out.gauge("flawless_journal_first_sequence", "Oldest record that can be read.",
            number(journal.first_sequence));
  out.gauge("flawless_journal_last_sequence", "Newest record.", number(journal.last_sequence));
  out.gauge("flawless_journal_segments", "Segment files.", number(journal.segments));
  out.gauge("flawless_journal_bytes", "Bytes on disk.", number(journal.bytes_on_disk));
  out.counter("flawless_journal_records_total", "Records written.", number(journal.records));
  out.counter("flawless_journal_syncs_total", "Group commits.", number(journal.syncs));
  out.counter("flawless_journal_failed_syncs_total", "Group commits that the disk refused.",
              number(journal.failed_syncs));
  out.counter("flawless_journal_refused_total", "Records refused, queue full or disk at fault.",
              number(journal.refused));
  out.gauge("flawless_journal_torn_bytes_at_open", "Bytes of an unfinished write cut off at start.",
            number(journal.torn_bytes_at_open));
  out.gauge("flawless_journal_queued_records", "Records that wait for their commit.",
            number(journal.queued_records));
  out.gauge("flawless_journal_queued_bytes", "Bytes of them.", number(journal.queued_bytes));
}

void add_digest(Families& out, const SystemHealth& health) {
  const auto& digest = health.digest;
  out.gauge("flawless_store_open", "0 while the store opens or migrates.", digest.store_open);
  out.counter("flawless_digest_records_total", "Records stored.", number(digest.digested));
  out.counter("flawless_digest_duplicates_total", "Records that were there already.",
              number(digest.duplicates));
  out.counter("flawless_digest_reread_total", "Records read back from the journal.",
              number(digest.reread));
  out.counter("flawless_digest_quarantined_total", "Records put into quarantine since start.",
              number(digest.quarantined));
  out.counter("flawless_digest_batches_total", "Batches stored.", number(digest.batches));
  out.gauge("flawless_digest_lag_records", "Records accepted and not yet stored.",
            number(digest.lag));
  out.gauge("flawless_digest_handed_over_records", "Of these: events in memory.",
            number(digest.handed_over));
  out.gauge("flawless_digest_oldest_seconds", "Age of the oldest of them.", digest.oldest_seconds);
  out.counter("flawless_digest_cpu_seconds_total", "CPU time of digestion.", digest.cpu_seconds);
}

void add_store(Families& out, const SystemHealth& health) {
  const auto& store = health.store;
  out.gauge("flawless_store_projects", "Projects.", number(store.projects));
  out.gauge("flawless_store_items", "Items.", number(store.items));
  out.gauge("flawless_store_occurrences", "Occurrences.", number(store.occurrences));
  out.gauge("flawless_store_database_bytes", "Size of the database.", number(store.database_bytes));
  out.gauge("flawless_store_wal_bytes", "Size of its write-ahead log.", number(store.wal_bytes));
  out.counter("flawless_store_batches_total", "Transactions that stored a batch.",
              number(store.batches));
  out.counter("flawless_store_failed_batches_total", "Transactions that failed.",
              number(store.failed_batches));
  out.gauge("flawless_store_quarantined", "Records in quarantine now.", number(store.quarantined));
}

void add_blame_and_mail(Families& out, const SystemHealth& health) {
  const auto& blame = health.blame;
  out.gauge("flawless_blame_waiting", "Places whose line is not decided yet.",
            number(blame.waiting));
  out.counter("flawless_blame_decided_total", "Decisions made.", number(blame.decided));
  out.counter("flawless_blame_failed_total", "Decisions that failed.", number(blame.failed));
  out.counter("flawless_blame_ignored_total", "Lines that a third-party rule silenced.",
              number(blame.ignored));
  const auto& mail = health.mail;
  const std::pair<const char*, uint64_t> states[] = {{"queued", mail.queued},
                                                     {"sending", mail.sending},
                                                     {"sent", mail.sent},
                                                     {"failed", mail.failed}};
  for (const auto& [state, count] : states) {
    out.add("flawless_mails", "Messages by state; failed: refused for good.", MetricType::Gauge,
            {{"state", state}}, number(count));
  }
}

void add_http(Families& out, const SystemHealth& health) {
  const auto& http = health.http;
  out.gauge("flawless_http_connections", "Open connections.", number(http.connections_open));
  out.counter("flawless_http_connections_total", "Connections accepted.",
              number(http.connections_total));
  out.counter("flawless_http_requests_total", "Requests read.", number(http.requests));
  out.counter("flawless_http_timeouts_total", "Connections closed for slowness.",
              number(http.timeouts));
  out.counter("flawless_http_too_large_total", "Requests over a size limit.",
              number(http.too_large));
  out.counter("flawless_http_malformed_total", "Requests that were not HTTP.",
              number(http.malformed));
  out.counter("flawless_http_shed_total", "Connections closed or refused for want of room.",
              number(http.shed));
}

void add_refusals(Families& out, const std::vector<store::Refusal>& refusals) {
  for (const store::Refusal& refusal : refusals) {
    std::string project = refusal.project ? std::to_string(refusal.project.v) : "";
    out.add("flawless_reports_set_aside_total",
            "Reports refused, trimmed or sampled, by project and reason.", MetricType::Counter,
            {{"project", project}, {"reason", refusal.reason}}, number(refusal.count));
  }
}

void add_process(Families& out, const SystemHealth& health, const ProcessUsage& process) {
  out.add("flawless_build_info", "The running version.", MetricType::Gauge,
          {{"version", health.version}}, 1);
  out.gauge("flawless_up", "1 if all is well, 0 if /check_health says FAIL.", health.ok());
  out.gauge("flawless_uptime_seconds", "Time since start.", health.uptime_seconds);
  out.gauge("flawless_disk_free_bytes", "Free space where the data directory lies.",
            number(health.disk_free_bytes));
  out.gauge("process_resident_memory_bytes", "Resident memory size in bytes.",
            number(process.resident_bytes));
  out.counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
              process.cpu_seconds);
  out.gauge("process_open_fds", "Number of open file descriptors.", number(process.open_files));
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessUsage process_usage() {
  ProcessUsage usage;
  uint64_t pages_total = 0, pages_resident = 0;
  if (std::ifstream("/proc/self/statm") >> pages_total >> pages_resident) {
    usage.resident_bytes = pages_resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  }
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  usage.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  std::error_code failed;
  std::filesystem::directory_iterator files("/proc/self/fd", failed);
  if (!failed) {
    usage.open_files = static_cast<uint64_t>(std::distance(begin(files), end(files)));
  }
  return usage;
}

std::string metrics_text(const SystemHealth& health, const ProcessUsage& process,
                         const std::vector<store::Refusal>& refusals) {
  Families out;
  add_process(out, health, process);
  add_intake(out, health);
  add_refusals(out, refusals);
  add_journal(out, health);
  add_digest(out, health);
  add_store(out, health);
  add_blame_and_mail(out, health);
  add_http(out, health);
  return out.text();
}

}  // namespace flawless::api
