// Which line of code a site belongs to, as the repository sees it. Pure.
//
// A line is known by where plain blame finds its origin: (repository, commit, path, line). That
// survives shifts and renames, and changes exactly when the line is edited.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "scm/porcelain.h"
#include "store/lines.h"

namespace flawless::blame {

inline constexpr std::string_view kRepositoryKey = "repo";

struct Origin {
  std::string commit, path;
  uint32_t line = 0;
  friend bool operator==(const Origin&, const Origin&) = default;
};
[[nodiscard]] Origin origin_of(const scm::BlamedLine& line);
// The line (from 1) of the file that has this origin; 0: none.
[[nodiscard]] uint32_t line_of(const Origin& origin, const scm::FileBlame& file);

// "shop 3f2c… 17 src/cart.py"
[[nodiscard]] store::LineKey repository_key(std::string_view repository, const Origin& origin);
// Nothing for a key of another repository.
[[nodiscard]] std::optional<Origin> read_repository_key(std::string_view key,
                                                        std::string_view repository);

// Of the n-th further line with the text of this one, by which it is found.
[[nodiscard]] store::LineKey twin_key(LineId line, size_t number);

// The origins that these keys name in the repository.
[[nodiscard]] std::vector<Origin> origins_in(std::string_view repository,
                                             std::span<const store::LineKey> keys);

// A line of the same text, in the same function, that the site may belong to.
struct Candidate {
  LineId line;
  std::vector<store::LineKey> keys;  // its keys of kind kRepositoryKey
  // Whether it is the one that was found, as history says (lineage.h); none: it was not asked, or
  // does not know.
  std::optional<bool> is_one;
};

struct IdentityQuestion {
  LineId line;  // that the site belongs to now, by its text
  std::string_view repository;
  // Names of all that are configured for the project.
  std::span<const std::string_view> repositories;
  Origin plain, through;        // of plain blame, and looking through reformatting
  std::optional<Origin> loose;  // of blame to which white space does not matter, if it was asked
  std::optional<LineId> known;  // the line that has one of these keys already
  std::vector<Candidate> candidates;     // `line` first; not needed for one that is known
  const scm::FileBlame* file = nullptr;  // plain blame of the whole file
};

struct Identity {
  LineId join;                       // another line it belongs to; none: it stays, or see split
  bool split = false;                // it is a line of its own
  std::vector<store::LineKey> keys;  // that its line has from now on
};

// A line that has the key is the one. Else it is the first candidate that
// - has the same origin in a repository of another name: a copy, or it was renamed;
// - has keys in this repository, and is the one as history says or, where that says nothing, has
//   none that is still in the file (it was reformatted, squashed or reverted: texts are equal with
//   white space squeezed);
// - has none here, nor in another repository that is configured: it was known by its text only.
// If there is none, the known lines are others with the same text.
[[nodiscard]] Identity identify(const IdentityQuestion& question);

}  // namespace flawless::blame
