#include "journal/commit_queue.h"

namespace flawless::journal {

Status CommitQueue::push(Pending&& pending) {
  const uint64_t bytes = pending.payload->size();
  bool wake = false;
  {
    std::lock_guard guard(mutex_);
    if (closed_) return {Code::kUnavailable, "the journal is closed: the server is stopping"};
    if (records_ >= most_records_ || (records_ > 0 && bytes_ + bytes > most_bytes_)) {
      return {Code::kExhausted, "too many reports wait for the disk; try again in a moment"};
    }
    ++records_;
    bytes_ += bytes;
    queue_.push_back(std::move(pending));
    wake = wake_at_ != 0 && queue_.size() >= wake_at_;
  }
  if (wake) arrived_.notify_one();
  return {};
}

std::vector<Pending> CommitQueue::take(std::chrono::milliseconds timeout) {
  std::vector<Pending> batch;
  std::unique_lock lock(mutex_);
  wake_at_ = 1;
  arrived_.wait_for(lock, timeout, [&] { return closed_ || woken_ || !queue_.empty(); });
  wake_at_ = 0;
  woken_ = false;
  batch.swap(queue_);
  queue_.reserve(batch.size());
  return batch;
}

void CommitQueue::wait_for_company(size_t records, std::chrono::microseconds most) {
  std::unique_lock lock(mutex_);
  wake_at_ = records;
  arrived_.wait_for(lock, most, [&] { return closed_ || queue_.size() >= records; });
  wake_at_ = 0;
}

void CommitQueue::answered(size_t records, uint64_t bytes) {
  std::lock_guard guard(mutex_);
  records_ -= records;
  bytes_ -= bytes;
}

void CommitQueue::wake() {
  {
    std::lock_guard guard(mutex_);
    woken_ = true;
  }
  arrived_.notify_one();
}

void CommitQueue::close() {
  {
    std::lock_guard guard(mutex_);
    closed_ = true;
  }
  arrived_.notify_all();
}

CommitQueue::Depth CommitQueue::depth() const {
  std::lock_guard guard(mutex_);
  return {records_, bytes_};
}

bool CommitQueue::closed_and_empty() const {
  std::lock_guard guard(mutex_);
  return closed_ && queue_.empty();
}

}  // namespace flawless::journal
