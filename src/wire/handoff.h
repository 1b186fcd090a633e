// Inflated reports on their way from intake to digest, so that a body is inflated once. Bounded: when digestion is behind,
// reports are not handed over at all and digest reads the journal again.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "wire/encoding.h"

namespace flawless::wire {

// Buffers that were used are used again: no large allocation per report. Thread-safe.
class BufferPool {
 public:
  [[nodiscard]] Buffer take();
  void give(Buffer&& buffer);

 private:
  static constexpr size_t kKeep = 1024;            // buffers
  static constexpr size_t kKeepBytes = 128 << 10;  // larger ones are freed
  static constexpr size_t kKeepAllBytes = 24u << 20;
  std::mutex mutex_;
  std::vector<Buffer> free_;
  size_t free_bytes_ = 0;
};

struct InFlight {
  uint64_t sequence = 0;                       // in the journal
  uint64_t segment = 0, offset = 0;
  std::shared_ptr<const std::string> payload;  // the journal record: decode_record() reads it
  Buffer inflated;
};

class HandOff {
 public:
  explicit HandOff(size_t most_bytes) : most_bytes_(most_bytes) {}

  // In order of sequence. False when full, paused or closed; what is full stays paused until digest calls resume(),
  // so that digest meets one gap and not many.
  bool offer(InFlight&& report);
  // Waits up to `wait` for something, then up to `gather` for `most`. Empty when nothing came.
  std::vector<InFlight> take(size_t most, std::chrono::milliseconds wait, std::chrono::milliseconds gather);
  // The sequence at the front; 0 if empty.
  [[nodiscard]] uint64_t front_sequence() const;
  [[nodiscard]] bool paused() const;
  void resume();  // forgets what is queued and accepts again
  void close();
  [[nodiscard]] size_t size() const;

 private:
  const size_t most_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<InFlight> queue_;
  size_t bytes_ = 0;
  size_t wake_at_ = 1;  // queue length the taker waits for
  bool paused_ = false, closed_ = false;
};

}  // namespace flawless::wire
