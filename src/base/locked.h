// A value and the mutex that guards it, in one type: the value can be reached only through the
// guard.
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

namespace flawless {

template <typename T>
class Locked {
 public:
  Locked() = default;
  explicit Locked(T value) : value_(std::move(value)) {}

  class Guard {
   public:
    Guard(T& value, std::mutex& mutex) : value_(value), lock_(mutex) {}
    T& operator*() { return value_; }
    T* operator->() { return &value_; }
    // For waiting on a condition variable.
    std::unique_lock<std::mutex>& lock() { return lock_; }

   private:
    T& value_;
    std::unique_lock<std::mutex> lock_;
  };

  [[nodiscard]] Guard lock() { return Guard(value_, mutex_); }
  // A copy of the value; for small values and shared pointers.
  [[nodiscard]] T copy() const {
    std::lock_guard guard(mutex_);
    return value_;
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace flawless
