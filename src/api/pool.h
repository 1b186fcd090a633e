// A few threads for work that waits for disk, so that the threads of the HTTP server never do.
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"

namespace flawless::api {

struct PoolOptions {
  int threads = 2;
  size_t queue = 512;
};

// Two lanes: ordinary work, and probes (health, metrics) on a thread of their own, so that many
// slow requests never make a well server look ill. Life cycle: threads start in the constructor;
// stop() runs what is queued, then joins.
class Pool {
 public:
  enum class Lane { kWork, kProbe };
  using Job = std::function<void()>;

  explicit Pool(const PoolOptions& options = {});
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // False when the lane's queue is full or the pool is stopped: the caller answers 503. Any thread
  // may call. A job must not throw.
  [[nodiscard]] bool try_run(Lane lane, Job job);
  [[nodiscard]] size_t waiting() const { return work_.size(); }
  // Idempotent; not from a job.
  void stop();

 private:
  static void serve(BoundedQueue<Job>& queue);

  BoundedQueue<Job> work_;
  BoundedQueue<Job> probes_;
  std::vector<std::thread> threads_;
};

}  // namespace flawless::api
