#include <algorithm>

#include "triage/scrub_parts.h"
#include "triage/text.h"

namespace flawless::triage {
namespace {

constexpr size_t kNone = std::string_view::npos;
constexpr size_t kLongestName = 64;

bool is_name(char c) { return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '$'; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
bool ends_plain_value(char c) {
  return is_space(c) || is_quote(c) || c == '&' || c == ';' || c == ',' || c == ')' || c == ']' ||
         c == '}' || c == '<' || c == '>' || c == '#';
}

// Past the end of a text quoted at `at` behind `slashes` backslashes (JSON inside JSON); the end if
// it is not closed.
size_t end_of_quoted(std::string_view text, size_t at, size_t slashes) {
  char quote = text[at];
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] != quote) continue;
    size_t before = 0;
    while (before < i - at - 1 && text[i - before - 1] == '\\') ++before;
    if (before == slashes) return i - slashes;
  }
  return text.size();
}

// Past a bracketed value ("{…}", "[…]", "(…)"), or the end of the line.
size_t end_of_bracketed(std::string_view text, size_t at) {
  size_t depth = 0;
  for (size_t i = at; i < text.size() && text[i] != '\n'; ++i) {
    char c = text[i];
    if (c == '{' || c == '[' || c == '(') ++depth;
    if ((c == '}' || c == ']' || c == ')') && --depth == 0) return i + 1;
  }
  return std::min(text.find('\n', at), text.size());
}

size_t skip_blanks(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  return at;
}

constexpr std::string_view kHeaders[] = {
    "authorization", "proxyauthorization", "cookie",     "setcookie",  "xapikey",
    "apikey",        "xauthtoken",         "xcsrftoken", "xxsrftoken", "xamzsecuritytoken"};

bool all_of(std::string_view text, char c) { return text.find_first_not_of(c) == kNone; }

}  // namespace

bool is_harmless(std::string_view value) {
  value = trim(value);
  if (value.size() >= 2 && is_quote(value.front()) && value.back() == value.front()) {
    value = value.substr(1, value.size() - 2);
  }
  if (value.empty()) return true;
  switch (value[0]) {
    case '*':
      return all_of(value, '*');
    case '-':
      return all_of(value, '-');
    case '[':
      return value == "[]" || equal_folded(value, "[scrubbed]") ||
             equal_folded(value, "[filtered]") || equal_folded(value, "[redacted]");
    case '<':
      return value.ends_with('>') &&
             (value.find(" at 0x") != kNone || value.starts_with("<class ") ||
              value.starts_with("<function ") || equal_folded(value, "<redacted>"));
    case '{':
      return value == "{}";
    case '(':
      return value == "()";
    default:
      break;
  }
  if (value.size() > 9) return false;
  for (std::string_view word : {"none", "null", "nil", "undefined", "true", "false", "%s", "?"}) {
    if (equal_folded(value, word)) return true;
  }
  return false;
}

// A secret taken out may change how what is around it reads: again, until nothing more is found.
bool TextScrubber::run(std::string& out) {
  constexpr int kMostPasses = 6;
  std::string text, next;
  if (!pass(text)) return false;
  for (int i = 1; i < kMostPasses && TextScrubber(names_, text, mode_).pass(next); ++i) {
    text.swap(next);
  }
  out = std::move(text);
  return true;
}

bool TextScrubber::pass(std::string& out) {
  size_t equals = text_.find('='), colon = text_.find(':');
  while (equals != kNone || colon != kNone) {
    if (std::min(equals, colon) < decided_) {
      if (equals < decided_) equals = text_.find('=', decided_);
      if (colon < decided_) colon = text_.find(':', decided_);
    } else if (equals < colon) {
      at_equals(equals);
      equals = text_.find('=', equals + 1);
    } else {
      at_colon(colon);
      colon = text_.find(':', colon + 1);
    }
  }
  if (mode_ == Mode::kAll) {
    find_bearers();
    find_private_keys();
  }
  if (cuts_.empty()) return false;
  std::stable_sort(cuts_.begin(), cuts_.end(),
                   [](const Cut& a, const Cut& b) { return a.begin < b.begin; });
  std::string result;
  size_t done = 0;
  for (const Cut& cut : cuts_) {
    if (cut.begin < done) {  // overlaps what is hidden already: both go
      done = std::max(done, cut.end);
      continue;
    }
    result.append(text_.substr(done, cut.begin - done)).append(kScrubbedText);
    done = cut.end;
  }
  result.append(text_.substr(done));
  out = std::move(result);
  return true;
}

