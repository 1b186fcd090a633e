#include "triage/error_code.h"

#include <algorithm>

#include "triage/text.h"

namespace flawless::triage {
namespace {

constexpr std::string_view kVendors[] = {"ORA", "PLS", "TNS",  "E",    "ERR",    "ER", "TS",
                                         "CS",  "MSB", "LNK",  "NU",   "AADSTS", "DB", "SQL",
                                         "HV",  "MSG", "WFLY", "JBAS", "CVE"};
constexpr std::string_view kBeforeCodes[] = {"error", "errors", "code", "exception", "fault"};
constexpr std::string_view kAnswered[] = {"got",      "returned", "returns", "received",
                                          "answered", "replied",  "response"};
constexpr std::string_view kBeforeWith[] = {"responded", "failed",   "answered", "replied",
                                            "returned",  "rejected", "ended"};
// In small letters behind a status; any other word is what is counted.
constexpr std::string_view kBehindStatus[] = {
    "from", "for",    "on",    "by",     "to",   "at",      "when", "while",
    "in",   "after",  "and",   "but",    "with", "instead", "as",   "because",
    "code", "status", "error", "errors", "response"};

// The word that ends right before `end`, white space and "=:" aside; `end` moves to its start.
std::string_view word_before(std::string_view text, size_t& end) {
  constexpr size_t kLongest = 12;
  while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == ':' || text[end - 1] == '=')) --end;
  size_t begin = end;
  while (begin > 0 && end - begin < kLongest && is_letter(text[begin - 1])) --begin;
  std::string_view word = text.substr(begin, end - begin);
  end = begin;
  return word;
}

template <size_t N>
bool one_of_folded(std::string_view word, const std::string_view (&words)[N]) {
  return std::any_of(std::begin(words), std::end(words),
                     [&](std::string_view known) { return equal_folded(word, known); });
}

bool stands_where_codes_do(std::string_view text, size_t at, size_t end) {
  size_t before = at;
  if (one_of_folded(word_before(text, before), kBeforeCodes)) return true;
  bool colon_follows = end < text.size() && text[end] == ':';
  return colon_follows && (at == 0 || (at > 1 && text[at - 1] == ' ' && text[at - 2] == ':'));
}

bool is_registered_status(std::string_view digits) {
  int status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  return (status >= 200 && status <= 208) || (status >= 300 && status <= 308) ||
         (status >= 400 && status <= 431) || status == 451 || (status >= 500 && status <= 511) ||
         (status >= 520 && status <= 530);
}

}  // namespace

size_t error_code_size(std::string_view text, size_t at) {
  constexpr size_t kLongestPrefix = 6, kFewestDigits = 3, kMostDigits = 6;
  size_t capitals = run(text, at, is_upper);
  if (capitals == 0 || capitals > kLongestPrefix) return 0;
  size_t end = at + capitals;
  if (end < text.size() && text[end] == '-') ++end;
  size_t digits = run(text, end, is_digit);
  end += digits;
  if (digits < kFewestDigits || digits > kMostDigits) return 0;
  if (end < text.size() && (is_word(text[end]) || text[end] == '-')) return 0;
  if (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '-')) return 0;
  bool vendor = one_of(text.substr(at, capitals), kVendors);
  return vendor || stands_where_codes_do(text, at, end) ? end - at : 0;
}

bool is_http_status(std::string_view text, size_t at) {
  constexpr size_t kDigits = 3;
  if (run(text, at, is_digit) != kDigits || !is_registered_status(text.substr(at))) return false;
  size_t before = at;
  std::string_view word = word_before(text, before);
  if (equal_folded(word, "with") ? !one_of_folded(word_before(text, before), kBeforeWith)
                                 : !one_of_folded(word, kAnswered)) {
    return false;
  }
  size_t next = at + kDigits;
  if (next + 1 >= text.size() || text[next] != ' ' || !is_lower(text[next + 1])) return true;
  return one_of(text.substr(next + 1, run(text, next + 1, is_letter)), kBehindStatus);
}

}  // namespace flawless::triage
