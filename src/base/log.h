// The program's log: one line a record on standard error, `time level room: text key=value …`.
// Never given report contents, tokens or query strings.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace flawless {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

void set_log_level(LogLevel level);
// Thread-safe. `room` names the part of the program that speaks.
void log_line(LogLevel level, std::string_view room, std::string_view text);

template <typename... Args>
void log_info(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::kInfo, room, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_warning(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::kWarning, room, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_error(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::kError, room, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace flawless
