#include "triage/parameterise.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "triage/build_mark.h"
#include "triage/error_code.h"
#include "triage/grouping.h"
#include "triage/text.h"

namespace flawless::triage {
namespace {

constexpr size_t kNone = std::string_view::npos;

bool is_mail_name(char c) {
  return is_alnum(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
}
bool is_host(char c) { return is_alnum(c) || c == '.' || c == '-'; }
bool is_id(char c) { return is_alnum(c) || c == '_' || c == '-'; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
// A small number behind one of these is a meaning, not a count.
constexpr std::string_view kMeaningful[] = {"status",   "code",   "http", "errno",      "error",
                                            "sqlstate", "signal", "exit", "statuscode", "hresult"};
constexpr std::string_view kUnits[] = {"ms",  "s",    "sec", "secs", "seconds", "us", "ns",  "m",
                                       "min", "mins", "h",   "hr",   "hrs",     "d",  "days"};
constexpr std::string_view kSizes[] = {"b",   "kb",  "mb", "gb", "tb", "kib",
                                       "mib", "gib", "k",  "px", "x"};

// A number behind one of these is a commit's name that happens to have no letter.
constexpr std::string_view kCommits[] = {"commit", "revision", "sha"};

// Quotation marks that are no ASCII, as languages pair them. A single one opens only where no word
// ends: within words it is an apostrophe.
struct Quotation {
  std::string_view open, close, other_close;
  bool single;
};
constexpr Quotation kQuotations[] = {
    {"“", "”", "“", false},   {"„", "“", "”", false}, {"«", "»", "»", false},
    {"»", "«", "«", false},   {"‘", "’", "’", true},  {"‚", "‘", "’", true},
    {"‹", "›", "›", true},    {"「", "」", "」", false}, {"『", "』", "』", false}};

const Quotation* quotation_at(std::string_view text, size_t at) {
  auto first = static_cast<uint8_t>(text[at]);
  if (first != 0xC2 && first != 0xE2 && first != 0xE3) return nullptr;
  for (const Quotation& quotation : kQuotations) {
    if (!text.substr(at).starts_with(quotation.open)) continue;
    return quotation.single && at > 0 && is_word(text[at - 1]) ? nullptr : &quotation;
  }
  return nullptr;
}

constexpr std::string_view kTechnical[] = {
    "x86_64", "x86",    "x64",    "amd64",  "arm64",   "win32",  "win64", "utf16",
    "utf32",  "sha256", "sha512", "sha384", "base64",  "base32", "int16", "int32",
    "int64",  "uint16", "uint32", "uint64", "float32", "float64"};

template <size_t N>
bool one_of_folded(std::string_view word, const std::string_view (&words)[N]) {
  return std::any_of(std::begin(words), std::end(words),
                     [&](std::string_view known) { return equal_folded(word, known); });
}

constexpr std::string_view kFullMonths[] = {"january", "february", "march",    "april",
                                            "june",    "july",     "august",   "september",
                                            "october", "november", "december", "sept"};
bool is_month(std::string_view word) {
  return word.size() >= 3 && is_upper(word[0]) &&
         (word.size() == 3 ? one_of_folded(word, kMonths) : one_of_folded(word, kFullMonths));
}
bool is_day(std::string_view word) {
  return word.size() >= 3 && is_upper(word[0]) && (word.size() == 3 || word.ends_with("day")) &&
         one_of_folded(word.substr(0, 3), kDays);
}

// One pass: at each place where a token may start the longest kind that fits is replaced; every
// kind looks ahead over its own characters only (quotes up to a bound), which keeps the whole
// linear.
class Parameteriser {
 public:
  Parameteriser(std::string& out, std::string_view text, Quoted quoted)
      : out_(out),
        begin_(out.size()),
        text_(text),
        quoted_(quoted),
        typographic_(std::any_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<uint8_t>(c) >= 0x80; })) {}

  void run() {
    while (at_ < text_.size()) {
      size_t before = at_;
      step();
      if (at_ == before) literal(1);  // whatever comes in, it ends
    }
    while (out_.size() > begin_ && out_.back() == ' ') out_.pop_back();
  }

 private:
  void step() {
    char c = text_[at_];
    if (is_space(c) || static_cast<uint8_t>(c) < 0x20 || c == 0x7F) return space();
    if (is_quote(c)) return quote();
    if (c == '/' && temporary_file()) return;
    if (c == '\\' && windows_directory()) return;
    if (typographic_ && typographic_quote()) return;
    if (c == ':' && text_.substr(at_, 2) == "::" && ip6()) return;
    if (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]) && !behind_word()) ++at_;
    if (!is_word(text_[at_])) return literal(1);
    if (is_alnum(text_[at_]) || text_[at_] == '_') return token();
    literal(text_.size() > at_ ? run_of_words() : 1);
  }

