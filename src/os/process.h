// Runs another program to its end, within limits.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flawless::os {

struct ProcessSpec {
  std::vector<std::string> argv;         // the first is a path, or a name looked up in our PATH
  std::vector<std::string> environment;  // "NAME=value": all of it, nothing is inherited
  std::string directory;                 // where it runs; empty: where we do
  std::string input;                     // its standard input, a file that can be read twice
  std::chrono::milliseconds time_limit{60'000};
  uint64_t most_output = 64U << 20U;
  uint64_t memory_bytes = 0;  // address space of it and each of its children; 0: no limit
  // Called on the caller's thread with what it writes to standard error, as it comes.
  std::function<void(std::string_view)> on_error_output;
  std::stop_token stop;  // ends it within a tenth of a second
};

struct ProcessResult {
  int exit_code = 0;         // -1 when a signal ended it
  int signal = 0;            // 0 when it exited by itself
  std::string output;        // standard output
  std::string error_output;  // the last 16 KiB of standard error
};

// No shell has a part in it. The program leads a process group of its own, gets no descriptor but
// the three standard ones, default signal handlers and no signal blocked. When it ends, or must end
// because of a limit, whatever is left of its group ends too (SIGTERM, after a second SIGKILL).
//
// ok, whatever the exit code, when the program ended by itself. kNotFound: there is no such
// program; kDenied: it may not be executed; kTooLarge: it wrote more than `most_output`;
// kUnavailable: it took longer than `time_limit`, was stopped, or could not be started. Any thread
// may call; it waits.
[[nodiscard]] Result<ProcessResult> run_process(const ProcessSpec& spec);

}  // namespace flawless::os
