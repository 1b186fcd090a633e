// Secrets are taken out by the name they go by, and by their shape where text has no names.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"

namespace flawless::triage {

struct ScrubRules {
  // Names whose values are secrets, compared without punctuation, digits after a word and letter
  // case of ASCII; other letters as they are. "pin" hits "card_pin", "PIN2" and "userPin", not
  // "spin" (a name that contains a rule as one or more whole words). Added to the built-in list.
  // What can_be_rule() refuses is passed over.
  std::vector<std::string> extra_names;
  bool use_defaults = true;  // the built-in list, and shapes
};

struct FoldedName;
enum class NameMatch : uint8_t;

// Immutable once built, so any number of threads may share one.
//
// What is never taken for a secret: null, true, false, an empty text (often the bug, never the
// secret), an object's bare repr ("<Session object at 0x…>"), what the sender has already starred
// out, IP addresses, e-mail addresses and source code. A built-in rule does not hold when the name
// goes on to say something about the secret
// ("token_count", "password_changed_at"). Scrubbing twice changes nothing more.
//
// In free text sentences stay readable. After name= and "name": any value goes. After a bare name
// and a colon goes
//   - a value in quotes (password: "x"), unless it holds no letter or digit (token: "}");
//   - a plain one within { } or [ ], where the name stands first or after a comma, or where no
//     blank follows the colon ({Password:x}, { pin: 5 });
//   - the first word after a header's name (X-Auth-Token: x, PRIVATE-TOKEN: x), the whole line of
//     the well-known ones (Authorization, Cookie);
//   - a word with a digit that has a line to itself (password: hunter2).
// So "password: wrong for user bob" stays.
//
// Whatever stands beside them go secrets that have a shape which nothing else has: JSON Web Tokens,
// keys with the prefix of who issues them (AWS, GitHub, GitLab, Slack, Stripe, Google, npm, PyPI,
// SendGrid, OpenAI, Anthropic), also cut off behind their 12th character, and numbers of payment
// cards (issuer, length and check digit), unless they go by the name of an id. A number that is one
// in JSON stays.
class Scrubber {
 public:
  explicit Scrubber(const ScrubRules& rules);

  // Replaces secrets by Value::scrubbed() or "[scrubbed]" wherever an Event holds text: variables,
  // custom data, headers, cookies, request body (JSON and form text too), query strings, URLs,
  // breadcrumbs, tags, messages and all names. Of what says where code lies (frames' paths,
  // modules, functions) only URLs are looked at, of names those and the shapes of keys, of source
  // code nothing.
  void scrub(Event& event) const;
  // The same for one tree, as the raw view shows it. Changed text is kept in `arena`.
  void scrub(Value& value, Arena& arena) const;

  [[nodiscard]] bool is_secret_name(std::string_view name) const;
  [[nodiscard]] bool hides_shapes() const { return hides_shapes_; }
  // Whether a name can be one of ScrubRules: it has a letter or digit and at most 64 bytes.
  [[nodiscard]] static bool can_be_rule(std::string_view name);
  // user:password@ and secret query parameters of any URL in `text`, also of one that is encoded
  // into another's query; keys by their shape.
  [[nodiscard]] std::string scrub_urls(std::string_view text) const;
  // That, and in free text: name=value, name and value as JSON, Python, Ruby, JavaScript, Go and
  // Rust print them, pairs ("name", "value"), "name": "password", "value": …, multipart forms,
  // header lines, --password x, "Bearer …", private key blocks, card numbers.
  [[nodiscard]] std::string scrub_text(std::string_view text) const;

 private:
  struct Rule {
    std::string name;  // folded
    NameMatch match;
    bool built_in;
  };
  using Rules = std::array<std::vector<Rule>, 256>;  // by the first byte of the folded name
  void add(std::string_view name, NameMatch match, bool built_in);
  [[nodiscard]] static bool holds(const Rule& rule, const FoldedName& name, size_t at);
  [[nodiscard]] static bool is_secret(const Rules& rules, const FoldedName& name, size_t at);

  Rules at_word_;  // most rules begin where a word begins
  Rules anywhere_;
  bool hides_shapes_;
};

}  // namespace flawless::triage
