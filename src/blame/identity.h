// Which line of code a site belongs to, as the repository sees it. Pure.
//
// A line is known by where plain blame finds its origin: (repository, commit, path, line). That
// survives shifts and renames, and changes exactly when the line is edited.
#pragma once

#include <cstdint>
#include <optional>
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

// "shop 3f2c… 17 src/cart.py"
[[nodiscard]] store::LineKey repository_key(std::string_view repository, const Origin& origin);
// Nothing for a key of another repository.
[[nodiscard]] std::optional<Origin> read_repository_key(std::string_view key,
                                                        std::string_view repository);

struct IdentityQuestion {
  LineId line;  // that the site belongs to now, by its text
  std::string_view repository;
  Origin plain, through;  // of plain blame, and looking through reformatting
  std::optional<LineId> line_of_plain, line_of_through;  // that have these keys already
  std::vector<store::LineKey> keys_of_line;              // its keys of kind kRepositoryKey
  const scm::FileBlame* file = nullptr;                  // plain blame of the whole file
};

struct Identity {
  LineId join;                       // another line it belongs to; none: it stays, or see split
  bool split = false;                // it is a line of its own
  std::vector<store::LineKey> keys;  // that its line has from now on
};

// A line that has the key is the one. Else the site stays with its line when that has no key in
// this repository, or none that is still in the file (it was reformatted, squashed or reverted:
// texts are equal with white space squeezed). Else the old line is still there, and this is another
// one with the same text.
[[nodiscard]] Identity identify(const IdentityQuestion& question);

}  // namespace flawless::blame
