// Names with values in the forms in which programs print them; see scrub.h for what stays readable.
#include <algorithm>

#include "triage/scrub_parts.h"
#include "triage/text.h"

namespace flawless::triage {
namespace {

constexpr size_t kNone = std::string_view::npos;

// Of these the whole line is the secret.
constexpr std::string_view kHeaders[] = {
    "authorization", "proxyauthorization", "cookie",     "setcookie",  "xapikey",
    "apikey",        "xauthtoken",         "xcsrftoken", "xxsrftoken", "xamzsecuritytoken"};

// After an option's name in a sentence: "--password is required".
constexpr std::string_view kProse[] = {"and", "argument", "cannot",  "expects",  "flag", "for",
                                       "has", "is",       "must",    "needs",    "not",  "option",
                                       "or",  "requires", "to",      "was",      "with"};

bool is_key(std::string_view name) {
  return equal_folded(name, "name") || equal_folded(name, "key");
}

// In a message that was printed as a literal the line ends are "\n".
bool at_line_end(std::string_view text, size_t at) {
  if (text[at] == '\n' || text[at] == '\r') return true;
  return text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == 'n' || text[at + 1] == 'r');
}

// Or a quote, unless it is a value's (Cookie: a="x"; Digest realm="y").
size_t end_of_line(std::string_view text, size_t at) {
  char quote = 0;
  for (; at < text.size() && !at_line_end(text, at); ++at) {
    const char c = text[at];
    if (!is_quote(c)) continue;
    if (quote == 0 && text[at - 1] != '=') break;
    if (quote == 0 || quote == c) quote = quote == 0 ? c : 0;
  }
  return at;
}

// A text in quotes or a word, of moderate length; empty if there is none.
struct Printed {
  size_t begin = 0, end = 0;
  size_t past = 0;  // the closing quote
};
Printed printed_at(std::string_view text, size_t at) {
  constexpr size_t kLongest = 256;
  const Opening opening = opening_of(text, skip_spaces(text, at));
  text = text.substr(0, opening.at + kLongest);
  if (opening.at >= text.size()) return {};
  if (!opening.quoted) {
    const size_t end = skip_name(text, opening.at);
    return {opening.at, end, end};
  }
  const size_t end = end_of_quoted(text, opening.at, opening.slashes);
  if (end == text.size()) return {};
  return {opening.at + 1, end, end + opening.slashes + 1};
}

}  // namespace

void TextScrubber::at_colon(size_t at) {
  if (text_.substr(at).starts_with("://")) return at_user_info(at + 3);
  if (mode_ == Mode::kUrlsOnly || at == 0 || at + 1 >= text_.size()) return;
  if (text_[at + 1] == ':' || text_[at - 1] == ':') return;
  size_t end = at;
  while (end > 0 && text_[end - 1] == ' ' && at - end < 2) --end;
  const bool quoted = end > 0 && is_quote(text_[end - 1]);
  std::string_view name = name_before(at);
  if (name.empty()) return;
  if (!names_.is_secret_name(name)) {
    at_named_apart(at + 1, name);
  } else if (quoted) {
    hide_value(at + 1, Place::kMember);
  } else {
    at_bare_name(at + 1, name);
  }
}

void TextScrubber::at_bare_name(size_t at, std::string_view name) {
  const size_t value = skip_blanks(text_, at);
  const Opening opening = opening_of(text_, value);
  if (opening.quoted) {
    const size_t end = end_of_quoted(text_, opening.at, opening.slashes);
    const bool speaks = std::any_of(text_.begin() + static_cast<ptrdiff_t>(opening.at),
                                    text_.begin() + static_cast<ptrdiff_t>(end), is_word);
    if (speaks) hide(opening.at + 1, end);
    return;
  }
  if (at_header_line(value, name)) return;
  const size_t begin = start_of(name);
  const bool member = is_within_braces(begin) && (value == at || is_first_in_braces(begin));
  if (member) {
    hide_value(at, Place::kText);
  } else if (has_line_to_itself(begin, value)) {
    hide(value, end_of_line(text_, value));
  }
}

// "Authorization: Basic …" as a request dump or a curl command shows it: up to the end of the line
// or the quote; of other headers the first word. False: no header's name.
bool TextScrubber::at_header_line(size_t at, std::string_view name) {
  const FoldedName folded = fold_name(name);
  if (std::find(std::begin(kHeaders), std::end(kHeaders), folded.view()) == std::end(kHeaders)) {
    const size_t dash = name.rfind('-');
    if (dash == kNone || !is_letter(name[0])) return false;
    const bool header =
        starts_with_folded(name, "x-") || names_.is_secret_name(name.substr(dash + 1));
    if (header) hide_value(at, Place::kWord);
    return header;
  }
  const size_t end = end_of_line(text_, at);
  decided_ = std::max(decided_, end);
  if (text_.substr(at, end - at).find(kScrubbedText) == kNone) hide(at, end);
  return true;
}

bool TextScrubber::is_within_braces(size_t at) const {
  constexpr size_t kFarthest = 256;
  size_t closed = 0;
  for (size_t i = at; i > 0 && at - i < kFarthest; --i) {
    const char c = text_[i - 1];
    if (c == '}' || c == ']') ++closed;
    if ((c == '{' || c == '[') && closed-- == 0) return true;
  }
  return false;
}

