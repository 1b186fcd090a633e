// Turns the bytes of a connection into requests, one at a time. Pure: no socket, no clock.
// Owned by one connection and used on its thread only.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string_view>

#include "http/server.h"

namespace flawless::http {

// Memory that may be taken by bodies being read, all connections together. Thread-safe.
class ByteBudget {
 public:
  explicit ByteBudget(size_t most) : most_(most) {}
  [[nodiscard]] bool take(size_t bytes) {
    if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= most_) return true;
    give(bytes);
    return false;
  }
  void give(size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  [[nodiscard]] size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  std::atomic<size_t> used_{0};
  const size_t most_;
};

struct ReadLimits {
  size_t max_header_bytes = 32u << 10;
  size_t max_body_bytes = 20u << 20;
};

// Why a request is refused by the server itself.
struct Refusal {
  int status = 0;
  const char* code = "";
  const char* message = "";
};

class RequestReader {
 public:
  enum class Progress { kMore, kDone, kRefused };

  // `budget` must outlive the reader.
  RequestReader(const ReadLimits& limits, ByteBudget& budget);
  ~RequestReader();

  // Takes from the front of `bytes` what belongs to the current request. On kMore what is left over
  // must be given again with more behind it. On kDone take() the request, then reset().
  Progress feed(std::string_view& bytes);
  void reset();

  [[nodiscard]] Request take();
  [[nodiscard]] const Refusal& refusal() const;
  // These are known once header_done().
  [[nodiscard]] bool header_done() const;
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool http10() const;
  [[nodiscard]] bool expects_continue() const;
  [[nodiscard]] size_t body_received() const;

 private:
  class Parser;
  ReadLimits limits_;
  ByteBudget& budget_;
  std::unique_ptr<Parser> parser_;  // none between requests: an idle connection stays small
};

}  // namespace flawless::http
