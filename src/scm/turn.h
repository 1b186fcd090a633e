// One at a time, with a bound on how long one waits for one's turn.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace flawless::scm {

// Unlike a mutex it may be held across I/O: who waits gives up at a deadline or when stopped.
class Turn {
 public:
  // Has the turn until destroyed, if it got it.
  class Held {
   public:
    Held(Turn& turn, std::chrono::steady_clock::time_point deadline, const std::stop_token& stop)
        : turn_(turn), held_(turn.take(deadline, stop)) {}
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() {
      if (held_) turn_.give();
    }
    explicit operator bool() const { return held_; }

   private:
    Turn& turn_;
    const bool held_;
  };

 private:
  bool take(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!free_.wait_until(lock, stop, deadline, [this] { return !taken_; })) return false;
    taken_ = true;
    return true;
  }
  void give() {
    {
      std::lock_guard guard(mutex_);
      taken_ = false;
    }
    free_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable_any free_;
  bool taken_ = false;
};

}  // namespace flawless::scm
