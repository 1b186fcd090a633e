#include "triage/raise_line.h"

#include <array>

#include "triage/text.h"

namespace flawless::triage {
namespace {

struct Words {
  std::array<std::string_view, 5>
      raise;               // the statement's word; with "(" or "!" if that is part of it
  std::string_view after;  // characters a statement may follow
  std::array<std::string_view, 6> behind;  // words a statement may follow
  std::string_view comment;
};

constexpr Words kPython{{"raise"}, ":;", {}, "#"};
constexpr Words kThrow{{"throw", "@throw"}, "{};):>?,", {"else", "do", "case", "default"}, "//"};
constexpr Words kRuby{
    {"raise", "fail"}, ";|&{:?)", {"then", "or", "and", "else", "do", "ensure"}, "#"};
constexpr Words kGo{{"panic("}, "{};", {}, "//"};
constexpr Words kRust{{"panic!", "unreachable!", "unimplemented!", "todo!"}, "{};>", {}, "//"};
constexpr Words kSwift{{"throw", "fatalError("}, "{};:?", {"else"}, "//"};
constexpr Words kPerl{{"die", "croak", "confess"}, "{};|&", {"or", "and"}, "#"};
constexpr Words kElixir{{"raise", "reraise", "throw"}, ";:>|", {"do", "else", "or"}, "#"};
constexpr Words kUnknownWords{{"raise", "throw"}, ":;{})", {"else", "then"}, {}};

// A bundle's line holds a whole program: a throw somewhere in it says nothing about where it
// failed.
constexpr size_t kLongestLine = 400;

const Words& words_of(Language language) {
  switch (language) {
    case Language::kPython:
      return kPython;
    case Language::kRuby:
      return kRuby;
    case Language::kGo:
      return kGo;
    case Language::kRust:
      return kRust;
    case Language::kSwift:
      return kSwift;
    case Language::kPerl:
      return kPerl;
    case Language::kElixir:
      return kElixir;
    case Language::kUnknown:
      return kUnknownWords;
    default:
      return kThrow;
  }
}

// A statement's word stands at `at`, and is a whole word.
bool word_at(std::string_view code, size_t at, std::string_view word) {
  if (word.empty() || !code.substr(at).starts_with(word)) return false;
  size_t end = at + word.size();
  return !is_word(word.back()) || end == code.size() ||
         (!is_word(code[end]) && code[end] != '.' && code[end] != '=' && code[end] != ':');
}

// Whether a new statement may begin at `at`.
bool opens_statement(std::string_view code, size_t at, const Words& words) {
  std::string_view before = trim(code.substr(0, at));
  if (before.empty()) return true;
  if (words.after.find(before.back()) != std::string_view::npos) return true;
  for (std::string_view word : words.behind) {
    if (!word.empty() && before.ends_with(word) && before.size() < at &&
        (before.size() == word.size() || !is_word(before[before.size() - word.size() - 1]))) {
      return true;
    }
  }
  return false;
}

// Just behind the closing quote, or the end.
size_t skip_quoted(std::string_view code, size_t at) {
  char quote = code[at];
  for (++at; at < code.size() && code[at] != quote; ++at) {
    if (code[at] == '\\') ++at;
  }
  return at + 1;
}

}  // namespace

bool raises(std::string_view code, Language language) {
  code = trim(code);
  if (code.size() > kLongestLine) code = code.substr(0, 32);
  const Words& words = words_of(language);
  for (size_t at = 0; at < code.size();) {
    if (code[at] == '"' || code[at] == '\'' || code[at] == '`') {
      at = skip_quoted(code, at);
    } else if (!words.comment.empty() && code.substr(at).starts_with(words.comment)) {
      return false;
    } else if (at > 0 && is_word(code[at - 1]) && is_word(code[at])) {
      ++at;
    } else {
      for (std::string_view word : words.raise) {
        if (word_at(code, at, word) && opens_statement(code, at, words)) return true;
      }
      ++at;
    }
  }
  return false;
}

}  // namespace flawless::triage