bool TextScrubber::is_first_in_braces(size_t at) const {
  while (at > 0 && is_space(text_[at - 1])) --at;
  return at > 0 && (text_[at - 1] == '{' || text_[at - 1] == '[' || text_[at - 1] == ',');
}

bool TextScrubber::has_line_to_itself(size_t name, size_t value) const {
  while (name > 0 && (text_[name - 1] == ' ' || text_[name - 1] == '-')) --name;  // YAML
  if (name > 0 && text_[name - 1] != '\n') return false;
  bool digit = false;
  size_t end = value;
  for (; end < text_.size() && !is_space(text_[end]) && !is_quote(text_[end]); ++end) {
    digit |= is_digit(text_[end]);
  }
  end = skip_blanks(text_, end);
  return digit && (end == text_.size() || at_line_end(text_, end));
}

// {"Name": "password", "Value": …} in either order, <input name="password" value=…>, and the parts
// of a multipart form.
void TextScrubber::at_named_apart(size_t at, std::string_view key) {
  const bool name_first = is_key(key);
  if (!name_first && !equal_folded(key, "value")) return;
  const auto of = [&](const Printed& p) { return text_.substr(p.begin, p.end - p.begin); };
  const Printed first = printed_at(text_, at);
  if (first.begin == first.end || (name_first && !names_.is_secret_name(of(first)))) return;
  if (name_first && at_part_of_form(first.past)) return;
  size_t next = skip_spaces(text_, first.past);
  if (next < text_.size() && text_[next] == ',') ++next;
  const Printed other = printed_at(text_, next);
  if (!(name_first ? equal_folded(of(other), "value") : is_key(of(other)))) return;
  next = skip_blanks(text_, other.past);
  if (next >= text_.size() || (text_[next] != ':' && text_[next] != '=')) return;
  next += text_.substr(next).starts_with("=>") ? 2 : 1;
  if (name_first) {
    hide_value(next, Place::kMember);
  } else if (names_.is_secret_name(of(printed_at(text_, next)))) {
    hide(first.begin, first.end);
  }
}

// After name="password" an empty line, then the value up to the boundary.
bool TextScrubber::at_part_of_form(size_t at) {
  constexpr size_t kLongestHead = 300;
  const std::string_view head = text_.substr(0, at + kLongestHead);
  if (head.substr(at - std::min(at, kLongestHead)).find("form-data") == kNone) return false;
  for (std::string_view line : {"\r\n", "\n", "\\r\\n", "\\n"}) {
    const size_t empty = head.find(std::string(line).append(line), at);
    if (empty == kNone) continue;
    const size_t value = empty + 2 * line.size();
    hide(value, std::min(text_.find(std::string(line).append("--"), value), text_.size()));
    return true;
  }
  return false;
}

// ("password", "x") and ["password", "x"]: exactly two, the first a secret's name.
void TextScrubber::find_pairs() {
  size_t done = 0;
  for (size_t at = text_.find(','); at != kNone; at = text_.find(',', std::max(at + 1, done))) {
    if (at == 0 || !is_quote(text_[at - 1])) continue;
    size_t end = at - 1;
    const char quote = text_[end];
    while (end > 0 && text_[end - 1] == '\\') --end;
    const std::string_view name = name_in_quotes(end, quote);
    if (name.empty()) continue;
    size_t before = start_of(name) - 1;
    while (before > 0 && (text_[before - 1] == '\\' || is_letter(text_[before - 1]))) --before;
    if (before == 0) continue;
    const char open = text_[before - 1];
    if ((open != '(' && open != '[' && open != '{') || !names_.is_secret_name(name)) continue;
    const Opening value = opening_of(text_, skip_spaces(text_, at + 1));
    if (!value.quoted) {
      done = hide_value(at + 1, Place::kMember);
      continue;
    }
    const size_t close = end_of_quoted(text_, value.at, value.slashes);
    const size_t next = skip_spaces(text_, close + value.slashes + 1);
    if (next < text_.size() && text_[next] != ')' && text_[next] != ']' && text_[next] != '}') {
      continue;
    }
    hide(value.at + 1, close);
    done = close;
  }
}

// "--password x" and "'--password', 'x'".
void TextScrubber::find_options(size_t first) {
  size_t done = 0;
  for (size_t at = first; at != kNone; at = text_.find("--", std::max(at + 2, done))) {
    if (at > 0 && !is_space(text_[at - 1]) && !is_quote(text_[at - 1])) continue;
    size_t end = skip_name(text_, at + 2);
    const std::string_view name = text_.substr(at + 2, end - at - 2);
    if (end < text_.size() && is_quote(text_[end])) ++end;
    if (end < text_.size() && text_[end] == ',') ++end;
    const size_t value = skip_blanks(text_, end);
    if (name.empty() || value == end || value == text_.size() || text_[value] == '-') continue;
    size_t end_of_word = value;
    while (end_of_word < text_.size() && is_letter(text_[end_of_word])) ++end_of_word;
    if (one_of(text_.substr(value, end_of_word - value), kProse)) continue;
    if (names_.is_secret_name(name)) done = hide_value(value, Place::kWord);
  }
}

}  // namespace flawless::triage