void TextScrubber::hide(size_t begin, size_t end) {
  if (begin >= end || is_harmless(text_.substr(begin, end - begin))) return;
  cuts_.push_back({begin, end});
  decided_ = std::max(decided_, end);
}

// The name that ends before `at`, quotes and brackets around it taken off: `"password" :`,
// `user[password]=`.
std::string_view TextScrubber::name_before(size_t at) const {
  size_t end = at;
  while (end > 0 && text_[end - 1] == ' ' && at - end < 2) --end;
  if (end > 2 && text_.substr(end - 3, 3) == "%5D") end -= 3;
  if (end > 0 && (is_quote(text_[end - 1]) || text_[end - 1] == ']')) --end;
  while (end > 0 && text_[end - 1] == '\\') --end;
  if (end > 0 && (is_quote(text_[end - 1]) || text_[end - 1] == ']')) --end;
  size_t begin = end;
  while (begin > 0 && end - begin < kLongestName && is_name(text_[begin - 1])) --begin;
  std::string_view name = text_.substr(begin, end - begin);
  if (begin > 1 && text_.substr(begin - 2, 2) == "%5" && name.starts_with('B'))
    name.remove_prefix(1);
  return name;
}

bool TextScrubber::in_query(std::string_view name) const {
  size_t begin = static_cast<size_t>(name.data() - text_.data());
  if (begin == 0) return false;
  char c = text_[begin - 1];
  return c == '?' || c == '&' || c == ';' || c == '#' || c == '[';
}

// The value of a secret name, from `at` on: quoted, bracketed or plain.
void TextScrubber::hide_value(size_t at) {
  at = skip_blanks(text_, at);
  size_t slashes = 0;
  while (at + slashes < text_.size() && text_[at + slashes] == '\\') ++slashes;
  size_t first = at + slashes;
  if (first + 1 < text_.size() && (text_[first] == 'u' || text_[first] == 'b') &&
      is_quote(text_[first + 1])) {
    ++first;
  }
  if (first >= text_.size()) return;
  if (is_quote(text_[first])) {
    hide(first + 1, end_of_quoted(text_, first, slashes));
  } else if (text_.substr(first).starts_with(kScrubbedText) || text_[first] == '<') {
    return;
  } else if (text_[first] == '{' || text_[first] == '[' || text_[first] == '(') {
    hide(first, end_of_bracketed(text_, first));
  } else {
    hide(first, first + run_length(first));
  }
}

void TextScrubber::at_equals(size_t at) {
  if (at + 1 >= text_.size() || text_[at + 1] == '=' || (at > 0 && text_[at - 1] == '=')) return;
  std::string_view name = name_before(at);
  if (name.size() < 2 || (mode_ == Mode::kUrlsOnly && !in_query(name))) return;
  if (!names_.is_secret_name(name)) return;
  hide_value(at + (text_[at + 1] == '>' ? 2 : 1));
}

void TextScrubber::at_colon(size_t at) {
  if (text_.substr(at).starts_with("://")) return at_user_info(at + 3);
  if (mode_ == Mode::kUrlsOnly || at == 0 || at + 1 >= text_.size()) return;
  size_t end = at;
  while (end > 0 && text_[end - 1] == ' ' && at - end < 2) --end;
  bool quoted = end > 0 && is_quote(text_[end - 1]);
  if (!quoted && text_[at + 1] != ' ') return;
  std::string_view name = name_before(at);
  if (name.size() < 2) return;
  if (!quoted) return at_header_line(at + 1, name);
  if (names_.is_secret_name(name)) hide_value(at + 1);
}

