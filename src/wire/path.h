// Where in a report we are, for warnings. Built on the stack while reading; put into words only
// when needed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flawless::wire {

struct Path {
  static constexpr size_t kNoIndex = static_cast<size_t>(-1);

  // Both refer to the arguments, which must outlive the path.
  Path(const Path* parent_path, std::string_view member) : parent(parent_path), name(member) {}
  Path(const Path* parent_path, size_t element) : parent(parent_path), index(element) {}
  explicit Path(std::string_view member) : name(member) {}

  // "exception.values[0].stacktrace"
  [[nodiscard]] std::string text() const;

  const Path* parent = nullptr;
  std::string_view name;
  size_t index = kNoIndex;
};

}  // namespace flawless::wire
