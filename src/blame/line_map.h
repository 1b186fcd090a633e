// Which line of a file became which, as a diff without context says. Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flawless::blame {

class LineMap {
 public:
  // What `git diff --unified=0` prints for one file; empty: nothing changed. kInternal when it is
  // something else.
  [[nodiscard]] static Result<LineMap> parse(std::string_view diff);

  // The number (from 1) that an old line has in the new file; 0: it is gone.
  [[nodiscard]] uint32_t new_of(uint32_t old_line) const;

 private:
  struct Hunk {
    uint32_t old_first = 0, old_lines = 0, new_lines = 0;
  };
  std::vector<Hunk> hunks_;
};

}  // namespace flawless::blame
