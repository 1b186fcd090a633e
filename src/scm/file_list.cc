#include "scm/file_list.h"

#include <algorithm>
#include <limits>

#include "scm/revision.h"

namespace flawless::scm {

std::string_view file_name(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

FileList::FileList(std::string paths, size_t most_files) : paths_(std::move(paths)) {
  constexpr size_t kMostBytes = std::numeric_limits<uint32_t>::max();
  for (size_t at = 0; at < std::min(paths_.size(), kMostBytes) && by_name_.size() < most_files;) {
    const size_t end = paths_.find('\0', at);
    if (end == std::string::npos) break;
    by_name_.push_back(static_cast<uint32_t>(at));
    at = end + 1;
  }
  by_name_.shrink_to_fit();
  std::sort(by_name_.begin(), by_name_.end(), [this](uint32_t a, uint32_t b) {
    const std::string_view left = path(a), right = path(b);
    const int order = file_name(left).compare(file_name(right));
    return order != 0 ? order < 0 : left < right;
  });
}

std::span<const uint32_t> FileList::range(std::string_view name) const {
  const auto first = std::lower_bound(
      by_name_.begin(), by_name_.end(), name,
      [this](uint32_t offset, std::string_view n) { return file_name(path(offset)) < n; });
  const auto last = std::upper_bound(
      first, by_name_.end(), name,
      [this](std::string_view n, uint32_t offset) { return n < file_name(path(offset)); });
  return {first, last};
}

bool FileList::contains(std::string_view wanted) const {
  const auto same_name = range(file_name(wanted));
  return std::any_of(same_name.begin(), same_name.end(),
                     [&](uint32_t offset) { return path(offset) == wanted; });
}

std::vector<std::string_view> FileList::named(std::string_view name) const {
  std::vector<std::string_view> found;
  for (uint32_t offset : range(name)) found.push_back(path(offset));
  return found;
}

size_t FileList::bytes() const {
  return sizeof *this + paths_.capacity() + by_name_.capacity() * sizeof(uint32_t);
}

Result<std::string> FileLists::tree_of(const std::string& commit) {
  if (!is_full_id(commit)) return {Code::kInvalid, "not the full id of a commit"};
  if (const auto known = trees_.find(commit)) return *known;
  ASSIGN_OR_RETURN(std::string tree,
                   mirror_.read({.arguments = {"rev-parse", "--verify", "--end-of-options",
                                               commit + "^{tree}"}}));
  tree.resize(std::min(tree.size(), tree.find('\n')));
  trees_.put(commit, std::make_shared<const std::string>(tree), tree.size());
  return tree;
}

Result<std::shared_ptr<const FileList>> FileLists::at(const std::string& commit) {
  ASSIGN_OR_RETURN(const std::string tree, tree_of(commit));
  if (auto known = lists_.find(tree)) return known;
  ASSIGN_OR_RETURN(
      std::string names,
      mirror_.read({.arguments = {"ls-tree", "-r", "-z", "--full-tree", "--name-only", tree},
                    .most_output = 512U << 20U}));
  auto list = std::make_shared<const FileList>(std::move(names));
  lists_.put(tree, list, list->bytes());
  return std::shared_ptr<const FileList>(list);
}

}  // namespace flawless::scm
