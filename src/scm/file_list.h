// The names of all files of a tree, ready to be looked up by how a path ends.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scm/lru.h"
#include "scm/mirror.h"

namespace flawless::scm {

// Immutable once made; any thread may read it.
class FileList {
 public:
  // Paths each ended by NUL, in any order. Those over `most_files` are left out.
  explicit FileList(std::string paths, size_t most_files = 2'000'000);
  FileList(const FileList&) = delete;
  FileList& operator=(const FileList&) = delete;

  [[nodiscard]] size_t size() const { return by_name_.size(); }
  [[nodiscard]] bool contains(std::string_view path) const;
  // The files of this name ("cart.py"), whatever their directory, sorted by path.
  [[nodiscard]] std::vector<std::string_view> named(std::string_view name) const;
  [[nodiscard]] size_t bytes() const;

 private:
  [[nodiscard]] std::string_view path(uint32_t offset) const { return paths_.data() + offset; }
  [[nodiscard]] std::span<const uint32_t> range(std::string_view name) const;

  std::string paths_;
  std::vector<uint32_t> by_name_;  // offsets into paths_, sorted by name, then path
};

// "a/b/c.py" -> "c.py"
[[nodiscard]] std::string_view file_name(std::string_view path);

// The lists of a mirror's commits, remembered by tree: commits that change no names to speak of
// still have trees of their own, but asking twice for one commit is free. The mirror must outlive
// it. Any thread.
class FileLists {
 public:
  explicit FileLists(Mirror& mirror, size_t cache_bytes = 32U << 20U)
      : mirror_(mirror), trees_(64U << 10U), lists_(cache_bytes) {}

  // `commit` is a full id. kNotFound: no such commit.
  [[nodiscard]] Result<std::shared_ptr<const FileList>> at(const std::string& commit);

 private:
  Result<std::string> tree_of(const std::string& commit);
  Mirror& mirror_;
  Lru<std::string> trees_;  // commit -> tree
  Lru<FileList> lists_;     // tree -> files
};

}  // namespace flawless::scm
