// A queue between threads that never grows past its bound: the producer is told, and answers with
// back-pressure.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace flawless {

template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t capacity) : capacity_(capacity) {}

  // False when full or closed; `value` is untouched then.
  bool try_push(T&& value) {
    {
      std::lock_guard guard(mutex_);
      if (closed_ || queue_.size() >= capacity_) return false;
      queue_.push_back(std::move(value));
    }
    ready_.notify_one();
    return true;
  }

  // Waits up to `timeout` for the first value, then takes up to `most` that are there. Empty on
  // time-out, or when closed and drained.
  std::vector<T> pop_batch(size_t most, std::chrono::milliseconds timeout) {
    std::vector<T> batch;
    std::unique_lock lock(mutex_);
    ready_.wait_for(lock, timeout, [&] { return closed_ || !queue_.empty(); });
    while (!queue_.empty() && batch.size() < most) {
      batch.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    return batch;
  }

  void close() {
    {
      std::lock_guard guard(mutex_);
      closed_ = true;
    }
    ready_.notify_all();
  }

  [[nodiscard]] size_t size() const {
    std::lock_guard guard(mutex_);
    return queue_.size();
  }
  [[nodiscard]] bool drained() const {
    std::lock_guard guard(mutex_);
    return closed_ && queue_.empty();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<T> queue_;
  const size_t capacity_;
  bool closed_ = false;
};

}  // namespace flawless
