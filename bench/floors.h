// What the parts of the work cost at the least, on this machine, with these bodies: thread CPU time
// per event, in microseconds. The server's figures are read as multiples of these.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "requests.h"

namespace flawless::bench {

struct FloorOptions {
  RequestOptions requests;
  std::string folder;     // on the disk that is measured; what is written there is removed
  size_t events = 4'000;  // per round
  size_t rounds = 5;
};

struct Floor {
  std::string name, what;
  std::vector<double> us_per_event;  // one a round
};

// Append to a pre-zeroed file, one write and one fdatasync per 64 events.
[[nodiscard]] Result<Floor> append_floor(const FloorOptions& options, Requests& requests);
// One 150-byte row with an index and its group's counter, 256 events a transaction, WAL, synced.
[[nodiscard]] Result<Floor> row_floor(const FloorOptions& options, Requests& requests);
// Receive a request and answer 200 over loopback, bare epoll: the answering thread's CPU time.
[[nodiscard]] Result<Floor> echo_floor(const FloorOptions& options, Requests& requests);
// All of these in one least server, under the same load: two threads receive, inflate and parse, a
// third appends and syncs what has gathered, and answers. CPU time of the three together: what
// threads, caches and the load on the same cores cost is in it, other than in the sum of the parts.
[[nodiscard]] Result<Floor> acknowledge_floor(const FloorOptions& options, Requests& requests);

// CPU time of the calling thread.
[[nodiscard]] double thread_cpu_us();

}  // namespace flawless::bench
