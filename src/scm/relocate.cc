#include "scm/relocate.h"

#include <algorithm>
#include <string>
#include <vector>

namespace flawless::scm {
namespace {

using How = Relocation::How;

constexpr uint32_t kReach = 200;       // lines up and down
constexpr size_t kTellingLetters = 4;  // a text with fewer stands everywhere
constexpr size_t kShortestCut = 60;    // nobody cuts lines shorter than that
constexpr size_t kMostContext = 10;    // lines compared on each side

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string squeeze(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (!is_space(c)) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

class Text {
 public:
  explicit Text(std::string_view reported) : text_(squeeze(reported)) {
    for (std::string_view mark : {"...", "…"}) {
      if (text_.size() < kShortestCut || !text_.ends_with(mark)) continue;
      text_.resize(text_.size() - mark.size());
      while (text_.ends_with(' ')) text_.pop_back();
      cut_ = true;
      break;
    }
  }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] bool equals(std::string_view line) const {
    const std::string squeezed = squeeze(line);
    return cut_ ? squeezed.starts_with(text_) : squeezed == text_;
  }
  [[nodiscard]] bool is_telling() const {
    return static_cast<size_t>(std::count_if(text_.begin(), text_.end(), is_word)) >=
           kTellingLetters;
  }

 private:
  std::string text_;
  bool cut_ = false;
};

// How many of the reported neighbours stand where they should when `line` (from 1) is the one.
// Empty lines prove nothing.
size_t agreeing_neighbours(std::span<const std::string_view> lines, size_t line,
                           const ReportedLine& reported) {
  size_t agreeing = 0;
  const size_t above = std::min({reported.before.size(), kMostContext, line - 1});
  for (size_t i = 1; i <= above; ++i) {
    const Text text(reported.before[reported.before.size() - i]);
    if (!text.empty() && text.equals(lines[line - 1 - i])) ++agreeing;
  }
  const size_t below = std::min({reported.after.size(), kMostContext, lines.size() - line});
  for (size_t i = 1; i <= below; ++i) {
    const Text text(reported.after[i - 1]);
    if (!text.empty() && text.equals(lines[line - 1 + i])) ++agreeing;
  }
  return agreeing;
}

// The one place with the most agreeing neighbours, or 0.
uint32_t best_by_context(std::span<const std::string_view> lines,
                         const std::vector<uint32_t>& places, const ReportedLine& reported) {
  size_t most = 0;
  uint32_t best = 0;
  for (uint32_t place : places) {
    const size_t agreeing = agreeing_neighbours(lines, place, reported);
    if (agreeing > most) {
      most = agreeing;
      best = place;
    } else if (agreeing == most) {
      best = 0;
    }
  }
  return best;
}

}  // namespace

double Relocation::confidence() const {
  switch (how) {
    case How::kExact:
      return 1.0;
    case How::kMoved:
      return 0.8;
    case How::kContext:
      return 0.7;
    case How::kUnchecked:
      return 0.4;
    case How::kNone:
      break;
  }
  return 0.0;
}

Relocation relocate(std::span<const std::string_view> lines, const ReportedLine& reported) {
  const auto count = static_cast<uint32_t>(lines.size());
  const Text text(reported.text);
  const bool in_file = reported.number >= 1 && reported.number <= count;
  if (text.empty()) return in_file ? Relocation{How::kUnchecked, reported.number} : Relocation{};
  if (in_file && text.equals(lines[reported.number - 1])) return {How::kExact, reported.number};

  const uint32_t first = reported.number > kReach ? reported.number - kReach : 1;
  const uint64_t last = std::min<uint64_t>(count, uint64_t{reported.number} + kReach);
  std::vector<uint32_t> places;
  for (uint32_t line = first; line <= last; ++line) {
    if (text.equals(lines[line - 1])) places.push_back(line);
  }
  if (places.size() == 1 && text.is_telling()) return {How::kMoved, places.front()};
  if (places.empty()) return {};
  const uint32_t best = best_by_context(lines, places, reported);
  return best > 0 ? Relocation{How::kContext, best} : Relocation{};
}

}  // namespace flawless::scm
