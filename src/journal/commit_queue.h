// Records that wait for the commit thread, bounded in number and bytes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "journal/journal.h"

namespace flawless::journal {

struct Pending {
  std::shared_ptr<const std::string> payload;
  Journal::Done done;
};

// Any thread pushes, one takes. A record counts against the bounds until it is answered().
class CommitQueue {
 public:
  CommitQueue(size_t most_records, uint64_t most_bytes)
      : most_records_(most_records), most_bytes_(most_bytes) {}

  // kExhausted when full, kUnavailable when closed; `pending` is untouched then. A single record is
  // taken whatever its size when nothing else waits.
  Status push(Pending&& pending);

  // Waits up to `timeout` for the first record, or wake(), and takes all. Empty: nothing came.
  std::vector<Pending> take(std::chrono::milliseconds timeout);
  // Waits up to `most` until `records` are queued.
  void wait_for_company(size_t records, std::chrono::microseconds most);
  void answered(size_t records, uint64_t bytes);
  // Ends one wait of take().
  void wake();

  // Refuses records from now on; those queued are still taken.
  void close();
  [[nodiscard]] bool closed_and_empty() const;
  // Not answered yet.
  struct Depth {
    size_t records = 0;
    uint64_t bytes = 0;
  };
  [[nodiscard]] Depth depth() const;

 private:
  const size_t most_records_;
  const uint64_t most_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Pending> queue_;
  size_t wake_at_ = 0;  // the taker sleeps until that many are queued; 0: it does not sleep
  size_t records_ = 0;  // queued or being committed
  uint64_t bytes_ = 0;
  bool closed_ = false, woken_ = false;
};

}  // namespace flawless::journal
