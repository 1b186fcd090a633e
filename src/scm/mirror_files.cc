#include "scm/mirror_files.h"

#include <fcntl.h>
#include <stdio.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <vector>

#include "os/file.h"

namespace flawless::scm {
namespace {

namespace fs = std::filesystem;

void collect(const fs::path& directory, bool deep, std::vector<fs::path>& stale) {
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (!deep && it->is_directory(error)) it.disable_recursion_pending();
    const std::string name = it->path().filename().string();
    if (name.ends_with(".lock") || name.starts_with("tmp_")) stale.push_back(it->path());
  }
}

}  // namespace

void remove_stale_files(const std::string& git_dir) {
  std::vector<fs::path> stale;
  const fs::path root(git_dir);
  collect(root, false, stale);
  collect(root / "refs", true, stale);
  collect(root / "objects/info", true, stale);
  collect(root / "objects/pack", false, stale);
  std::error_code ignored;
  for (const fs::path& path : stale) fs::remove(path, ignored);
}

Status put_in_place(const std::string& fresh, const std::string& git_dir) {
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, git_dir.c_str(), RENAME_NOREPLACE) == 0) {
    return {};
  }
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, git_dir.c_str(), RENAME_EXCHANGE) != 0) {
    return os::disk_error("put a new mirror at", git_dir, errno);
  }
  remove_tree(fresh);
  return {};
}

void remove_tree(const std::string& directory) {
  std::error_code ignored;
  fs::remove_all(directory, ignored);
}

bool parse_progress(std::string_view text, std::string& phase, int& percent) {
  const size_t sign = text.rfind('%');
  if (sign == std::string_view::npos) return false;
  const size_t digits = text.find_last_not_of("0123456789", sign - (sign > 0 ? 1 : 0));
  if (digits == std::string_view::npos || digits + 1 == sign) return false;
  const size_t colon = text.rfind(':', digits);
  if (colon == std::string_view::npos) return false;
  std::from_chars(text.data() + digits + 1, text.data() + sign, percent);
  const size_t start = text.find_last_of("\r\n", colon);
  std::string_view name = text.substr(start + 1, colon - start - 1);  // npos + 1 is 0
  if (name.starts_with("remote: ")) name.remove_prefix(8);
  phase = name;
  return true;
}

}  // namespace flawless::scm
