#include <algorithm>

#include "triage/scrub_parts.h"
#include "triage/text.h"

namespace flawless::triage {
namespace {

constexpr size_t kNone = std::string_view::npos;
constexpr size_t kLongestName = 64;

bool ends_word(char c) { return is_space(c) || is_quote(c) || c == '<' || c == '>'; }
bool ends_query_value(char c) { return ends_word(c) || c == '&' || c == '#'; }
bool ends_plain_value(char c) {
  return ends_query_value(c) || c == ';' || c == ',' || c == ')' || c == ']' || c == '}';
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

// "…[]" and "…[0]" (or encoded) without that.
size_t before_index(std::string_view text, size_t end) {
  const auto ends = [&](size_t at, std::string_view mark) {
    return at >= mark.size() && equal_folded(text.substr(at - mark.size(), mark.size()), mark);
  };
  const std::string_view close = ends(end, "]") ? "]" : "%5D", open = close == "]" ? "[" : "%5B";
  if (!ends(end, close)) return end;
  size_t at = end - close.size();
  while (at > 0 && is_digit(text[at - 1])) --at;
  return ends(at, open) ? at - open.size() : end;
}

size_t skip_until(std::string_view text, size_t at, bool (*ends)(char)) {
  while (at < text.size() && !ends(text[at])) ++at;
  return at;
}

// What most short texts (a platform, a release, a word) have none of; without them only "Bearer …"
// and what has a shape is a secret, and longer.
constexpr size_t kShort = 14;
bool has_sign(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return c == '=' || c == ':' || c == ',' || c == '-' || c == '%';
  });
}

bool all_of(std::string_view text, char c) { return text.find_first_not_of(c) == kNone; }

// The name without what is left of "%3F", "%253F" or "\n" before it.
std::string_view past_escape(std::string_view text, std::string_view name) {
  if (name.empty() || name.data() == text.data()) return name;
  const char before = *(name.data() - 1);
  if (before == '\\' && (name[0] == 'n' || name[0] == 'r')) return name.substr(1);
  if (before != '%') return name;
  while (name.starts_with("25")) name.remove_prefix(2);
  return name.size() >= 2 && is_hex(name[0]) && is_hex(name[1]) ? name.substr(2) : name;
}

}  // namespace

