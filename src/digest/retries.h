// Reports of the quarantine that somebody wants tried again, on their way to the digest thread, and
// what became of them on its way back. Held in memory only: what ends the process is not tried again
// by the next one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include "base/result.h"
#include "store/quarantine.h"

namespace flawless::digest {

class Retries {
 public:
  // Waits until all are tried, at most `patience`; what is left then is withdrawn and kWaiting.
  // One outcome per sequence, same order. kUnavailable: of none is known what became of it. Any
  // thread.
  [[nodiscard]] Result<std::vector<store::Retried>> ask(const std::vector<uint64_t>& sequences,
                                                        std::chrono::milliseconds patience);
  // Nobody goes on waiting, and nobody asks any more.
  void close();

  // The digest thread's: the next one to try, then what became of it.
  struct Asked {
    uint64_t sequence = 0;
    uint64_t round = 0;  // of ask(): the answer to one that has ended is dropped
  };
  [[nodiscard]] bool any() const;
  [[nodiscard]] std::optional<Asked> next();
  void answer(const Asked& asked, store::Retried outcome);

 private:
  [[nodiscard]] bool is_answered() const { return outcomes_.size() == sequences_.size(); }

  std::mutex asking_;  // one asks at a time
  mutable std::mutex mutex_;
  std::condition_variable answered_;
  std::vector<uint64_t> sequences_;
  std::vector<store::Retried> outcomes_;
  size_t taken_ = 0;
  uint64_t round_ = 0;
  bool closed_ = false;
};

}  // namespace flawless::digest
