#include "scm/tree.h"

#include <charconv>

#include "scm/revision.h"

namespace flawless::scm {
namespace {

constexpr auto kNone = std::string_view::npos;

// "100644 blob ID    SIZE\tPATH\0", with any number of spaces before the size.
bool parse_entry(std::string_view entry, const std::string& path, FileAt& file) {
  const size_t tab = entry.find('\t');
  if (tab == kNone || entry.substr(tab + 1) != path) return false;
  if (!entry.starts_with("100644 blob ") && !entry.starts_with("100755 blob ") &&
      !entry.starts_with("100664 blob ")) {
    return false;
  }
  entry = entry.substr(12, tab - 12);
  const size_t space = entry.find(' ');
  const size_t digits = entry.find_first_of("0123456789", space);
  if (space == kNone || digits == kNone) return false;
  file.id = entry.substr(0, space);
  std::from_chars(entry.data() + digits, entry.data() + entry.size(), file.bytes);
  return is_full_id(file.id);
}

}  // namespace

Result<FileAt> find_file(Mirror& mirror, const std::string& commit, const std::string& path) {
  if (!is_full_id(commit)) return {Code::kInvalid, "not the full id of a commit"};
  if (!is_repository_path(path)) return {Code::kNotFound, "not a path inside a repository"};
  ASSIGN_OR_RETURN(
      const std::string listed,
      mirror.read({.arguments = {"ls-tree", "-z", "-l", "--full-tree", commit, "--", path}}));
  FileAt file;
  if (!parse_entry(std::string_view(listed).substr(0, listed.find('\0')), path, file)) {
    return {Code::kNotFound, "there is no such file at commit " + commit.substr(0, 12)};
  }
  return file;
}

Result<std::string> read_blob(Mirror& mirror, const FileAt& file, uint64_t most_bytes) {
  if (file.bytes > most_bytes) {
    return {Code::kTooLarge, "the file has " + std::to_string(file.bytes) + " bytes; at most " +
                                 std::to_string(most_bytes) + " are looked at"};
  }
  return mirror.read({.arguments = {"cat-file", "blob", file.id}, .most_output = most_bytes});
}

bool is_binary(std::string_view content) { return content.substr(0, 8000).find('\0') != kNone; }

std::vector<std::string_view> split_lines(std::string_view content) {
  std::vector<std::string_view> lines;
  while (!content.empty()) {
    const size_t end = content.find('\n');
    std::string_view line = content.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    if (end == kNone) break;
    content.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace flawless::scm
