#include "base/time.h"

#include <fmt/format.h>

namespace flawless {
namespace {

using namespace std::chrono;

// Reads exactly `digits` decimal digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

milliseconds take_fraction(std::string_view& text) {
  int64_t ms = 0, scale = 100;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    ms += scale * (text.front() - '0');
    scale /= 10;
    text.remove_prefix(1);
  }
  return milliseconds(ms);
}

std::optional<minutes> take_zone(std::string_view& text) {
  if (text.empty() || take(text, 'Z') || take(text, 'z')) return minutes(0);
  int sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
  auto hour = sign != 0 ? take_number(text, 2) : std::nullopt;
  if (!hour) return std::nullopt;
  take(text, ':');
  auto minute = take_number(text, 2);
  return minutes(sign * (*hour * 60 + minute.value_or(0)));
}

}  // namespace

std::string to_rfc3339(Time time) {
  auto day = floor<days>(time);
  year_month_day date(day);
  hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  auto y = take_number(text, 4);
  if (!y || !take(text, '-')) return std::nullopt;
  auto mo = take_number(text, 2);
  if (!mo || !take(text, '-')) return std::nullopt;
  auto d = take_number(text, 2);
  if (!d) return std::nullopt;
  year_month_day date{year(*y), month(static_cast<unsigned>(*mo)), day(static_cast<unsigned>(*d))};
  if (!date.ok()) return std::nullopt;
  Time time = sys_days(date);
  if (text.empty()) return time;
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  auto h = take_number(text, 2);
  if (!h || !take(text, ':')) return std::nullopt;
  auto mi = take_number(text, 2);
  if (!mi) return std::nullopt;
  int s = 0;
  if (take(text, ':')) {
    auto seconds_read = take_number(text, 2);
    if (!seconds_read) return std::nullopt;
    s = *seconds_read;
  }
  if (*h > 24 || *mi > 59 || s > 60) return std::nullopt;
  time += hours(*h) + minutes(*mi) + seconds(s);
  if (take(text, '.') || take(text, ',')) time += take_fraction(text);
  auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  return time - *zone;
}

Time SystemClock::now() const { return time_point_cast<milliseconds>(system_clock::now()); }

}  // namespace flawless
