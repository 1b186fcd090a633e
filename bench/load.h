// Sends requests over keep-alive connections and takes the time of the answers. One thread, epoll.
//
// Closed loop: each connection has one request under way, always. Open loop: requests are due at a
// fixed rate whatever the server does; a latency counts from when the request was due, so that a
// stall is seen by all that had to wait for it (no coordinated omission).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "histogram.h"

namespace flawless::bench {

// This machine only: 127.0.0.1 or ::1.
struct Target {
  bool v6 = false;
  uint16_t port = 0;
  // "http://127.0.0.1:8080", "http://[::1]:8080", with or without a path behind it.
  [[nodiscard]] static Result<Target> parse(std::string_view url);
};

struct LoadOptions {
  Target target;
  size_t connections = 64;
  double rate = 0;               // requests a second; 0 = closed loop
  double seconds = 10;           // sending stops then …
  uint64_t count = 0;            // … or after so many; 0 = no bound
  double patience_seconds = 10;  // for the answers that are still due at the end
};

struct LoadResult {
  uint64_t sent = 0, answered = 0;
  uint64_t broken = 0;      // connection closed or reset with a request under way
  uint64_t unanswered = 0;  // still due when patience ran out
  std::map<int, uint64_t> statuses;
  Histogram latency;         // of the answers with status 200
  double seconds = 0;        // from the first send to the last answer
  double cpu_seconds = 0;    // of the calling thread
  uint64_t max_backlog = 0;  // open loop: most requests due and not yet sent
};

// The next request's bytes; they need to stay only until the next call.
using RequestSource = std::function<std::string_view()>;

// Fails if the target cannot be connected to.
[[nodiscard]] Result<LoadResult> run_load(const LoadOptions& options, const RequestSource& source);

}  // namespace flawless::bench
