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
  // Names whose values are secrets, compared without letter case, '-' and '_'; "pass" hits
  // "db_pass" and "passPhrase" (a name that contains a rule as one or more whole words). Added to
  // the built-in list.
  std::vector<std::string> extra_names;
  bool use_defaults = true;
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
class Scrubber {
 public:
  explicit Scrubber(const ScrubRules& rules);

  // Replaces secrets by Value::scrubbed() or "[scrubbed]": variables, custom data, headers,
  // cookies, request body (JSON and form text too), query strings, URLs anywhere (user info and
  // query; frames' paths too), breadcrumbs, tags, person extras, contexts, messages.
  void scrub(Event& event) const;
  // The same for one tree, as the raw view shows it. Changed text is kept in `arena`.
  void scrub(Value& value, Arena& arena) const;

  [[nodiscard]] bool is_secret_name(std::string_view name) const;
  // user:password@ and secret query parameters of any URL in `text`.
  [[nodiscard]] std::string scrub_urls(std::string_view text) const;
  // That, and in free text: name=value, "name": value (JSON, Python and Ruby reprs), header lines,
  // "Bearer …", private key blocks.
  [[nodiscard]] std::string scrub_text(std::string_view text) const;

 private:
  struct Rule {
    std::string name;  // folded
    NameMatch match;
    bool built_in;
  };
  void add(std::string_view name, NameMatch match, bool built_in);
  [[nodiscard]] static bool holds(const Rule& rule, const FoldedName& name, size_t at);

  std::array<std::vector<Rule>, 128> rules_;  // by the first character of the folded name
};

}  // namespace flawless::triage
