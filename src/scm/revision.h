// Which texts of a report may be asked of git at all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flawless::scm {

// 7 to 64 hex digits.
[[nodiscard]] bool is_hex_revision(std::string_view text);
// 40 or 64 lower-case hex digits, as git prints them.
[[nodiscard]] bool is_full_id(std::string_view text);

// What to look up for a revision as a report or a person writes it, in this order; none when the
// text is not one. A hash stands for itself; a name is looked for among tags, then branches. Also
// understood: "shop@1.2.3" and "shop@HASH" as Sentry's clients name releases, "1.2.3" for a tag
// "v1.2.3", what `git describe` prints for the hash it ends with, "-dirty" behind any of them.
// Nothing else gets through: no options, ranges, "HEAD", "@{…}", "^", "~", ":", white space or
// paths.
[[nodiscard]] std::vector<std::string> revision_candidates(std::string_view text);

// A path inside a repository: relative, of at most 4096 bytes, without empty, "." or ".." parts and
// without NUL. Any other byte is allowed.
[[nodiscard]] bool is_repository_path(std::string_view path);

}  // namespace flawless::scm