  [[nodiscard]] bool behind_word() const { return at_ > 0 && is_word(text_[at_ - 1]); }
  // Of letters and digits, up to a quotation mark.
  size_t run_of_words() {
    if (!typographic_) return std::max<size_t>(1, triage::run(text_, at_, is_word));
    size_t end = at_ + 1;
    while (end < text_.size() && is_word(text_[end]) && quotation_at(text_, end) == nullptr) ++end;
    return end - at_;
  }
  template <typename Test>
  size_t run_from(size_t from, Test test) const {
    return triage::run(text_, from, test);
  }

  void literal(size_t size) {
    out_.append(text_.substr(at_, size));
    at_ += size;
  }
  void replace(size_t size, std::string_view by) {
    at_ += size;
    if (goes_on_a_list(by)) return;
    out_.append(by);
  }
  // How many values a list has counts as little as they do: "[1, 2, 3]" is "[<number>]".
  bool goes_on_a_list(std::string_view by) {
    size_t end = out_.size();
    if (end > begin_ && out_[end - 1] == ' ') --end;
    if (end == begin_ || out_[end - 1] != ',') return false;
    --end;
    if (!std::string_view(out_).substr(begin_, end - begin_).ends_with(by)) return false;
    out_.resize(end);
    return true;
  }
  void space() {
    if (out_.size() > begin_ && out_.back() != ' ') out_ += ' ';
    ++at_;
  }

