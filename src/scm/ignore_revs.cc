#include "scm/ignore_revs.h"

#include <algorithm>

#include "scm/revision.h"
#include "scm/tree.h"

namespace flawless::scm {
namespace {

constexpr size_t kMostRevisions = 10'000;
constexpr uint64_t kMostBytes = 1U << 20U;

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\f\v");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\f\v") - first + 1);
}

}  // namespace

std::vector<std::string> parse_ignore_revs(std::string_view text) {
  std::vector<std::string> hashes;
  for (std::string_view line : split_lines(text)) {
    const std::string_view hash = trim(line.substr(0, line.find('#')));
    if (is_hex_revision(hash) && hashes.size() < kMostRevisions) hashes.emplace_back(hash);
  }
  return hashes;
}

Result<std::vector<std::string>> read_ignore_revs(Mirror& mirror, const std::string& tip) {
  std::vector<std::string> ids;
  const auto file = find_file(mirror, tip, ".git-blame-ignore-revs");
  if (file.code() == Code::kNotFound) return ids;
  if (!file) return file.status();
  ASSIGN_OR_RETURN(const std::string text, read_blob(mirror, *file, kMostBytes));
  std::string questions;
  for (const std::string& hash : parse_ignore_revs(text)) questions += hash + "^{commit}\n";
  if (questions.empty()) return ids;
  ASSIGN_OR_RETURN(
      const std::string answers,
      mirror.read({.arguments = {"cat-file", "--batch-check=%(objectname)"}, .input = questions}));
  // Of one that is unknown or ambiguous: "HASH^{commit} missing".
  for (std::string_view line : split_lines(answers)) {
    if (is_full_id(line)) ids.emplace_back(line);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace flawless::scm
