// Time as the product speaks of it: UTC, milliseconds since 1970.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flawless {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

inline int64_t unix_ms(Time time) { return time.time_since_epoch().count(); }
inline Time from_unix_ms(int64_t ms) { return Time(std::chrono::milliseconds(ms)); }

// "2026-11-22T14:05:11.250Z"
std::string to_rfc3339(Time time);
// RFC 3339 with any offset and any number of fraction digits; a missing zone means UTC.
std::optional<Time> parse_rfc3339(std::string_view text);

// Where a component gets the time from, so that tests can hold it still.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override;
};

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_(start) {}
  [[nodiscard]] Time now() const override { return now_; }
  void advance(std::chrono::milliseconds by) { now_ += by; }
  void set(Time time) { now_ = time; }

 private:
  Time now_;
};

}  // namespace flawless
