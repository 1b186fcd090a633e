#include "intake/slow_lane.h"

#include <exception>
#include <utility>

#include "base/log.h"
#include "base/thread_name.h"

namespace flawless::intake {
namespace {

constexpr size_t kMostTasks = 32;
constexpr size_t kMostBytes = 64u << 20;

}  // namespace

SlowLane::SlowLane() : thread_([this] { run(); }) {}

SlowLane::~SlowLane() { stop(); }

bool SlowLane::offer(Task task, size_t bytes, bool is_known) {
  {
    std::lock_guard guard(mutex_);
    Queue& queue = is_known ? known_ : unknown_;
    if (is_over_ || queue.waiting.size() >= kMostTasks || queue.bytes + bytes > kMostBytes) {
      return false;
    }
    queue.waiting.push_back({std::move(task), bytes});
    queue.bytes += bytes;
  }
  changed_.notify_one();
  return true;
}

void SlowLane::stop() {
  std::deque<Waiting> known, unknown;
  {
    std::lock_guard guard(mutex_);
    is_over_ = true;
    known.swap(known_.waiting);
    unknown.swap(unknown_.waiting);
  }
  changed_.notify_one();
  for (Waiting& each : known) each.task(true);
  for (Waiting& each : unknown) each.task(true);
  if (thread_.joinable()) thread_.join();
}

// Waits for something to do. False: it is over.
bool SlowLane::take(Task& task) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] {
    return is_over_ || !known_.waiting.empty() || !unknown_.waiting.empty();
  });
  if (is_over_) return false;
  Queue& queue = known_.waiting.empty() ? unknown_ : known_;
  task = std::move(queue.waiting.front().task);
  queue.bytes -= queue.waiting.front().bytes;
  queue.waiting.pop_front();
  return true;
}

void SlowLane::run() {
  name_this_thread("intake");
  Task task;
  while (take(task)) {
    try {
      task(false);
    } catch (const std::exception& error) {  // no memory for it, say: the others are served
      log_error("intake", "a large report could not be read: {}", error.what());
    }
    task = {};  // what was not answered is answered with 500 here
  }
}

}  // namespace flawless::intake
