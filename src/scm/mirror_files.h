// Internal: what a mirror does to its own directory.
#pragma once

#include <string>

#include "base/result.h"

namespace flawless::scm {

// Removes the lock and temporary files of a git that was killed. Only while no git writes there.
void remove_stale_files(const std::string& git_dir);

// Puts `fresh` in the place of `git_dir`, at once also for readers, and removes what was there.
Status put_in_place(const std::string& fresh, const std::string& git_dir);

// As far as possible; what is not there is fine.
void remove_tree(const std::string& directory);

// "Receiving objects:  45% (9/20), 1 MiB | 2 MiB/s" -> phase and percent; of several lines the
// last. False when there is none.
bool parse_progress(std::string_view text, std::string& phase, int& percent);

}  // namespace flawless::scm
