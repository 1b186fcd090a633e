// Internal to scrubbing: folded names, and the scanner of free text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "triage/scrub.h"

namespace flawless::triage {

// Which part of a name a rule has to be.
enum class NameMatch : uint8_t {
  kAnywhere,   // any part: "mysqlpassword1"
  kWords,      // one or more whole words: "auth" in "http_auth_header", not in "author"
  kLastWords,  // the last words: "cookie" in "HTTP_COOKIE", not in "cookie_banner"
  kSuffix,     // the end, a word or not: "stripetoken", not "token_bucket"
  kWhole,      // all of it: "session", not "session_start"
};

// A name in lower case (of ASCII) without punctuation, and where its words start: "X-Api-Key" and
// "xApiKey" are x·api·key. A '#' at the end reads "number".
struct FoldedName {
  static constexpr size_t kLongest = 64;  // of a longer name, its end
  char text[kLongest];
  size_t size = 0;
  uint64_t starts = 0;  // bit i: a word starts at text[i]

  [[nodiscard]] std::string_view view() const { return {text, size}; }
  [[nodiscard]] bool starts_word(size_t at) const {
    return at < kLongest && (starts >> at & 1) != 0;
  }
  [[nodiscard]] size_t after_digits(size_t at) const;
  [[nodiscard]] std::string_view last_word() const;  // without digits at its end
};
FoldedName fold_name(std::string_view name);

// Numbers that go by such a name ("order_id", not "paid") are no card's.
bool is_id_name(std::string_view name);
// Digits only, in quotes or not.
bool is_plain_number(std::string_view text);

// Nothing to hide: empty, null, a boolean, starred out by the sender, or already scrubbed.
bool is_harmless(std::string_view value);

// Rewrites one text. Linear time. Usage: TextScrubber(scrubber, text, mode).run(out).
class TextScrubber {
 public:
  enum class Mode : uint8_t { kAll, kUrlsOnly };
  TextScrubber(const Scrubber& names, std::string_view text, Mode mode)
      : names_(names), text_(text), mode_(mode) {}

  // False, and `out` untouched, when the text holds no secret.
  bool run(std::string& out);

 private:
  // What lies around a value: it ends accordingly.
  enum class Place : uint8_t {
    kText,
    kQuery,   // of a URL or form: up to '&', whatever else comes
    kMember,  // after a quoted name: may stand on the next line
    kWord,    // of a command line or header: up to a blank or quote
  };

  // scrub_text.cc: URLs, name=value, and the whole.
  bool pass(std::string& out);
  void at_equals(size_t at);
  void at_user_info(size_t at);
  void find_encoded();
  void find_bearers();
  void find_private_keys(size_t first);
  [[nodiscard]] std::string_view name_before(size_t at) const;
  [[nodiscard]] std::string_view name_in_quotes(size_t end, char quote) const;
  [[nodiscard]] bool in_query(std::string_view name) const;
  [[nodiscard]] Place place_of(std::string_view name) const;
  [[nodiscard]] size_t start_of(std::string_view name) const {
    return static_cast<size_t>(name.data() - text_.data());
  }
  // The value of a secret name from `at` on: quoted, bracketed or plain. Returns its end.
  size_t hide_value(size_t at, Place place);
  [[nodiscard]] size_t end_of_plain(size_t at, Place place) const;
  [[nodiscard]] size_t end_of_query_value(size_t at) const;
  [[nodiscard]] bool ends_in_query(size_t at) const;
  void hide(size_t begin, size_t end);

  // scrub_forms.cc: the other forms in which programs print names with values.
  void at_colon(size_t at);
  void at_bare_name(size_t at, std::string_view name);
  bool at_header_line(size_t at, std::string_view name);
  [[nodiscard]] bool is_within_braces(size_t at) const;
  [[nodiscard]] bool is_first_in_braces(size_t at) const;
  [[nodiscard]] bool has_line_to_itself(size_t name, size_t value) const;
  void at_named_apart(size_t at, std::string_view key);
  bool at_part_of_form(size_t at);
  void find_pairs();
  void find_options(size_t first);

  // scrub_shapes.cc: secrets without a name.
  void find_shapes();
  [[nodiscard]] bool follows_escape(size_t at) const;
  [[nodiscard]] bool follows_dash(size_t at) const;
  [[nodiscard]] bool begins_word(size_t at) const;
  [[nodiscard]] bool is_enough(size_t size, size_t least, size_t end) const;
  [[nodiscard]] bool is_id(size_t at) const;
  size_t hide_shape(size_t at);
  size_t hide_web_token(size_t at);
  size_t hide_sendgrid_key(size_t at);
  size_t hide_card(size_t at);

  const Scrubber& names_;
  std::string_view text_;
  Mode mode_;
  struct Cut {
    size_t begin, end;
  };
  std::vector<Cut> cuts_;
  size_t decided_ = 0;  // what lies before needs no second look: keeps the scan linear
};

// Of texts, shared by the two sources.
bool is_name(char c);
bool is_quote(char c);
// The end of the blanks, of all white space, of the name that begins at `at`.
size_t skip_blanks(std::string_view text, size_t at);
size_t skip_spaces(std::string_view text, size_t at);
size_t skip_name(std::string_view text, size_t at);
// Past the end of a text quoted at `at` behind `slashes` backslashes (JSON inside JSON); the end if
// it is not closed.
size_t end_of_quoted(std::string_view text, size_t at, size_t slashes);
// Where a value begins that may be quoted: past backslashes, and past the letters of a Python or
// Rust literal (b'…').
struct Opening {
  size_t at = 0;
  size_t slashes = 0;
  bool quoted = false;
};
Opening opening_of(std::string_view text, size_t at);
// "Basic", "Bearer" …, which a secret follows.
bool is_auth_scheme(std::string_view word);

// The value of a Cookie or Set-Cookie header with its names kept; false when there is nothing to
// hide.
bool scrub_cookies(std::string_view header, bool set_cookie, std::string& out);

}  // namespace flawless::triage
