#include "api/pool.h"

#include <chrono>
#include <utility>
#include "base/thread_name.h"

namespace flawless::api {
namespace {

constexpr size_t kProbeQueue = 16;

}  // namespace

Pool::Pool(const PoolOptions& options) : work_(options.queue), probes_(kProbeQueue) {
  for (int i = 0; i < options.threads; ++i)
    threads_.emplace_back([this] {
      name_this_thread("api");
      serve(work_);
    });
  threads_.emplace_back([this] {
    name_this_thread("api-probe");
    serve(probes_);
  });
}

Pool::~Pool() { stop(); }

bool Pool::try_run(Lane lane, Job job) {
  return (lane == Lane::kProbe ? probes_ : work_).try_push(std::move(job));
}

void Pool::serve(BoundedQueue<Job>& queue) {
  while (!queue.drained()) {
    for (Job& job : queue.pop_batch(1, std::chrono::minutes(1))) job();
  }
}

void Pool::stop() {
  work_.close();
  probes_.close();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace flawless::api
