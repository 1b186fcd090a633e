#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/exit_code.h"

namespace {

// "flawless: " before each line.
void print_error(std::string_view message) {
  while (!message.empty()) {
    const size_t end = std::min(message.find('\n'), message.size());
    fmt::print(stderr, "flawless: {}\n", message.substr(0, end));
    message.remove_prefix(std::min(end + 1, message.size()));
  }
}

int finish(const flawless::Status& status) {
  if (!status.is_ok()) {
    (void)std::fflush(stdout);
    print_error(status.message());
    return flawless::cli::exit_code(status.code());
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    print_error("cannot write to standard output");
    return flawless::cli::kExitFailed;
  }
  return flawless::cli::kExitOk;
}

}  // namespace

int main(int argc, char** argv) {
  (void)std::signal(SIGPIPE, SIG_IGN);
  const auto commands = flawless::cli::all_commands();
  const auto line = flawless::cli::parse_command_line(
      commands, std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
  if (line.command != nullptr) return finish(line.command->run(line.arguments));
  std::fputs(line.text.c_str(), line.exit_code == flawless::cli::kExitOk ? stdout : stderr);
  return line.exit_code;
}
