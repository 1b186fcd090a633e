// Commits that only reformatted, as the project lists them in .git-blame-ignore-revs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scm/mirror.h"

namespace flawless::scm {

// The hashes a list names: one a line, behind "#" anything goes; lines with something else are left
// out. At most 10,000.
[[nodiscard]] std::vector<std::string> parse_ignore_revs(std::string_view text);

// The full ids, sorted, of those commits of the list at `tip` that are in the mirror: git itself
// gives up on a list with one line that it cannot read. Empty without a list.
[[nodiscard]] Result<std::vector<std::string>> read_ignore_revs(Mirror& mirror,
                                                                const std::string& tip);

}  // namespace flawless::scm
