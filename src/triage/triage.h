// Decisions about an Event: pure functions of the event and the project's rules. No I/O, no clock, no randomness.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "event/event.h"

namespace flawless::triage {

// --- scrub.h ------------------------------------------------------------------------------------------------------
struct ScrubRules {
  // Names whose values are secrets, compared without letter case, '-' and '_'; "password" also hits "db_password" and
  // "passwordConfirmation" (a name that contains a rule as a whole word part). Added to the built-in list.
  std::vector<std::string> extra_names;
  bool use_defaults = true;
};
class Scrubber {
 public:
  explicit Scrubber(const ScrubRules& rules);
  // Replaces secrets by Value::scrubbed() or "[scrubbed]": variables, custom data, headers, cookies, request body (JSON
  // and form text too), query strings, URLs anywhere (user info and query), breadcrumbs, tags, person extras, contexts.
  void scrub(Event& event) const;
  void scrub(Value& value, Arena& arena) const;  // for the raw view
  [[nodiscard]] bool is_secret_name(std::string_view name) const;
  // user:password@ and secret query parameters of any URL in `text`.
  [[nodiscard]] std::string scrub_urls(std::string_view text) const;

 private:
  std::vector<std::string> names_;  // folded
};

// --- in_app.h -----------------------------------------------------------------------------------------------------
// The SDK's word, else path rules (site-packages, node_modules, vendor, <frozen …>, /usr/lib …). Never depends on a
// repository, so that grouping does not change when one arrives.
void mark_in_app(Event& event);

// --- grouping.h ---------------------------------------------------------------------------------------------------
inline constexpr std::string_view kGroupingAlgorithm = "v1";
struct Grouping {
  Hash128 hash;           // of the canonical text
  std::string canonical;  // what was compared, line by line: shown to the user
  std::string reason;     // "exception classes and 3 in-app frames", "message, numbers and ids left out", "client fingerprint"
};
[[nodiscard]] Grouping group(const Event& event);
// Numbers, ids, quoted strings, addresses, times … of a message replaced by <number>, <uuid> …
[[nodiscard]] std::string parameterise(std::string_view message);
// Path without host-specific prefix, hashes, versions; "app/main.4f2a9c1b.js" → "app/main.<hash>.js".
[[nodiscard]] std::string normalise_path(std::string_view path);

// --- culprit.h ----------------------------------------------------------------------------------------------------
// Code whose caller is to blame instead. A blank function or code matches any.
struct LibraryCode {
  std::string path, function, code;
};
struct Culprit {
  size_t exception = 0;  // index into event.exceptions
  size_t frame = 0;      // index into its frames
  std::string_view why;  // "innermost in-app frame", "… of the cause", "innermost raise line", "innermost frame (none is in-app)"
};
// Of the exception raised last, the innermost in-app frame that is neither library code nor a `raise` line; else of its
// causes in order; else the innermost in-app raise line. Nothing when no frame is in-app.
[[nodiscard]] std::optional<Culprit> find_culprit(const Event& event, const std::vector<LibraryCode>& library);

// --- title.h ------------------------------------------------------------------------------------------------------
// One line of at most 255 bytes: the client's title, else "Type: message", else the message, else what is known.
[[nodiscard]] std::string title(const Event& event);

}  // namespace flawless::triage
