// Secrets that show by themselves what they are, whatever stands beside them: keys by how their
// makers have them begin, JSON Web Tokens, numbers of payment cards.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <iterator>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "triage/scrub_parts.h"
#include "triage/text.h"

namespace flawless::triage {
namespace {

// Kinds of characters, one bit each.
using Kinds = uint8_t;
constexpr Kinds kDigits = 1, kUppers = 2, kLowers = 4, kUnderscores = 8, kDashes = 16, kDots = 32;
constexpr Kinds kSlashes = 64, kBlanks = 128;  // '+' is a blank of a form

// Of what a key is made behind its first letters.
constexpr Kinds kUpper = kDigits | kUppers;
constexpr Kinds kAlnum = kUpper | kLowers;
constexpr Kinds kWord = kAlnum | kUnderscores;
constexpr Kinds kDashed = kWord | kDashes;  // base64url
constexpr Kinds kPath = kAlnum | kSlashes;  // behind an address that stays

struct Shape {
  std::string_view first;
  Kinds body;
  size_t least;
};
constexpr Shape kShapes[] = {
    {"AIza", kDashed, 35},                     // Google
    {"AKIA", kUpper, 16},                      // AWS
    {"ASIA", kUpper, 16},                      //
    {"gho_", kAlnum, 36},                      // GitHub
    {"ghp_", kAlnum, 36},                      //
    {"ghr_", kAlnum, 36},                      //
    {"ghs_", kAlnum, 36},                      //
    {"ghu_", kAlnum, 36},                      //
    {"github_pat_", kWord, 40},                //
    {"glpat-", kDashed, 20},                   // GitLab
    {"hooks.slack.com/services/", kPath, 30},  //
    {"npm_", kAlnum, 36},                      //
    {"pypi-AgE", kDashed, 40},                 //
    {"rk_live_", kAlnum, 24},                  // Stripe
    {"rk_test_", kAlnum, 24},                  //
    {"sk-", kAlnum, 32},                       // OpenAI and who copied it
    {"sk-admin-", kDashed, 20},                //
    {"sk-ant-", kDashed, 20},                  // Anthropic
    {"sk-or-", kDashed, 20},                   // OpenRouter
    {"sk-proj-", kDashed, 20},                 //
    {"sk-svcacct-", kDashed, 20},              //
    {"sk_live_", kAlnum, 24},                  //
    {"sk_test_", kAlnum, 24},                  //
    {"xoxa-", kDashed, 20},                    // Slack
    {"xoxb-", kDashed, 20},                    //
    {"xoxp-", kDashed, 20},                    //
    {"xoxr-", kDashed, 20},                    //
    {"xoxs-", kDashed, 20},                    //
};
// Of one that was cut off so much is taken for it, too.
constexpr size_t kEnough = 12;
// No shape, cut off or not, is shorter.
constexpr size_t kShortestShape = 14;

struct Tables {
  std::array<Kinds, 256> kind{};
  std::array<bool, 256> begins{};          // whether any shape does so
  std::array<uint8_t, 256> first_shape{};  // by its first letter; or how many there are
};
constexpr Tables make_tables() {
  Tables tables;
  for (size_t i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    Kinds kind = 0;
    if (c >= '0' && c <= '9') kind = kDigits;
    if (c >= 'A' && c <= 'Z') kind = kUppers;
    if (c >= 'a' && c <= 'z') kind = kLowers;
    if (c == '_') kind = kUnderscores;
    if (c == '-') kind = kDashes;
    if (c == '.') kind = kDots;
    if (c == '/') kind = kSlashes;
    if (c == ' ' || c == '+') kind = kBlanks;
    tables.kind[i] = kind;
    tables.begins[i] = kind == kDigits || c == 'e' || c == 'S';
  }
  tables.first_shape.fill(std::size(kShapes));
  for (size_t i = std::size(kShapes); i-- > 0;) {
    const auto first = static_cast<uint8_t>(kShapes[i].first[0]);
    tables.first_shape[first] = static_cast<uint8_t>(i);
    tables.begins[first] = true;
  }
  return tables;
}
constexpr Tables kTables = make_tables();
static_assert(std::is_sorted(std::begin(kShapes), std::end(kShapes),
                             [](const Shape& a, const Shape& b) { return a.first < b.first; }));

Kinds kind_of(char c) { return kTables.kind[static_cast<uint8_t>(c)]; }
bool is_key_word(char c) { return (kind_of(c) & kWord) != 0; }

// 64 characters are looked at together, of a short text fewer: bit i of a mask stands for the i-th.
constexpr size_t kBlock = 64, kSmallBlock = 32;
using Lanes = int8_t __attribute__((vector_size(16)));

uint64_t mask_of(Lanes lanes) {
#ifdef __SSE2__
  return static_cast<uint16_t>(_mm_movemask_epi8(std::bit_cast<__m128i>(lanes)));
#else
  uint64_t mask = 0;
  for (size_t i = 0; i < sizeof lanes; ++i) mask |= uint64_t{lanes[i] != 0} << i;
  return mask;
#endif
}

template <size_t kSize, typename Test>
uint64_t where(const char* block, Test test) {
  uint64_t mask = 0;
#pragma GCC unroll 4
  for (size_t i = 0; i < kSize; i += sizeof(Lanes)) {
    Lanes lanes;
    std::memcpy(&lanes, block + i, sizeof lanes);
    mask |= mask_of(test(lanes)) << i;
  }
  return mask;
}

// What keys are made of, and the rarer signs that come behind them in ASCII.
Lanes may_be_of_key(Lanes c) { return (c >= '-') & (c != '/'); }
Lanes are_digits(Lanes c) { return (c >= '0') & (c <= '9'); }
Lanes are_of_words(Lanes c) {  // digits aside
  const Lanes lower = c | 0x20;
  return ((lower >= 'a') & (lower <= 'z')) | (c == '_');
}
Lanes begin_escapes(Lanes c) { return (c == '\\') | (c == '%'); }

// Where a run of so many begins.
template <size_t kLength>
uint64_t starts_of_runs(uint64_t mask) {
  size_t done = 1;
  for (; 2 * done <= kLength; done *= 2) mask &= mask >> done;
  return mask & mask >> (kLength - done);
}

// Where in a block a shape may begin: where a word does or, which is looked at later, an escape may
// end before. Of the last characters that is not known, nor of the first unless the text begins.
constexpr size_t kLongestEscape = 5;  // "%2520"
template <size_t kSize>
uint64_t starts_in(const char* block) {
  constexpr size_t kGroup = 4;
  const uint64_t keys = starts_of_runs<kShortestShape>(where<kSize>(block, may_be_of_key));
  const uint64_t digits = where<kSize>(block, are_digits);
  uint64_t groups = starts_of_runs<kGroup>(digits);  // with another behind it
  groups &= (groups >> (kGroup + 1)) & ~(digits >> kGroup);
  if ((keys | groups) == 0) return 0;
  const uint64_t words = digits | where<kSize>(block, are_of_words);
  const uint64_t escapes = where<kSize>(block, begin_escapes);
  return (keys | groups) &
         (~(words << 1) | escapes << 2 | escapes << 3 | escapes << kLongestEscape);
}

size_t skip(std::string_view text, size_t at, Kinds kinds) {
  while (at < text.size() && (kind_of(text[at]) & kinds) != 0) ++at;
  return at;
}

// A name is of one kind of letters; a key is not, but for those of capitals.
bool looks_random(std::string_view key, Kinds body) {
  Kinds kinds = 0;
  for (char c : key) kinds |= kind_of(c);
  kinds &= kAlnum;
  return body == kUpper || (kinds & (kinds - 1)) != 0;
}

// Whether the text breaks off there: at its end, or at "..." behind a closing quote or not.
bool is_cut(std::string_view text, size_t at) {
  if (at < text.size() && is_quote(text[at])) ++at;
  text = text.substr(at);
  return text.empty() || text.starts_with("...") || text.starts_with("…");
}

// Cards: 14 to 19 digits, as they are or in groups as they are embossed. Those of 13 are no longer
// issued, and numbers of goods (EAN) would be taken for them.
constexpr size_t kLongestCard = 19;
struct Digits {
  char text[kLongestCard];
  size_t size = 0;
};

bool is_issued(const Digits& digits) {
  size_t prefix = 0;
  for (size_t i = 0; i < 4; ++i) prefix = prefix * 10 + static_cast<size_t>(digits.text[i] - '0');
  const auto within = [&](size_t first, size_t last) { return prefix >= first && prefix <= last; };
  if (digits.size == 14) {  // Diners
    return within(3000, 3059) || within(3600, 3699) || within(3800, 3999);
  }
  if (digits.size == 15) return within(3400, 3499) || within(3700, 3799);  // American Express
  if (within(6200, 6299)) return true;                                     // UnionPay, up to 19
  if (digits.size != 16) return false;
  return within(4000, 4999) || within(5100, 5599) || within(2221, 2720) ||  // Visa, Mastercard
         within(6011, 6011) || within(6440, 6599) || within(3528, 3589) ||  // Discover, JCB
         within(2200, 2204);                                                // Mir
}

bool has_check_digit(const Digits& digits) {
  int sum = 0;
  for (size_t i = 0; i < digits.size; ++i) {
    int digit = digits.text[digits.size - 1 - i] - '0';
    if (i % 2 == 1) digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
    sum += digit;
  }
  return sum % 10 == 0;
}

bool is_card(const Digits& digits) { return is_issued(digits) && has_check_digit(digits); }

bool take(std::string_view text, size_t at, size_t count, Digits& digits) {
  if (at + count > text.size() || digits.size + count > kLongestCard) return false;
  for (size_t i = at; i < at + count; ++i) {
    if (!is_digit(text[i])) return false;
    digits.text[digits.size++] = text[i];
  }
  return at + count == text.size() || !is_digit(text[at + count]);
}

// The end of a card's number in these groups, a `separator` between them; `at` if it is none.
size_t end_of_groups(std::string_view text, size_t at, std::string_view groups, char separator) {
  Digits digits;
  size_t end = at;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (i > 0 && (end >= text.size() || text[end++] != separator)) return at;
    const auto count = static_cast<size_t>(groups[i] - '0');
    if (!take(text, end, count, digits)) return at;
    end += count;
  }
  return is_card(digits) ? end : at;
}

// A dump in columns, an IBAN: groups of four that go on.
bool is_column(std::string_view word) {
  return word.size() == 4 && std::all_of(word.begin(), word.end(), is_hex);
}
bool is_column_after(std::string_view text, size_t at) {
  return is_column(text.substr(at, skip(text.substr(0, at + 5), at, kWord) - at));
}
bool is_column_before(std::string_view text, size_t at) {
  size_t begin = at;
  while (begin > 0 && at - begin < 5 && is_key_word(text[begin - 1])) --begin;
  return is_column(text.substr(begin, at - begin));
}

size_t end_of_card(std::string_view text, size_t at) {
  Digits digits;
  const size_t plain = skip(text.substr(0, at + kLongestCard + 1), at, kDigits);
  if (plain - at >= 14) {
    return take(text, at, plain - at, digits) && is_card(digits) ? plain : at;
  }
  if (plain - at != 4 || plain >= text.size()) return at;
  const char separator = text[plain];
  if (separator != ' ' && separator != '+' && separator != '-') return at;
  if (at > 0 && text[at - 1] == separator && is_column_before(text, at - 1)) return at;
  for (std::string_view groups : {"465", "464", "44443", "4444"}) {
    const size_t end = end_of_groups(text, at, groups, separator);
    if (end == at) continue;
    const bool goes_on =
        end < text.size() && text[end] == separator && is_column_after(text, end + 1);
    return goes_on ? at : end;
  }
  return at;
}

}  // namespace

