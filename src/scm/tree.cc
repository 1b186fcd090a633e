#include "scm/tree.h"

#include <algorithm>
#include <charconv>

#include "scm/revision.h"

namespace flawless::scm {
namespace {

constexpr auto kNone = std::string_view::npos;

constexpr std::string_view kLink = "120000";
constexpr uint64_t kMostTarget = 4096;  // bytes of a path

// "100644 blob ID    SIZE\tPATH\0", with any number of spaces before the size.
bool parse_entry(std::string_view entry, const std::string& path, bool links, FileAt& file) {
  const size_t tab = entry.find('\t');
  if (tab == kNone || entry.substr(tab + 1) != path) return false;
  const std::string_view mode = entry.substr(0, 6);
  if (entry.substr(6, 6) != " blob " || (mode == kLink) != links) return false;
  entry = entry.substr(12, tab - 12);
  const size_t space = entry.find(' ');
  const size_t digits = entry.find_first_of("0123456789", space);
  if (space == kNone || digits == kNone) return false;
  file.id = entry.substr(0, space);
  std::from_chars(entry.data() + digits, entry.data() + entry.size(), file.bytes);
  return is_full_id(file.id);
}

Result<FileAt> find_entry(Mirror& mirror, const std::string& commit, const std::string& path,
                          bool links) {
  if (!is_full_id(commit)) return {Code::kInvalid, "not the full id of a commit"};
  if (!is_repository_path(path)) return {Code::kNotFound, "not a path inside a repository"};
  ASSIGN_OR_RETURN(
      const std::string listed,
      mirror.read({.arguments = {"ls-tree", "-z", "-l", "--full-tree", commit, "--", path}}));
  FileAt file;
  if (!parse_entry(std::string_view(listed).substr(0, listed.find('\0')), path, links, file)) {
    return {Code::kNotFound, "there is no such file at commit " + commit.substr(0, 12)};
  }
  return file;
}

// "a/b/link.py" and "../c.py" -> "a/c.py"; empty when it leads out of the repository.
std::string behind_link(const std::string& path, std::string_view target) {
  if (target.starts_with('/')) return {};
  std::string result = path.substr(0, path.find_last_of('/') + 1);
  while (!target.empty()) {
    const size_t slash = std::min(target.find('/'), target.size());
    const std::string_view part = target.substr(0, slash);
    target.remove_prefix(std::min(slash + 1, target.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      result += std::string(part) + '/';
      continue;
    }
    if (result.empty()) return {};
    result.resize(result.size() - 1);
    result.resize(result.find_last_of('/') + 1);
  }
  if (!result.empty()) result.pop_back();
  return result;
}

}  // namespace

Result<FileAt> find_file(Mirror& mirror, const std::string& commit, const std::string& path) {
  return find_entry(mirror, commit, path, false);
}

Result<std::string> follow_link(Mirror& mirror, const std::string& commit,
                                const std::string& path) {
  ASSIGN_OR_RETURN(const FileAt link, find_entry(mirror, commit, path, true));
  ASSIGN_OR_RETURN(const std::string target, read_blob(mirror, link, kMostTarget));
  std::string file = behind_link(path, target);
  auto found = find_file(mirror, commit, file);
  if (found) return file;
  if (found.code() != Code::kNotFound) return found.status();
  return {Code::kNotFound, path + " is a symbolic link to " + target + ", which is no file there"};
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
