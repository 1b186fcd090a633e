// Python source text that made-up stack frames point into, so that context lines compress and parse
// like real ones.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace flawless::bench {

struct SourceFunction {
  std::string name;
  size_t first_line = 0;           // index of the `def` line
  size_t end_line = 0;             // index after the last line of the body
  std::vector<std::string> names;  // of arguments and local variables, in order of appearance
};

struct SourceFile {
  std::string module;  // "argparse"
  std::vector<std::string> lines;
  std::vector<SourceFunction> functions;  // at least one
};

// Files of the Python standard library in `folder`, in order of name, at most `most`. A machine
// without them gets a few that are built in.
std::vector<SourceFile> load_sources(const std::string& folder, size_t most = 60);

// What load_sources() makes of one file's text.
SourceFile read_source(std::string module, std::string_view text);

}  // namespace flawless::bench
