// From the path a frame reports to the path in the repository. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scm/file_list.h"

namespace flawless::scm {

// "/app" -> "", "site-packages/shop" -> "src/shop": whole directories, with or without a slash at
// the end. A deployed prefix that is absolute counts at the start of a path, any other wherever its
// directories stand in it.
struct PathRule {
  std::string deployed, repository;
};

struct ReportedPlace {
  std::string_view path;    // absolute, relative, with either slash, or a bare file name; or empty
  std::string_view module;  // "shop.cart", "com.shop.Cart"; or empty
};

struct MappedPath {
  enum class How {
    kNone,   // see candidates: empty, or several that are as good
    kExact,  // the path is a path of the repository
    kRule,   // a rule that was configured
    kGuess,  // the file whose path ends like the reported one
  };
  How how = How::kNone;
  std::string path;  // in the repository
  PathRule rule;     // kRule: as configured. kGuess: what it would take to say the same
  std::vector<std::string> candidates;  // kNone: files that could be meant, at most 10
};

// Rules come first, the longest deployed prefix first; when one fits but no such file exists,
// nothing is guessed. A guess needs the longest common end, alone: at least one directory besides
// the name, or a file in the repository's root; for a path in a place where libraries are installed
// all that stands behind that place. Of equally long ends one that is a whole path of the
// repository wins.
[[nodiscard]] MappedPath map_path(const ReportedPlace& reported, const std::vector<PathRule>& rules,
                                  const FileList& files);

}  // namespace flawless::scm