bool is_id_name(std::string_view name) {
  return name.size() >= 2 && to_lower(name.back()) == 'd' && fold_name(name).last_word() == "id";
}

bool is_plain_number(std::string_view text) {
  if (text.size() > 2 && is_quote(text.front()) && text.back() == text.front()) {
    text = text.substr(1, text.size() - 2);
  }
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

void TextScrubber::find_shapes() {
  if (text_.size() < kShortestShape) return;
  char padded[kBlock] = {};
  const char* text = text_.data();
  if (text_.size() < kBlock) {
    text_.copy(padded, text_.size());
    text = padded;
  }
  const bool is_small = text_.size() <= kSmallBlock;
  const size_t last = std::max(text_.size(), kBlock) - kBlock;
  size_t done = 0, block = 0;
  while (true) {
    uint64_t starts = is_small ? starts_in<kSmallBlock>(text) : starts_in<kBlock>(text + block);
    for (; starts != 0; starts &= starts - 1) {
      const size_t at = block + static_cast<size_t>(std::countr_zero(starts));
      if (at < done || !kTables.begins[static_cast<uint8_t>(text[at])]) continue;
      done = at + 1;
      if (begins_word(at)) done = std::max(done, hide_shape(at));
    }
    if (block == last) return;
    block = std::min(block + kBlock - kLongestEscape - kShortestShape + 1, last);
  }
}

// What is left of "\n", "%20" and "%2520" is no part of the word.
bool TextScrubber::follows_escape(size_t at) const {
  if (at < 2) return false;
  const char c = text_[at - 1];
  if (text_[at - 2] == '\\') return c == 'n' || c == 'r' || c == 't';
  if (at < 3 || !is_hex(c) || !is_hex(text_[at - 2])) return false;
  return text_[at - 3] == '%' || (at >= 5 && text_.substr(at - 5, 3) == "%25");
}

bool TextScrubber::begins_word(size_t at) const {
  return at == 0 || !is_key_word(text_[at - 1]) || follows_escape(at);
}

// Each of these returns the end of what it hid, or `at`.
size_t TextScrubber::hide_shape(size_t at) {
  const char c = text_[at];
  if (is_digit(c)) return hide_card(at);
  if (c == 'e') return hide_web_token(at);
  if (c == 'S') return hide_sendgrid_key(at);
  const std::string_view rest = text_.substr(at);
  for (size_t i = kTables.first_shape[static_cast<uint8_t>(c)];
       i < std::size(kShapes) && kShapes[i].first[0] == c; ++i) {
    const Shape& shape = kShapes[i];
    if (!starts(rest, shape.first) || (shape.body == kDashed && follows_dash(at))) continue;
    const size_t begin = at + shape.first.size();
    const size_t end = skip(text_, begin, shape.body);
    if (!is_enough(end - begin, shape.least, end)) continue;
    if (!looks_random(text_.substr(begin, end - begin), shape.body)) continue;
    hide(shape.body == kPath ? begin : at, end);
    return end;
  }
  return at;
}

// In base64url a '-' begins no word: every other would be looked at up to the end.
bool TextScrubber::follows_dash(size_t at) const { return at > 0 && text_[at - 1] == '-'; }

bool TextScrubber::is_enough(size_t size, size_t least, size_t end) const {
  return size >= least || (size >= kEnough && is_cut(text_, end));
}

// Two JSON objects ("eyJ" is {" in base64url) and, if it was not cut off, a signature.
size_t TextScrubber::hide_web_token(size_t at) {
  constexpr std::string_view kObject = "eyJ";
  if (!starts(text_.substr(at), kObject) || follows_dash(at)) return at;
  const size_t dot = skip(text_, at, kDashed);
  if (dot - at < kEnough || !text_.substr(dot).starts_with(".eyJ")) return at;
  size_t end = skip(text_, dot + 1, kDashed);
  if (end - dot <= kEnough) return at;
  if (end < text_.size() && text_[end] == '.') {
    const size_t signature = skip(text_, end + 1, kDashed);
    if (signature > end + 1) end = signature;
  }
  hide(at, end);
  return end;
}

// "SG.", 22 characters, a dot, 43.
size_t TextScrubber::hide_sendgrid_key(size_t at) {
  constexpr size_t kDot = 3 + 22, kLeast = 43;
  if (!text_.substr(at).starts_with("SG.")) return at;
  if (skip(text_.substr(0, at + kDot), at + 3, kDashed) != at + kDot) return at;
  if (at + kDot >= text_.size() || text_[at + kDot] != '.') return at;
  const size_t end = skip(text_, at + kDot + 1, kDashed);
  if (!is_enough(end - (at + kDot + 1), kLeast, end)) return at;
  hide(at, end);
  return end;
}

// Not what is part of something longer, a decimal, negative, a piece of a path, or numbered ("#4").
size_t TextScrubber::hide_card(size_t at) {
  constexpr std::string_view kNotAfter = "-./#";
  if (mode_ == Mode::kUrlsOnly) return at;
  if (at > 0 && kNotAfter.find(text_[at - 1]) != std::string_view::npos) return at;
  const size_t end = end_of_card(text_, at);
  if (end == at || is_id(at)) return at;
  if (end < text_.size() && is_key_word(text_[end])) return at;
  if (end + 1 < text_.size()) {
    const char c = text_[end], next = text_[end + 1];
    if ((c == '.' && is_digit(next)) || (c == '-' && is_key_word(next))) return at;
  }
  hide(at, end);
  return end;
}

// Whether the value at `at` goes by the name of an id: order_id=…, "id": "…".
bool TextScrubber::is_id(size_t at) const {
  constexpr size_t kFarthest = 4;
  const auto is_between = [](char c) { return is_quote(c) || c == ' ' || c == '\\'; };
  size_t sign = at;
  while (sign > 0 && at - sign < kFarthest && is_between(text_[sign - 1])) --sign;
  if (sign == 0 || (text_[sign - 1] != '=' && text_[sign - 1] != ':')) return false;
  return is_id_name(name_before(sign - 1));
}

}  // namespace flawless::triage
