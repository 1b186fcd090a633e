#include "scm/relocate.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace flawless::scm {
namespace {

using How = Relocation::How;

constexpr uint32_t kReach = 200;       // lines up and down
constexpr size_t kTellingLetters = 4;  // a text with fewer stands everywhere
constexpr size_t kShortestCut = 60;    // nobody cuts lines shorter than that
constexpr size_t kMostContext = 10;    // lines compared on each side
constexpr size_t kUnmistakable = 40;   // characters; nobody writes those twice by chance
constexpr size_t kTab = 8;

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
  [[nodiscard]] bool is_unmistakable() const { return text_.size() >= kUnmistakable; }

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

bool is_number(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What compilers call functions that have no name, or another one, in the source.
constexpr std::array<std::string_view, 6> kMadeUp = {
    "MoveNext", "invokeSuspend", "ctor", "cctor", "operator", "anonymous"};
// What they join to a name with "$"; alone, some are names.
constexpr std::array<std::string_view, 6> kJoined = {"lambda", "anonfun", "adapted",
                                                     "null",   "new",     "static"};

bool is_any(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Go: "main.(*Cart).Total.func1.2" -> "main.(*Cart).Total"
std::string_view before_closure(std::string_view function) {
  constexpr std::string_view kClosure = ".func";
  for (size_t at = 0; (at = function.find(kClosure, at)) != std::string_view::npos;) {
    const size_t number = at + kClosure.size();
    if (number < function.size() && is_number(function.substr(number, 1))) {
      return function.substr(0, at);
    }
    at = number;
  }
  return function;
}

// C#: "<>c.<Total>b__3_0", "<Total>d__3.MoveNext" -> "Total"
std::string_view around_closure(std::string_view function) {
  for (size_t at = 0; (at = function.find('<', at)) != std::string_view::npos;) {
    const size_t end = std::min(function.find_first_of("<>", ++at), function.size());
    if (end > at && function.substr(end).starts_with('>') &&
        function.substr(std::min(end + 2, function.size())).starts_with("__")) {
      return function.substr(at, end - at);
    }
  }
  return function;
}

// "(*Cart).Total(void (*)(int)) const", "total [as sum]" -> "(*Cart).Total", "total"
std::string_view without_parameters(std::string_view function) {
  constexpr std::string_view kConst = " const";
  if (function.ends_with(kConst)) function.remove_suffix(kConst.size());
  while (function.ends_with(')') || function.ends_with(']')) {
    size_t open = 0;
    do {
      const char last = function.back();
      if (last == ')' || last == ']') ++open;
      if (last == '(' || last == '[') --open;
      function.remove_suffix(1);
    } while (open > 0 && !function.empty());
    while (function.ends_with(' ')) function.remove_suffix(1);
  }
  return function;
}

// "lambda$total$0", "$anonfun$total$1", "total" -> "total"; empty where no part is of the source.
std::string_view source_part(std::string_view word) {
  const bool is_joined = word.find('$') != std::string_view::npos;
  while (!word.empty()) {
    const size_t begin = word.rfind('$') + 1;  // 0 where there is none
    const std::string_view part = word.substr(begin);
    if (!is_number(part) && !is_any(part, kMadeUp) && !(is_joined && is_any(part, kJoined))) {
      return part;
    }
    word = word.substr(0, begin > 0 ? begin - 1 : 0);
  }
  return {};
}

// The name alone: "Cart.total" -> "total", "(*Cart).Total(int)" -> "Total", "total/2" -> "total".
// Of a closure the name of the function around it, if it is told. Empty where the client has none:
// "<module>", "Object.<anonymous>".
std::string_view simple_name(std::string_view function) {
  function = around_closure(before_closure(function));
  const size_t slash = function.rfind('/');
  if (slash != std::string_view::npos && is_number(function.substr(slash + 1))) {
    function = function.substr(0, slash);
  }
  function = without_parameters(function);
  size_t begin = function.size();
  while (begin > 0 && (is_word(function[begin - 1]) || function[begin - 1] == '$')) --begin;
  return source_part(function.substr(begin));
}

bool names(std::string_view line, std::string_view word) {
  for (size_t at = 0; (at = line.find(word, at)) != std::string_view::npos; ++at) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_word(line[at - 1])) && (end == line.size() || !is_word(line[end]))) {
      return true;
    }
  }
  return false;
}

size_t indentation(std::string_view line) {
  size_t columns = 0;
  for (char c : line) {
    if (!is_space(c)) break;
    columns = c == '\t' ? (columns / kTab + 1) * kTab : columns + 1;
  }
  return columns;
}

// Whether the line says what the lines below it are in: not so "{", ") {", "else:", "#endif", or a
// comment.
bool is_heading(std::string_view squeezed) {
  const auto words = static_cast<size_t>(std::count_if(squeezed.begin(), squeezed.end(), is_word));
  const bool is_label = squeezed.ends_with(':') && words == squeezed.size() - 1;
  return words > 0 && !is_label && !squeezed.starts_with('#') && !squeezed.starts_with(')') &&
         !squeezed.starts_with("//");
}

// Whether the line (from 1), or one of those that it is indented below, names the function.
bool is_inside(std::span<const std::string_view> lines, size_t line, std::string_view name) {
  if (names(lines[line - 1], name)) return true;
  size_t within = indentation(lines[line - 1]);
  for (size_t i = line - 1; i > 0 && within > 0; --i) {
    const size_t columns = indentation(lines[i - 1]);
    if (columns >= within || !is_heading(squeeze(lines[i - 1]))) continue;
    if (names(lines[i - 1], name)) return true;
    within = columns;
  }
  return false;
}

// Leaves out the places that cannot be meant since they are in other functions.
void keep_those_inside(std::span<const std::string_view> lines, const Text& text,
                       std::string_view name, std::vector<uint32_t>& places) {
  if (name.empty() || places.empty()) return;
  if (places.size() == 1 && text.is_unmistakable() &&
      std::count_if(lines.begin(), lines.end(),
                    [&](std::string_view line) { return text.equals(line); }) == 1) {
    return;
  }
  std::erase_if(places, [&](uint32_t place) { return !is_inside(lines, place, name); });
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
  keep_those_inside(lines, text, simple_name(reported.function), places);
  if (places.size() == 1 && text.is_telling()) return {How::kMoved, places.front()};
  if (places.empty()) return {};
  const uint32_t best = best_by_context(lines, places, reported);
  return best > 0 ? Relocation{How::kContext, best} : Relocation{};
}

}  // namespace flawless::scm
