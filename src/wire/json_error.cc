#include "wire/json_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace flawless::wire {
namespace {

class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {
    while (text_.substr(at_).starts_with("\xef\xbb\xbf")) at_ += 3;
  }

  std::string run() {
    space();
    if (at_ == text_.size()) return fail("the text is empty");
    do {
      if (!value()) return message_;
    } while (!open_.empty());
    space();
    if (at_ < text_.size()) return fail("something follows the end of the JSON");
    return {};
  }

 private:
  void space() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
  }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] bool ended() const { return at_ >= text_.size(); }

  bool wrong(std::string_view expected) {
    fail(ended() ? fmt::format("the text ends where {} was expected", expected)
                 : fmt::format("expected {}", expected));
    return false;
  }

  std::string fail(std::string_view what) {
    std::string_view before = text_.substr(0, at_);
    auto line = 1 + std::count(before.begin(), before.end(), '\n');
    size_t column =
        at_ - (before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1);
    message_ = fmt::format("line {}, column {}: {}", line, column + 1, what);
    return message_;
  }

  // One value or the opening of a container, then all that closes behind it.
  bool value() {
    space();
    char c = peek();
    if (c == '{' || c == '[') {
      if (open_.size() == kMostNesting) {
        fail(fmt::format("nested too deeply (more than {} levels)", kMostNesting));
        return false;
      }
      open_.push_back(c);
      ++at_;
      space();
      if (peek() == closing()) return close();
      return c == '[' || key();
    }
    bool ok = c == '"' ? string() : word();
    return ok && after_value();
  }

  [[nodiscard]] char closing() const { return open_.back() == '{' ? '}' : ']'; }

  bool close() {
    ++at_;
    open_.pop_back();
    return after_value();
  }

  bool after_value() {
    while (!open_.empty()) {
      space();
      if (peek() == ',') {
        ++at_;
        return open_.back() == '[' || key();
      }
      if (peek() != closing()) {
        return wrong(open_.back() == '{' ? "',' or '}' after a member of an object"
                                         : "',' or ']' after an element of an array");
      }
      ++at_;
      open_.pop_back();
    }
    return true;
  }

  bool key() {
    space();
    if (peek() != '"') return wrong("a name in double quotes");
    if (!string()) return false;
    space();
    if (peek() != ':') return wrong("':' after a name");
    ++at_;
    return true;
  }

  bool string() {
    size_t start = at_++;
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '"') return ++at_, true;
      at_ += c == '\\' ? 2 : 1;
    }
    at_ = start;
    fail("this string does not end");
    return false;
  }

  bool word() {
    size_t start = at_;
    while (at_ < text_.size() &&
           std::string_view(",]} \t\r\n:\"{[").find(text_[at_]) == std::string_view::npos) {
      ++at_;
    }
    std::string_view token = text_.substr(start, at_ - start);
    constexpr std::array<std::string_view, 6> kWords = {"true", "false",    "null",
                                                        "NaN",  "Infinity", "-Infinity"};
    if (std::find(kWords.begin(), kWords.end(), token) != kWords.end() || is_number(token))
      return true;
    at_ = start;
    return wrong("a value");
  }

  static bool digits(std::string_view& token) {
    size_t count = std::min(token.find_first_not_of("0123456789"), token.size());
    token.remove_prefix(count);
    return count > 0;
  }

  static bool is_number(std::string_view token) {
    if (token.starts_with('-')) token.remove_prefix(1);
    if (token.size() > 1 && token[0] == '0' && token[1] >= '0' && token[1] <= '9') return false;
    if (!digits(token)) return false;
    if (token.starts_with('.')) {
      token.remove_prefix(1);
      if (!digits(token)) return false;
    }
    if (token.starts_with('e') || token.starts_with('E')) {
      token.remove_prefix(1);
      if (token.starts_with('+') || token.starts_with('-')) token.remove_prefix(1);
      if (!digits(token)) return false;
    }
    return token.empty();
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string open_;
  std::string message_;
};

}  // namespace

std::string find_json_error(std::string_view text) { return Checker(text).run(); }

}  // namespace flawless::wire
