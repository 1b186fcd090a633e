// Reports on their way from intake to digest, already read, so that a body is inflated and parsed
// once. Bounded: when digestion is behind, reports are not handed over at all and digest reads the
// journal again.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "event/event.h"
#include "wire/record.h"

namespace flawless::wire {

// Large, so it stays where it was made: pointers travel.
struct InFlight {
  uint64_t sequence = 0;  // in the journal
  uint64_t segment = 0, offset = 0;
  ReportRecord record;  // its views (peer, body) are empty: see body_bytes and event
  uint32_t body_bytes = 0;
  bool has_event = false;  // if not, digest reads the journal at segment and offset
  Event event;             // with Detail::kIndex

  // About what it occupies.
  [[nodiscard]] size_t bytes() const {
    return sizeof *this + event.arena.bytes_reserved() + kVectorsBytes;
  }

 private:
  static constexpr size_t kVectorsBytes = 8 << 10;  // frames, headers, tags: about
};

using InFlightPtr = std::unique_ptr<InFlight>;

class HandOff {
 public:
  explicit HandOff(size_t most_bytes) : most_bytes_(most_bytes) {}

  // In order of sequence. False when full, paused or closed; what is full stays paused until digest
  // calls resume(), so that digest meets one gap and not many.
  bool offer(InFlightPtr report);
  // Waits up to `wait` for something, then up to `gather` for `most`. Empty when nothing came.
  std::vector<InFlightPtr> take(size_t most, std::chrono::milliseconds wait,
                                std::chrono::milliseconds gather);
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
  std::deque<InFlightPtr> queue_;
  size_t bytes_ = 0;
  size_t wake_at_ = 1;  // queue length the taker waits for
  bool paused_ = false, closed_ = false;
};

}  // namespace flawless::wire
