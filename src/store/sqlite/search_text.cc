#include "store/sqlite/search_text.h"

#include <vector>

namespace flawless::store::sqlite {
namespace {

constexpr size_t kMostWords = 16;
constexpr size_t kMostBytes = 512;

bool separates(char c) { return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == 0x7f; }

// A quoted string without any letter or digit is an empty phrase, which would match nothing.
bool has_token(std::string_view word) {
  for (char c : word) {
    auto byte = static_cast<unsigned char>(c);
    bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
    if (letter || (byte >= '0' && byte <= '9') || byte >= 0x80) return true;
  }
  return false;
}

std::vector<std::string_view> words_of(std::string_view typed) {
  std::vector<std::string_view> words;
  size_t from = 0;
  for (size_t i = 0; i <= typed.size() && words.size() < kMostWords; ++i) {
    if (i < typed.size() && !separates(typed[i])) continue;
    std::string_view word = typed.substr(from, i - from);
    if (has_token(word)) words.push_back(word);
    from = i + 1;
  }
  return words;
}

}  // namespace

std::string match_expression(std::string_view typed) {
  std::string expression;
  for (std::string_view word : words_of(typed.substr(0, kMostBytes))) {
    if (!expression.empty()) expression += " AND ";
    expression += '"';
    expression += word;
    expression += '"';
  }
  if (!expression.empty()) expression += " *";
  return expression;
}

}  // namespace flawless::store::sqlite
