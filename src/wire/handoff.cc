#include "wire/handoff.h"

#include <algorithm>

namespace flawless::wire {

bool HandOff::offer(InFlightPtr report) {
  size_t cost = report->bytes();
  bool wake = false;
  {
    std::lock_guard guard(mutex_);
    if (closed_ || paused_) return false;
    if (!queue_.empty() && bytes_ + cost > most_bytes_) {
      paused_ = true;
      return false;
    }
    bytes_ += cost;
    queue_.push_back(std::move(report));
    wake = queue_.size() >= wake_at_;
  }
  if (wake) ready_.notify_one();
  return true;
}

std::vector<InFlightPtr> HandOff::take(size_t most, std::chrono::milliseconds wait,
                                       std::chrono::milliseconds gather) {
  std::vector<InFlightPtr> out;
  std::unique_lock lock(mutex_);
  wake_at_ = 1;
  ready_.wait_for(lock, wait, [&] { return closed_ || !queue_.empty(); });
  if (!queue_.empty() && queue_.size() < most && !closed_ && !paused_) {
    wake_at_ = most;
    ready_.wait_for(lock, gather, [&] { return closed_ || queue_.size() >= most; });
    wake_at_ = 1;
  }
  size_t count = std::min(most, queue_.size());
  out.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    bytes_ -= queue_.front()->bytes();
    out.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return out;
}

uint64_t HandOff::front_sequence() const {
  std::lock_guard guard(mutex_);
  return queue_.empty() ? 0 : queue_.front()->sequence;
}

bool HandOff::paused() const {
  std::lock_guard guard(mutex_);
  return paused_;
}

void HandOff::resume() {
  std::lock_guard guard(mutex_);
  queue_.clear();
  bytes_ = 0;
  paused_ = false;
}

void HandOff::close() {
  {
    std::lock_guard guard(mutex_);
    closed_ = true;
  }
  ready_.notify_all();
}

size_t HandOff::size() const {
  std::lock_guard guard(mutex_);
  return queue_.size();
}

}  // namespace flawless::wire
