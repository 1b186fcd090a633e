#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/exit_code.h"

namespace {

// "flawless: " before each line.
void print_error(std::string_view message) {
  while (!message.empty()) {
    const size_t end = std::min(message.find('\n'), message.size());
    const std::string line = fmt::format("flawless: {}\n", message.substr(0, end));
    (void)std::fputs(line.c_str(), stderr);
    message.remove_prefix(std::min(end + 1, message.size()));
  }
}

// Where the reader went away (`flawless options | head`), ends as if the signal had not been
// ignored: quietly, and the shell sees why.
int output_failed(int error) {
  if (error == EPIPE) {
    (void)std::signal(SIGPIPE, SIG_DFL);
    (void)std::raise(SIGPIPE);
  }
  print_error(fmt::format("cannot write to standard output: {}", std::strerror(error)));
  return flawless::cli::kExitFailed;
}

int flush_output() {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return flawless::cli::kExitOk;
  return output_failed(errno != 0 ? errno : EIO);
}

int finish(const flawless::Status& status) {
  if (status.is_ok()) return flush_output();
  (void)std::fflush(stdout);
  print_error(status.message());
  return flawless::cli::exit_code(status.code());
}

// Printing throws where it cannot.
int run(const flawless::cli::ParsedLine& line) {
  try {
    return finish(line.command->run(line.arguments));
  } catch (const std::system_error& error) {
    if (std::ferror(stdout) != 0) return output_failed(error.code().value());
    print_error(error.what());
    return flawless::cli::kExitFailed;
  }
}

}  // namespace

int main(int argc, char** argv) {
  (void)std::signal(SIGPIPE, SIG_IGN);
  const auto commands = flawless::cli::all_commands();
  const auto line = flawless::cli::parse_command_line(
      commands, std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
  if (line.command != nullptr) return run(line);
  const bool is_ok = line.exit_code == flawless::cli::kExitOk;
  (void)std::fputs(line.text.c_str(), is_ok ? stdout : stderr);
  return is_ok ? flush_output() : line.exit_code;
}
