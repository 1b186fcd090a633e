#include "blame/line_map.h"

#include <algorithm>
#include <charconv>

namespace flawless::blame {
namespace {

bool take(std::string_view& text, std::string_view mark) {
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(mark.size());
  return true;
}

bool take_number(std::string_view& text, uint32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

// "12,3"; one line is not counted: "12"
bool take_range(std::string_view& text, uint32_t& first, uint32_t& lines) {
  lines = 1;
  return take_number(text, first) && (!take(text, ",") || take_number(text, lines));
}

}  // namespace

Result<LineMap> LineMap::parse(std::string_view diff) {
  LineMap map;
  while (!diff.empty()) {
    std::string_view line = diff.substr(0, diff.find('\n'));
    diff.remove_prefix(std::min(line.size() + 1, diff.size()));
    if (!take(line, "@@ -")) continue;
    Hunk hunk;
    uint32_t new_first = 0;
    if (!take_range(line, hunk.old_first, hunk.old_lines) || !take(line, " +") ||
        !take_range(line, new_first, hunk.new_lines)) {
      return Status{Code::kInternal, "git diff printed a hunk that cannot be read"};
    }
    // Where nothing was taken away, the line before is named.
    if (hunk.old_lines == 0) ++hunk.old_first;
    map.hunks_.push_back(hunk);
  }
  return map;
}

uint32_t LineMap::new_of(uint32_t old_line) const {
  uint32_t added = 0, removed = 0;
  for (const Hunk& hunk : hunks_) {
    if (old_line < hunk.old_first) break;
    if (old_line - hunk.old_first < hunk.old_lines) return 0;
    added += hunk.new_lines;
    removed += hunk.old_lines;
  }
  return old_line + added - removed;
}

}  // namespace flawless::blame