  // 'x' is a value; a longer quotation is text again.
  void quote() {
    constexpr size_t kLongest = 120;
    char mark = text_[at_];
    std::string_view rest = text_.substr(at_ + 1, kLongest);
    size_t end = rest.find(mark);
    if (behind_word() && !string_prefix()) return literal(1);
    if (end == kNone) return literal(1);
    bool closes = at_ + end + 2 >= text_.size() || !is_word(text_[at_ + end + 2]);
    if (!closes || !is_value(rest.substr(0, end))) return literal(1);
    replace(end + 2, "<quoted>");
  }
  [[nodiscard]] bool is_value(std::string_view inner) const {
    constexpr size_t kMostSpaces = 1;
    auto spaces = static_cast<size_t>(std::count_if(inner.begin(), inner.end(), is_space));
    return !inner.empty() && spaces <= kMostSpaces && inner.find('\n') == kNone &&
           (quoted_ != Quoted::kKeepNames || !is_program_name(inner));
  }
  // “x”, „x“, «x», ‘x’
  bool typographic_quote() {
    constexpr size_t kLongest = 120;
    const Quotation* quotation = quotation_at(text_, at_);
    if (quotation == nullptr) return false;
    size_t begin = at_ + quotation->open.size();
    std::string_view rest = text_.substr(begin, kLongest);
    size_t end = std::min(end_of_quote(rest, *quotation, quotation->close),
                          end_of_quote(rest, *quotation, quotation->other_close));
    bool french = quotation->open == "«";  // with a space at either side
    std::string_view inner = rest.substr(0, end);
    bool padded = end != kNone && !inner.empty() && (is_space(inner[0]) || is_space(inner.back()));
    bool value = end != kNone && (french || !padded) && is_value(french ? trim(inner) : inner);
    if (!value) {
      literal(quotation->open.size());
    } else {
      replace(begin + end + quotation->close.size() - at_, "<quoted>");
    }
    return true;
  }
  // An apostrophe looks like the mark that closes: “can’t” goes on behind it.
  static size_t end_of_quote(std::string_view rest, const Quotation& quotation,
                             std::string_view close) {
    size_t end = rest.find(close);
    while (end != kNone && quotation.single && end + close.size() < rest.size() &&
           is_word(rest[end + close.size()])) {
      end = rest.find(close, end + 1);
    }
    return end;
  }
  // b'…', u"…", r'…'
  [[nodiscard]] bool string_prefix() const {
    char c = text_[at_ - 1];
    return (c == 'b' || c == 'u' || c == 'r') && (at_ == 1 || !is_word(text_[at_ - 2]));
  }
  static bool is_program_name(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
      return is_letter(c) || c == '_' || c == '.' || c == '$' || c == '-';
    });
  }

  // "/tmp/tmpxq_zw": the name is made up.
  bool temporary_file() {
    for (std::string_view root : {"/tmp/", "/var/tmp/", "/private/var/folders/", "/var/folders/"}) {
      if (behind_word() || !text_.substr(at_).starts_with(root)) continue;
      size_t size = run_from(at_ + root.size(), [](char c) {
        return is_word(c) || c == '/' || c == '-' || c == '.' || c == '+';
      });
      if (size == 0) continue;
      out_.append(root).append("<path>");
      at_ += root.size() + size;
      return true;
    }
    return false;
  }

  // "C:\\Users\\anna": whose directory it is; "…\\Temp\\x": the name is made up. Either may be
  // written with the backslashes doubled.
  bool windows_directory() {
    size_t slashes = text_.substr(at_).starts_with("\\\\") ? 2 : 1;
    size_t name = run_from(at_ + slashes, is_letter);
    std::string_view directory = text_.substr(at_ + slashes, name);
    bool users = equal_folded(directory, "users") && at_ > 1 && text_[at_ - 1] == ':';
    if (!users && !equal_folded(directory, "temp")) return false;
    size_t begin = at_ + slashes + name;
    begin += run_from(begin, [](char c) { return c == '\\'; });
    size_t size = run_from(begin, [users](char c) {
      return is_word(c) || c == '-' || c == '.' || c == '+' || c == '~' || (!users && is_slash(c));
    });
    if (size == 0 || begin == at_ + slashes + name) return false;
    literal(begin - at_);
    replace(size, users ? "<user>" : "<path>");
    return true;
  }

  // At the start of a word or number.
  void token() {
    size_t word = run_of_words();
    std::string_view rest = text_.substr(at_);
    if (rest.substr(word).starts_with("://")) return url(word);
    if (mail() || date_by_name(word)) return;
    if (uuid() || ip6()) return;
    if (has_meaning(word, false)) return literal(word);
    if (size_t code = is_upper(rest[0]) ? error_code_size(text_, at_) : 0; code > 0)
      return literal(code);
    if (is_digit(rest[0])) return number(word);
    if (hex_or_made_up(word)) return;
    word_with_digits(word);
  }

  void url(size_t scheme) {
    size_t host = at_ + scheme + 3;
    size_t end = host;
    while (end < text_.size() && !is_space(text_[end]) && !is_quote(text_[end]) &&
           text_[end] != '<' && text_[end] != '>' && text_[end] != ')' && text_[end] != ']' &&
           text_[end] != ',') {
      ++end;
    }
    std::string_view authority = text_.substr(host, end - host);
    authority = authority.substr(0, authority.find_first_of("/?#"));
    authority.remove_prefix(authority.rfind('@') == kNone ? 0 : authority.rfind('@') + 1);
    authority = authority.substr(0, authority.find(':'));
    if (authority.starts_with('[')) authority = {};
    out_.append("<url");
    if (!authority.empty()) out_ += ' ';
    bool digit = false;
    for (char c : authority) {  // node-17 → node-#
      if (!is_digit(c)) out_ += to_lower(c);
      if (is_digit(c) && !digit) out_ += '#';
      digit = is_digit(c);
    }
    out_ += '>';
    at_ = end;
  }

  bool mail() {
    if (at_ < mail_tried_) return false;
    size_t name = run_from(at_, is_mail_name);
    mail_tried_ = at_ + name;
    if (at_ + name >= text_.size() || text_[at_ + name] != '@') return false;
    size_t host = run_from(at_ + name + 1, is_host);
    while (host > 0 && !is_alnum(text_[at_ + name + host])) --host;
    if (text_.substr(at_ + name + 1, host).find('.') == kNone) return false;
    replace(name + 1 + host, "<email>");
    return true;
  }

  // "Sun, 22 Nov 2026", "Nov 22", "22 Nov 2026 14:05:11 +0000"
  bool date_by_name(size_t word) {
    std::string_view first = text_.substr(at_, word);
    size_t after = at_ + word;
    if (is_digit(first[0])) {
      if (word > 2 || after >= text_.size() || text_[after] != ' ') return false;
      size_t month = run_from(after + 1, is_letter);
      if (!is_month(text_.substr(after + 1, month))) return false;
      return date_from(after + 1 + month);
    }
    if (is_day(first)) {
      size_t skip =
          after + run_from(after, [](char c) { return c == ',' || c == ' ' || c == '.'; });
      size_t next = run_from(skip, is_alnum);
      std::string_view second = text_.substr(skip, next);
      bool dated = next > 0 &&
                   (is_digit(second[0]) ? is_month(month_behind(skip + next)) : is_month(second));
      if (dated) at_ = skip;
      return dated && (date_by_name(next) || true);
    }
    if (!is_month(first) || after + 1 >= text_.size() || !is_digit(text_[after + 1])) return false;
    return date_from(after + 1 + run_from(after + 1, is_digit));
  }
  [[nodiscard]] std::string_view month_behind(size_t at) const {
    if (at >= text_.size() || text_[at] != ' ') return {};
    return text_.substr(at + 1, run_from(at + 1, is_letter));
  }
  // A date goes on behind `at`: year, time of day and zone belong to it.
  bool date_from(size_t at) {
    at += run_from(at, [](char c) {
      return is_digit(c) || c == ':' || c == ' ' || c == ',' || c == '+' || c == '.';
    });
    while (!is_alnum(text_[at - 1])) --at;
    for (std::string_view zone : {" GMT", " UTC", "Z"}) {
      if (text_.substr(at).starts_with(zone)) at += zone.size();
    }
    out_.append("<time>");
    at_ = at;
    return true;
  }

  bool uuid() {
    constexpr std::array<size_t, 5> kGroups = {8, 4, 4, 4, 12};
    size_t at = at_;
    for (size_t i = 0; i < kGroups.size(); ++i) {
      if (i > 0 && (at >= text_.size() || text_[at++] != '-')) return false;
      for (size_t end = at + kGroups[i]; at < end; ++at) {
        if (at >= text_.size() || !is_hex(text_[at])) return false;
      }
    }
    if (at < text_.size() && is_word(text_[at])) return false;
    replace(at - at_, "<uuid>");
    return true;
  }

  bool ip6() {
    if (at_ < ip6_tried_) return false;
    size_t size = run_from(at_, [](char c) { return is_hex(c) || c == ':'; });
    ip6_tried_ = at_ + size;
    std::string_view run = text_.substr(at_, size);
    auto colons = std::count(run.begin(), run.end(), ':');
    bool digit = std::any_of(run.begin(), run.end(), is_digit);
    bool shortened = run.find("::") != kNone;
    if (!digit || colons < 2 || (!shortened && colons != 7) || size > 45 || behind_word())
      return false;
    if (at_ + size < text_.size() && is_word(text_[at_ + size])) return false;
    replace(size, "<ip>");
    return true;
  }

  // Starts with a digit.
  void number(size_t word) {
    std::string_view rest = text_.substr(at_);
    if (size_t size = date_size(rest); size > 0) return replace(size, "<time>");
    if (rest.starts_with("0x") || rest.starts_with("0X")) return replace(word, "<hex>");
    size_t digits = triage::run(rest, 0, is_digit);
    size_t size = digits;
    size_t dots = 0;
    while (size + 1 < rest.size() && (rest[size] == '.' || rest[size] == ',') &&
           is_digit(rest[size + 1])) {
      dots += rest[size] == '.';
      size += 1 + triage::run(rest, size + 1, is_digit);
    }
    if (size == digits && hex_or_made_up(word)) return;
    size_t unit = triage::run(rest, size, is_letter);
    std::string_view suffix = rest.substr(size, unit);
    if (dots == 3) return ip4(rest, size);
    if (dots == 2) return replace(size + run_from(at_ + size, is_id), "<version>");
    if (is_unit(suffix)) return replace(std::max(size + unit, duration_size(rest)), "<duration>");
    if (unit > 0 && one_of_folded(suffix, kSizes)) return replace(size + unit, "<size>");
    if (suffix == "e" || suffix == "E") size = exponent(rest, size);
    if (size == word && (has_meaning(word, true) || is_http_status(text_, at_)))
      return literal(size);
    constexpr size_t kCommit = 7;
    bool commit = size == word && size >= kCommit && one_of_folded(word_before(), kCommits);
    replace(size, commit ? "<hex>" : "<number>");
    if (at_ < text_.size() && is_word(text_[at_])) literal(run_of_words());
  }

  void ip4(std::string_view rest, size_t size) {
    if (size + 1 < rest.size() && rest[size] == ':' && is_digit(rest[size + 1])) {
      size += 1 + triage::run(rest, size + 1, is_digit);
    }
    replace(size, "<ip>");
  }

  static size_t exponent(std::string_view rest, size_t size) {
    size_t at = size + 1;
    if (at < rest.size() && (rest[at] == '-' || rest[at] == '+')) ++at;
    size_t digits = triage::run(rest, at, is_digit);
    return digits > 0 ? at + digits : size;
  }

  static bool is_unit(std::string_view word) { return one_of(word, kUnits); }
  // "3h2m1.5s"
  static size_t duration_size(std::string_view rest) {
    size_t size = 0;
    while (size < rest.size() && is_digit(rest[size])) {
      size_t digits = triage::run(rest, size, [](char c) { return is_digit(c) || c == '.'; });
      size_t unit = triage::run(rest, size + digits, is_letter);
      if (!is_unit(rest.substr(size + digits, unit))) break;
      size += digits + unit;
    }
    return size;
  }

  // Whether the digits of `shape` ("d4" …) are there: '9' stands for a digit, anything else for
  // itself.
  static bool looks_like(std::string_view text, std::string_view shape) {
    if (text.size() < shape.size()) return false;
    for (size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == '9' ? !is_digit(text[i]) : text[i] != shape[i]) return false;
    }
    return text.size() == shape.size() || !is_digit(text[shape.size()]);
  }

  // Size of the date, time of day, or both that `rest` starts with.
  static size_t date_size(std::string_view rest) {
    size_t date = 0;
    for (std::string_view shape : {"9999-99-99", "9999/99/99", "99/99/9999", "99.99.9999",
                                   "9/9/9999", "99-99-9999", "9/99/9999", "99/9/9999"}) {
      if (looks_like(rest, shape)) date = shape.size();
    }
    size_t at = date;
    if (date > 0 && at < rest.size() && (rest[at] == 'T' || rest[at] == ' ' || rest[at] == '_'))
      ++at;
    size_t time = time_size(rest.substr(at));
    return time > 0 ? at + time : date;
  }

  static size_t time_size(std::string_view text) {
    size_t size = 0;
    for (std::string_view shape : {"99:99:99", "9:99:99", "99:99"}) {
      if (size == 0 && looks_like(text, shape)) size = shape.size();
    }
    if (size == 0) return 0;
    if (size + 1 < text.size() && (text[size] == '.' || text[size] == ',') &&
        is_digit(text[size + 1])) {
      size += 1 + triage::run(text, size + 1, is_digit);
    }
    if (size < text.size() && text[size] == 'Z') return size + 1;
    for (std::string_view zone : {"+99:99", "-99:99", "+9999", "-9999", " +9999", " -9999"}) {
      if (looks_like(text.substr(size), zone)) return size + zone.size();
    }
    return size;
  }

  // The word before this place, punctuation aside.
  [[nodiscard]] std::string_view word_before() const {
    size_t end = out_.size();
    while (end > begin_ && (out_[end - 1] == ' ' || out_[end - 1] == ':' || out_[end - 1] == '=' ||
                            out_[end - 1] == '(' || out_[end - 1] == '#' || out_[end - 1] == '[')) {
      --end;
    }
    size_t begin = end;
    while (begin > begin_ && end - begin < 12 && is_letter(out_[begin - 1])) --begin;
    return std::string_view(out_).substr(begin, end - begin);
  }
  // "status 404", "[Errno 13]", "error code: 1062", "SQLSTATE[42S02]"
  [[nodiscard]] bool has_meaning(size_t size, bool digits_only) const {
    constexpr size_t kLongest = 5;
    if (size > kLongest) return false;
    return digits_only ? one_of_folded(word_before(), kMeaningful)
                       : equal_folded(word_before(), "sqlstate");
  }

  bool hex_or_made_up(size_t word) {
    bool alone = at_ + word >= text_.size() || text_[at_ + word] != '-';
    return (alone && hex(word)) || made_up() || hex(word);
  }
  // Eight or more hex digits that are no word, or 0x…; of seven, what looks like a commit.
  bool hex(size_t word) {
    constexpr size_t kShortest = 8, kCommit = 7;
    std::string_view text = text_.substr(at_, word);
    if (word == kCommit && is_hash(text)) {
      replace(word, "<hex>");
      return true;
    }
    if (word < kShortest || !std::all_of(text.begin(), text.end(), is_hex)) return false;
    if (std::none_of(text.begin(), text.end(), is_digit)) return false;
    if (std::all_of(text.begin(), text.end(), is_digit)) return false;
    replace(word, "<hex>");
    return true;
  }

  // Letters and digits mixed as no word mixes them: "KIOTYQ97P7H8", "a1-20020a05600c", "ch_3Nx8Yz".
  bool made_up() {
    if (at_ < id_tried_) return false;
    size_t size = run_from(at_, is_id);
    id_tried_ = at_ + size;
    std::string_view text = text_.substr(at_, size);
    if (at_ + size < text_.size() && static_cast<uint8_t>(text_[at_ + size]) >= 0x80) return false;
    constexpr size_t kShortest = 8;
    auto digits = std::count_if(text.begin(), text.end(), is_digit);
    auto letters = std::count_if(text.begin(), text.end(), is_letter);
    if (digits < 2 || letters == 0 || (size < kShortest && !has_prefix(text))) return false;
    if (reads_as_words(text)) return false;
    replace(size, "<id>");
    return true;
  }

  // "u_8fj2k": a kind in one to four letters, and what no word looks like.
  static bool has_prefix(std::string_view text) {
    constexpr size_t kLongestKind = 4, kShortestId = 5;
    size_t kind = triage::run(text, 0, is_lower);
    return kind >= 1 && kind <= kLongestKind && kind < text.size() && text[kind] == '_' &&
           text.size() - kind - 1 >= kShortestId;
  }

  // "worker-12", "table_2024_01": words and numbers side by side, to be treated one by one.
  static bool reads_as_words(std::string_view text) {
    size_t changes = 0, longest = 0, run = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      if (i > 0 && is_letter(text[i]) != is_letter(text[i - 1]) && is_alnum(text[i]) &&
          is_alnum(text[i - 1])) {
        ++changes;
      }
      run = is_letter(text[i]) ? run + 1 : 0;
      longest = std::max(longest, run);
    }
    return changes <= 1 && longest >= 3;
  }

  // Two digits or more inside a short word: "item42".
  void word_with_digits(size_t word) {
    std::string_view text = text_.substr(at_, word);
    if (one_of(text, kTechnical)) return literal(word);
    for (size_t i = 0; i < text.size();) {
      size_t digits = triage::run(text, i, is_digit);
      if (digits >= 2) {
        out_.append("<number>");
      } else {
        out_.append(text.substr(i, std::max<size_t>(digits, 1)));
      }
      i += std::max<size_t>(digits, 1);
    }
    at_ += word;
  }

  std::string& out_;
  const size_t begin_;
  std::string_view text_;
  Quoted quoted_;
  const bool typographic_;  // there may be quotation marks that are no ASCII
  size_t at_ = 0;
  // Up to where a kind was tried in vain: it is not tried again inside the same run of characters.
  size_t mail_tried_ = 0, ip6_tried_ = 0, id_tried_ = 0;
};

}  // namespace

void append_parameterised(std::string& out, std::string_view message, Quoted quoted) {
  Parameteriser(out, message, quoted).run();
}

std::string parameterise(std::string_view message) {
  std::string out;
  out.reserve(message.size());
  append_parameterised(out, message, Quoted::kReplace);
  return out;
}

}  // namespace flawless::triage
