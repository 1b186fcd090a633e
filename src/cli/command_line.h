// From argv to a command and its arguments.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/command.h"

namespace flawless::cli {

struct ParsedLine {
  const Command* command =
      nullptr;  // one of those given; none: print `text` and leave with `exit_code`
  Arguments arguments;
  std::string text;
  int exit_code = 0;
};

// Knows help by itself: `help [COMMAND]`, `--help`, and no arguments at all.
[[nodiscard]] ParsedLine parse_command_line(std::span<const Command> commands,
                                            std::vector<std::string> words);

}  // namespace flawless::cli