// "Authorization: Basic …" as a request dump or a curl command shows it: up to the end of the line
// or the quote.
void TextScrubber::at_header_line(size_t at, std::string_view name) {
  FoldedName folded = fold_name(name);
  if (std::find(std::begin(kHeaders), std::end(kHeaders), folded.view()) == std::end(kHeaders))
    return;
  at = skip_blanks(text_, at);
  size_t end = at;
  while (end < text_.size() && text_[end] != '\n' && text_[end] != '\r' && !is_quote(text_[end]))
    ++end;
  decided_ = std::max(decided_, end);
  if (text_.substr(at, end - at).find(kScrubbedText) == kNone) hide(at, end);
}

// "user:password@host": the password; a long name without one is a token.
void TextScrubber::at_user_info(size_t at) {
  size_t end = at;
  while (end < text_.size() && text_[end] != '/' && text_[end] != '?' && text_[end] != '#' &&
         !is_space(text_[end]) && !is_quote(text_[end]) && text_[end] != '<' && text_[end] != '>') {
    ++end;
  }
  size_t sign = text_.substr(at, end - at).rfind('@');
  if (sign == kNone) return;
  std::string_view info = text_.substr(at, sign);
  size_t colon = info.find(':');
  constexpr size_t kTokenBytes = 20;
  if (colon != kNone) {
    hide(at + colon + 1, at + sign);
    decided_ = std::max(decided_, at + sign);
  } else if (info.size() >= kTokenBytes && std::all_of(info.begin(), info.end(), is_name)) {
    hide(at, at + sign);
  }
}

void TextScrubber::find_bearers() {
  constexpr std::string_view kWord = "earer ";
  for (size_t at = text_.find(kWord); at != kNone; at = text_.find(kWord, at + 1)) {
    if (at == 0 || to_lower(text_[at - 1]) != 'b') continue;
    size_t begin = at + kWord.size(), end = begin;
    bool digit = false;
    for (; end < text_.size() && !ends_plain_value(text_[end]); ++end)
      digit |= is_digit(text_[end]);
    if (digit && end - begin >= 8) hide(begin, end);
  }
}

void TextScrubber::find_private_keys() {
  constexpr std::string_view kBegin = "-----BEGIN ", kLabel = "PRIVATE KEY", kEnd = "-----END ";
  for (size_t at = text_.find(kBegin); at != kNone; at = text_.find(kBegin, at + 1)) {
    size_t label = text_.substr(0, at + 80).find("-----", at + kBegin.size());
    if (label == kNone) continue;
    if (text_.substr(at, label - at).find(kLabel) == kNone) continue;
    size_t end = text_.find(kEnd, label);
    hide(label + 5, std::min(end, text_.size()));
    if (end == kNone) return;
    at = end;
  }
}

size_t TextScrubber::run_length(size_t at) const {
  size_t end = at;
  while (end < text_.size() && !ends_plain_value(text_[end])) ++end;
  return end - at;
}

bool scrub_cookies(std::string_view header, bool set_cookie, std::string& out) {
  std::string result;
  bool changed = false;
  for (size_t at = 0; at < header.size();) {
    size_t end = std::min(header.find(';', at), header.size());
    std::string_view part = header.substr(at, end - at);
    size_t equals = part.find('=');
    bool attribute = set_cookie && at > 0;  // Path, Expires … follow the one cookie
    if (equals == kNone || attribute || is_harmless(part.substr(equals + 1))) {
      result.append(part);
    } else {
      result.append(part.substr(0, equals + 1)).append(kScrubbedText);
      changed = true;
    }
    if (end < header.size()) result += ';';
    at = end + 1;
  }
  if (changed) out = std::move(result);
  return changed;
}

}  // namespace flawless::triage
