// The report endpoints: authenticate, limit, inflate, validate, append to the journal, answer.
//
// A 200 means that the report is on stable storage. Handlers run on the HTTP server's threads and
// never wait: the answer is sent from the journal's commit thread. What takes long to read, a large
// body, is read on a thread of its own (slow_lane.h). Needs no store, so reports are accepted
// before it is open.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "base/time.h"
#include "http/router.h"
#include "intake/admission.h"
#include "intake/rate.h"
#include "intake/refusals.h"
#include "intake/slow_lane.h"
#include "journal/journal.h"
#include "wire/handoff.h"
#include "wire/limits.h"
#include "wire/report.h"

namespace flawless::intake {

struct IntakeStats {
  std::atomic<uint64_t> accepted{0}, refused{0}, wire_bytes{0}, inflated_bytes{0};
};

class Intake {
 public:
  struct Options {
    size_t request_bytes = wire::kRequestBytes;  // on the wire and inflated
    uint64_t soft_per_minute = 0;                // per token that has no limit of its own; 0 = none
    uint64_t hard_per_minute = 0;
    // Events that are read already and wait for the disk: about so much memory. Above it digest
    // reads them in the journal.
    size_t waiting_bytes = 24u << 20;
    // Whether a token that may not post is one of ours all the same: its sender is told that the
    // scope is wrong. On the HTTP threads; must not wait.
    std::function<bool(std::string_view token)> is_for_reading{};
  };
  // Everything it is given must outlive it and the server it is mounted on.
  Intake(const Options& options, const AdmissionBoard& board, journal::Journal& journal,
         wire::HandOff& handoff, const Clock& clock)
      : options_(options), board_(board), journal_(journal), handoff_(handoff), clock_(clock) {}

  // What the HTTP server refuses of these (Options::refused) is counted and answered here as well.
  // POST /api/1/item, /item (Rollbar); /api/:project/envelope, /api/:project/store, /api/store
  // (Sentry); /api/2/report.
  void mount(http::Router& router);

  // After the HTTP server, before the journal: large bodies that still wait are answered with 503.
  void stop() { slow_lane_.stop(); }

  [[nodiscard]] const IntakeStats& stats() const { return stats_; }
  [[nodiscard]] Refusals& refusals() { return refusals_; }

 private:
  struct Report;
  struct Waiting;
  void receive(wire::Protocol protocol, http::Request&& request, std::string_view project,
               http::Responder responder);
  void turn_away(wire::Protocol protocol, http::Request&& head, const http::Refused& why,
                 http::Responder responder);
  void process(Report&& report);
  void read(Report&& report, size_t most);
  void read_later(Report&& report);
  void refuse_unknown(Report& report, std::string_view token);
  [[nodiscard]] bool authenticate(Report& report, std::string_view token);
  [[nodiscard]] bool admit(Report& report);
  enum class Opened { kYes, kLater, kRefused };
  [[nodiscard]] size_t most_bytes(const Report& report) const;
  [[nodiscard]] Opened open_body(Report& report, size_t most);
  void refuse_body(Report& report, const Status& why);
  [[nodiscard]] bool may_keep(Report& report);
  void append(Report&& report, std::string id_as_sent);
  void finish(Waiting& waiting, const Result<journal::Appended>& appended);
  void refuse(Report& report, int status, std::string_view reason, std::string_view message);

  const Options options_;
  const AdmissionBoard& board_;
  journal::Journal& journal_;
  wire::HandOff& handoff_;
  const Clock& clock_;
  std::atomic<size_t> waiting_bytes_{0};
  RateLimiter rates_;
  Refusals refusals_;
  IntakeStats stats_;
  SlowLane slow_lane_;  // last: its thread uses all of the above
};

}  // namespace flawless::intake
