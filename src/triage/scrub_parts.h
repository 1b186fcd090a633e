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

// A name in lower case without punctuation, and where its words start: "X-Api-Key" and "xApiKey"
// are x·api·key.
struct FoldedName {
  static constexpr size_t kLongest = 64;  // of a longer name, its end
  char text[kLongest];
  size_t size = 0;
  uint64_t starts = 0;  // bit i: a word starts at text[i]

  [[nodiscard]] std::string_view view() const { return {text, size}; }
  [[nodiscard]] bool starts_word(size_t at) const { return (starts >> at & 1) != 0; }
  [[nodiscard]] std::string_view last_word() const {
    size_t at = size;
    while (at > 0 && !starts_word(--at)) {
    }
    return view().substr(at);
  }
};
FoldedName fold_name(std::string_view name);

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
  bool pass(std::string& out);
  void at_equals(size_t at);
  void at_colon(size_t at);
  void at_user_info(size_t at);
  void at_header_line(size_t at, std::string_view name);
  void find_bearers();
  void find_private_keys();
  [[nodiscard]] std::string_view name_before(size_t at) const;
  [[nodiscard]] bool in_query(std::string_view name) const;
  [[nodiscard]] size_t run_length(size_t at) const;
  void hide_value(size_t at);
  void hide(size_t begin, size_t end);

  const Scrubber& names_;
  std::string_view text_;
  Mode mode_;
  struct Cut {
    size_t begin, end;
  };
  std::vector<Cut> cuts_;
  size_t decided_ = 0;  // what lies before needs no second look: keeps the scan linear
};

// The value of a Cookie or Set-Cookie header with its names kept; false when there is nothing to
// hide.
bool scrub_cookies(std::string_view header, bool set_cookie, std::string& out);

}  // namespace flawless::triage
