// Where large bodies are read, one after another, on a thread of its own: on the threads that serve
// connections one body of 20 MiB would hold up all reports of a second.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace flawless::intake {

class SlowLane {
 public:
  // is_over: from stop(), on its thread; there is no time left to do it.
  using Task = std::function<void(bool is_over)>;

  SlowLane();
  ~SlowLane();

  // bytes: of the body, while it waits. is_known: of a sender whose token was found; those go
  // first, and strangers cannot fill their queue. False, and nothing is kept, if too much waits.
  [[nodiscard]] bool offer(Task task, size_t bytes, bool is_known);
  // Runs all that waits with is_over, ends what is being done; joins. Idempotent.
  void stop();

 private:
  struct Waiting {
    Task task;
    size_t bytes = 0;
  };
  struct Queue {
    std::deque<Waiting> waiting;
    size_t bytes = 0;
  };
  void run();
  [[nodiscard]] bool take(Task& task);

  std::mutex mutex_;
  std::condition_variable changed_;
  Queue known_, unknown_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace flawless::intake
