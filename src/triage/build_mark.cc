#include "triage/build_mark.h"

#include <algorithm>

#include "triage/text.h"

namespace flawless::triage {
namespace {

constexpr size_t kNone = std::string_view::npos;

struct Counts {
  size_t digits = 0, hex_letters = 0, lower = 0, upper = 0, other = 0;
  [[nodiscard]] bool hex_only(size_t size) const { return digits + hex_letters == size; }
};
Counts count(std::string_view text) {
  Counts counts;
  for (char c : text) {
    if (is_digit(c)) ++counts.digits;
    if (!is_digit(c) && is_hex(c)) ++counts.hex_letters;
    if (is_lower(c)) ++counts.lower;
    if (is_upper(c)) ++counts.upper;
    if (!is_alnum(c) && c != '_' && c != '-') ++counts.other;
  }
  return counts;
}

// Digits in three places or more: "AppleIntelHD4000GraphicsGLDriver" is a name.
bool is_mixed(std::string_view text) {
  size_t runs = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i]) && (i == 0 || !is_digit(text[i - 1]))) ++runs;
  }
  return runs >= 3;
}

// "face1234", "ed25519"
bool is_word_with_number(std::string_view text) {
  constexpr size_t kShortestWord = 2;
  size_t letters = run(text, 0, is_letter);
  return letters >= kShortestWord && letters + run(text, letters, is_digit) == text.size();
}

bool is_vowel(char c) {
  return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

// Words of two letters that names are made of.
constexpr std::string_view kShortWords[] = {
    "as", "at", "be", "by", "db", "do", "fs", "go", "id", "if", "in", "io", "ip", "is",
    "it", "js", "me", "my", "no", "of", "ok", "on", "or", "os", "pg", "to", "ts", "tx",
    "ui", "up", "us", "vm", "we", "md"};
// Two consonants that a word may begin with.
constexpr std::string_view kOnsets[] = {
    "bl", "br", "ch", "cl", "cr", "dr", "dw", "fl", "fr", "gh", "gl", "gn", "gr", "js",
    "kn", "kr", "ph", "pl", "pr", "ps", "qu", "rh", "sc", "sh", "sk", "sl", "sm", "sn",
    "sp", "sq", "st", "sw", "th", "tr", "ts", "tw", "wh", "wr"};

// Whether lower-case `text` could be a word: it has a vowel, no five consonants in a row, and
// starts as words do.
bool is_pronounceable(std::string_view text) {
  constexpr size_t kMostConsonants = 4;
  if (text.size() < 3) return one_of(text, kShortWords);
  if (!is_vowel(text[0]) && !is_vowel(text[1]) && !one_of(text.substr(0, 2), kOnsets)) return false;
  size_t consonants = 0;
  bool vowel = false;
  for (char c : text) {
    consonants = is_vowel(c) ? 0 : consonants + 1;
    vowel |= is_vowel(c);
    if (consonants > kMostConsonants) return false;
  }
  return vowel;
}

// "UserList", "userList2", "URLParse", "my-Table": words, each with its capital or in small
// letters, abbreviations of two to four capitals, and a number at the end.
bool reads_as_words(std::string_view text) {
  constexpr size_t kLongestAbbreviation = 4, kLongest = 8;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '-' || text[at] == '_') {
      ++at;
      continue;
    }
    if (is_digit(text[at])) return at > 0 && at + run(text, at, is_digit) == text.size();
    size_t capitals = run(text, at, is_upper);
    bool capital_of_a_word = at + capitals < text.size() && is_lower(text[at + capitals]);
    size_t abbreviation = capitals - (capitals > 0 && capital_of_a_word ? 1 : 0);
    if (abbreviation > 0) {
      if (abbreviation == 1 || abbreviation > kLongestAbbreviation) return false;
      at += abbreviation;
      continue;
    }
    size_t size = capitals + run(text, at + capitals, is_lower);
    if (size == 0) return false;
    char word[kLongest];
    std::transform(text.begin() + static_cast<std::ptrdiff_t>(at),
                   text.begin() + static_cast<std::ptrdiff_t>(at + size), word, to_lower);
    if (!is_pronounceable({word, size})) return false;
    at += size;
  }
  return true;
}

// "20260101", "2026-01-01T12", "v20260101"
bool is_date(std::string_view text) {
  constexpr size_t kDigits = 8;
  return text.find_first_not_of("0123456789-_.TZv") == kNone &&
         static_cast<size_t>(std::count_if(text.begin(), text.end(), is_digit)) >= kDigits;
}

// "v1.2.3" or "1.2.3"; 0 without a dot.
size_t dotted_number_size(std::string_view text) {
  size_t size = text.starts_with('v') ? 1 : 0;
  size_t dots = 0;
  for (;; ++dots) {
    size_t digits = run(text, size, is_digit);
    if (digits == 0) return 0;
    size += digits;
    if (size + 1 >= text.size() || text[size] != '.' || !is_digit(text[size + 1])) break;
    ++size;
  }
  return dots > 0 ? size : 0;
}

}  // namespace

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

bool is_hash(std::string_view text) {
  constexpr size_t kShortest = 7, kLong = 20;
  if (text.size() < kShortest) return false;
  Counts counts = count(text);
  if (counts.hex_only(text.size()))
    return counts.digits >= 2 && counts.hex_letters >= 1 && !is_word_with_number(text);
  return text.size() >= kLong && counts.other == 0 && counts.digits >= 3 && is_mixed(text);
}

bool is_bundler_hash(std::string_view text) {
  constexpr size_t kSize = 8;
  if (text.size() != kSize) return false;
  Counts counts = count(text);
  if (counts.other > 0 || counts.upper == 0) return false;
  if (counts.upper + counts.digits == kSize) return true;
  return !reads_as_words(text);
}

bool is_version(std::string_view text) {
  size_t size = dotted_number_size(text);
  return size > 0 && std::all_of(text.begin() + static_cast<std::ptrdiff_t>(size), text.end(),
                                 [](char c) {
                                   return is_alnum(c) || c == '.' || c == '-' || c == '+' ||
                                          c == '_';
                                 });
}

size_t version_size(std::string_view text) {
  size_t size = dotted_number_size(text);
  if (size == 0 || (size < text.size() && is_word(text[size]) && text[size] != '_')) return 0;
  for (std::string_view stage : {"alpha", "beta", "rc", "pre", "dev", "next", "canary"}) {
    if (size < text.size() && text[size] == '-' && text.substr(size + 1).starts_with(stage)) {
      size += 1 + stage.size();
      while (size < text.size() &&
             (is_digit(text[size]) ||
              (text[size] == '.' && size + 1 < text.size() && is_digit(text[size + 1])))) {
        ++size;
      }
      return size;
    }
  }
  return size;
}

bool is_deploy(std::string_view segment) {
  constexpr size_t kShortest = 6, kCommit = 7;
  if (is_version(segment)) return true;
  if (segment.size() < kShortest) return false;
  if (is_number(segment) || is_date(segment) || is_made_up(segment)) return true;
  Counts counts = count(segment);
  return segment.size() >= kCommit && counts.hex_only(segment.size()) && counts.digits >= 1;
}

bool is_made_up(std::string_view segment) {
  constexpr size_t kTime = 10;
  if (is_hash(segment) || is_uuid(segment)) return true;
  if (segment.size() >= kTime && is_number(segment)) return true;
  bool built = segment.starts_with("build_") || segment.starts_with("tmp");
  return built && is_hash(segment.substr(segment.find('_') + 1));
}

}  // namespace flawless::triage