bool is_name(char c) { return is_word(c) || c == '-' || c == '.' || c == '$'; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

size_t skip_blanks(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  return at;
}
size_t skip_spaces(std::string_view text, size_t at) { return at + run(text, at, is_space); }
size_t skip_name(std::string_view text, size_t at) { return at + run(text, at, is_name); }

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

Opening opening_of(std::string_view text, size_t at) {
  Opening opening;
  opening.slashes = run(text, at, [](char c) { return c == '\\'; });
  opening.at = at + opening.slashes;
  const auto is_prefix = [](char c) {
    c = to_lower(c);
    return c == 'b' || c == 'r' || c == 'u' || c == 'f';
  };
  const size_t past = opening.at + std::min(run(text, opening.at, is_prefix), size_t{2});
  opening.quoted = past < text.size() && is_quote(text[past]);
  if (opening.quoted) opening.at = past;
  return opening;
}

bool is_auth_scheme(std::string_view word) {
  for (std::string_view scheme : {"basic", "bearer", "digest", "token", "negotiate", "apikey"}) {
    if (equal_folded(word, scheme)) return true;
  }
  return false;
}

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
  if (text_.size() < kShort && !has_sign(text_)) return false;
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
  find_encoded();
  if (mode_ == Mode::kAll) {
    find_pairs();
    find_bearers();
    if (const size_t dashes = text_.find("--"); dashes != kNone) {
      find_options(dashes);
      find_private_keys(dashes);
    }
  }
  if (names_.hides_shapes()) find_shapes();
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
// `user[password]=`, `user[password][]=`.
std::string_view TextScrubber::name_before(size_t at) const {
  size_t end = at;
  while (end > 0 && text_[end - 1] == ' ' && at - end < 2) --end;
  end = before_index(text_, end);
  if (end > 2 && equal_folded(text_.substr(end - 3, 3), "%5D")) end -= 3;
  char quote = 0;
  const auto strip = [&] {
    if (end == 0 || !(is_quote(text_[end - 1]) || text_[end - 1] == ']')) return;
    if (text_[--end] != ']') quote = text_[end];
  };
  strip();
  while (end > 0 && text_[end - 1] == '\\') --end;
  strip();
  if (quote != 0) {
    std::string_view name = name_in_quotes(end, quote);
    if (!name.empty()) return name;
  }
  size_t begin = end;
  while (begin > 0 && end - begin < kLongestName && is_name(text_[begin - 1])) --begin;
  return past_escape(text_, text_.substr(begin, end - begin));
}

// Of a name in quotes that may hold blanks and brackets; empty if no quote opens it.
std::string_view TextScrubber::name_in_quotes(size_t end, char quote) const {
  const auto is_part = [](char c) {
    return is_name(c) || c == ' ' || c == '#' || c == '[' || c == ']';
  };
  size_t begin = end;
  while (begin > 0 && end - begin < kLongestName && is_part(text_[begin - 1])) --begin;
  const bool opened = begin > 0 && text_[begin - 1] == quote;
  return opened ? text_.substr(begin, end - begin) : std::string_view();
}

bool TextScrubber::in_query(std::string_view name) const {
  const size_t begin = start_of(name);
  if (begin == 0) return false;
  char c = text_[begin - 1];
  if (c == '?' || c == '&' || c == ';' || c == '#' || c == '[') return true;
  return begin > 2 && text_[begin - 3] == '%';
}

// Whether a parameter of a query or form has this name: a '&' or '?' stands before it, whatever is
// in brackets aside, or a '&' after its value.
TextScrubber::Place TextScrubber::place_of(std::string_view name) const {
  const auto is_outer = [](char c) { return is_name(c) || c == '[' || c == ']' || c == '%'; };
  size_t begin = start_of(name);
  for (size_t i = 0; i < kLongestName && begin > 0 && is_outer(text_[begin - 1]); ++i) --begin;
  if (begin == 0) return Place::kText;
  char c = text_[begin - 1];
  const bool entity = c == ';' && begin >= 5 && text_.substr(begin - 5, 5) == "&amp;";
  return c == '?' || c == '&' || c == '#' || entity ? Place::kQuery : Place::kText;
}

bool TextScrubber::ends_in_query(size_t at) const {
  constexpr size_t kLongestValue = 256;
  std::string_view text = text_.substr(0, at + kLongestValue);
  const size_t end = skip_until(text, at, ends_query_value);
  return end < text.size() && text[end] == '&';
}

// Punctuation before the '&' belongs to the value; at the very end to the text around.
size_t TextScrubber::end_of_query_value(size_t at) const {
  size_t end = skip_until(text_, at, ends_query_value);
  if (end < text_.size() && text_[end] == '&') return end;
  constexpr std::string_view kClosing = ")]},;.\\";
  while (end > at && kClosing.find(text_[end - 1]) != kNone) --end;
  return end;
}

size_t TextScrubber::end_of_plain(size_t at, Place place) const {
  if (place == Place::kQuery || (place == Place::kText && ends_in_query(at))) {
    return end_of_query_value(at);
  }
  const auto ends = place == Place::kWord ? ends_word : ends_plain_value;
  size_t end = at;
  while (end < text_.size() && !ends(text_[end])) {
    if (text_[end] == '(' && end > at) return end_of_bracketed(text_, end);  // SecretStr('x')
    ++end;
  }
  if (end < text_.size() && text_[end] == ' ' && is_auth_scheme(text_.substr(at, end - at))) {
    const size_t next = skip_blanks(text_, end);
    if (text_.substr(next).starts_with(kScrubbedText)) return at;
    end = skip_until(text_, next, ends);
  }
  return end;
}

size_t TextScrubber::hide_value(size_t at, Place place) {
  at = place == Place::kMember ? skip_spaces(text_, at) : skip_blanks(text_, at);
  const Opening opening = opening_of(text_, at);
  const size_t first = opening.at;
  if (first >= text_.size()) return first;
  size_t end = first;
  if (opening.quoted) {
    end = end_of_quoted(text_, first, opening.slashes);
    hide(first + 1, end);
    return end;
  }
  const char c = text_[first];
  if (text_.substr(first).starts_with(kScrubbedText) || c == '<') return first;
  const bool bracketed = place != Place::kQuery && (c == '{' || c == '[' || c == '(');
  end = bracketed ? end_of_bracketed(text_, first) : end_of_plain(first, place);
  hide(first, end);
  return end;
}

void TextScrubber::at_equals(size_t at) {
  if (at + 1 >= text_.size() || text_[at + 1] == '=' || (at > 0 && text_[at - 1] == '=')) return;
  std::string_view name = name_before(at);
  if (name.empty() || (mode_ == Mode::kUrlsOnly && !in_query(name))) return;
  const size_t value = at + (text_[at + 1] == '>' ? 2 : 1);
  if (names_.is_secret_name(name)) {
    hide_value(value, place_of(name));
  } else if (mode_ == Mode::kAll) {
    at_named_apart(value, name);
  }
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

// "?next=%2Flogin%3Ftoken%3Dx", encoded once or more often.
void TextScrubber::find_encoded() {
  size_t done = 0;
  for (size_t at = text_.find('%'); at != kNone; at = text_.find('%', std::max(at + 1, done))) {
    size_t sign = at + 1;
    while (text_.substr(sign, 2) == "25") sign += 2;
    if (!equal_folded(text_.substr(sign, 2), "3d")) continue;
    std::string_view name = name_before(at);
    if (name.empty() || !names_.is_secret_name(name)) continue;
    const std::string_view mark = text_.substr(at, sign - at);  // "%" or "%25"
    size_t end = sign + 2;
    for (; end < text_.size() && !ends_query_value(text_[end]); ++end) {
      if (text_[end] != '%' || !text_.substr(end).starts_with(mark)) continue;
      const std::string_view code = text_.substr(end + mark.size(), 2);
      if (code == "26" || code == "23") break;
    }
    hide(sign + 2, end);
    done = end;
  }
}

// Looks for the rarest of the word's letters.
void TextScrubber::find_bearers() {
  constexpr std::string_view kRest = "earer ";
  for (char first : {'B', 'b'}) {
    for (size_t at = text_.find(first); at != kNone; at = text_.find(first, at + 1)) {
      if (!starts(text_.substr(at + 1), kRest)) continue;
      size_t begin = at + 1 + kRest.size(), end = begin;
      bool digit = false;
      for (; end < text_.size() && !ends_plain_value(text_[end]); ++end)
        digit |= is_digit(text_[end]);
      if (digit && end - begin >= 8) hide(begin, end);
    }
  }
}

void TextScrubber::find_private_keys(size_t first) {
  constexpr std::string_view kBegin = "-----BEGIN ", kLabel = "PRIVATE KEY", kEnd = "-----END ";
  for (size_t at = text_.find(kBegin, first); at != kNone; at = text_.find(kBegin, at + 1)) {
    size_t label = text_.substr(0, at + 80).find("-----", at + kBegin.size());
    if (label == kNone) continue;
    if (text_.substr(at, label - at).find(kLabel) == kNone) continue;
    size_t end = text_.find(kEnd, label);
    hide(label + 5, std::min(end, text_.size()));
    if (end == kNone) return;
    at = end;
  }
}

bool scrub_cookies(std::string_view header, bool set_cookie, std::string& out) {
  std::string result;
  bool changed = false;
  for (size_t at = 0; at < header.size();) {
    size_t end = std::min(header.find(';', at), header.size());
    std::string_view part = header.substr(at, end - at);
    const size_t value = part.find('=') + 1;      // 0: a value without a name
    const bool attribute = set_cookie && at > 0;  // Path, Expires … follow the one cookie
    if (attribute || is_harmless(part.substr(value))) {
      result.append(part);
    } else {
      result.append(part.substr(0, value == 0 ? skip_blanks(part, 0) : value));
      result.append(kScrubbedText);
      changed = true;
    }
    if (end < header.size()) result += ';';
    at = end + 1;
  }
  if (changed) out = std::move(result);
  return changed;
}

}  // namespace flawless::triage
