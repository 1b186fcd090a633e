// The plain server-rendered pages: each returns one whole HTML document that works without script
// and loads nothing. Everything given is escaped here; hand over raw text.
//
// Pages need `style-src` to allow style_hash() ("Content-Security-Policy: default-src 'none';
// style-src 'sha256-…'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "render/incident.h"

namespace flawless::render {

// "sha256-…": of the one style sheet that every page carries in a <style> element.
[[nodiscard]] const std::string& style_hash();

// /get_weekly_error_report. Lines come in any order: the page groups them by developer (those with
// most occurrences first), and within one by occurrences. Developers carry id="their address".
struct ReportPage {
  struct Line {
    std::string developer;  // empty: "nobody found"
    std::string project;    // shown when the page has several
    uint64_t count = 0;
    std::optional<Time> last_seen;
    Place place;
    std::optional<Time> committed_at;
    std::optional<Time> mailed_at;
    std::string mailed_to;      // shown when it is not the developer
    bool undelivered = false;   // that mail failed for good
    bool known = false;         // a known error
    std::string traceback_url;  // may be empty, as item_url
    std::string item_url;
  };
  std::string project;  // name; empty: several
  Time from, to;        // [from, to)
  std::vector<Line> lines;
  // What else can be looked at: text and address, in this order ("previous week", "with known
  // errors" …).
  std::vector<std::pair<std::string, std::string>> views;
  std::string only_for;  // the address a mail's link was for: says whose lines these are
};
[[nodiscard]] std::string report_page(const ReportPage& page);

// /view_traceback
struct TracebackPage {
  Incident incident;                // count and last_seen are the line's within the week shown
  std::optional<Time> occurred_at;  // of the occurrence shown
};
[[nodiscard]] std::string traceback_page(const TracebackPage& page);

// /add_known_error, GET, and POST that could not be done. Posts to /add_known_error as
// application/x-www-form-urlencoded with these names: filename, function_name, code_fragment, type
// ("known_errors", "building_blocks", "third_party_whitelist"), min_alert_threshold,
// max_alert_threshold, alert_every_n_occurrences, email_recipients (separated by commas),
// email_header, and `hidden`.
struct KnownErrorForm {
  std::string filename, function_name, code_fragment;
  std::string type = "known_errors";
  std::string min_alert_threshold, max_alert_threshold, alert_every_n_occurrences;
  std::string email_recipients, email_header;
  std::vector<std::pair<std::string, std::string>> hidden;  // key, csrf …
  std::string error;  // why the last try was refused; empty at first
  std::string project;
};
[[nodiscard]] std::string known_error_page(const KnownErrorForm& form);

// Done, refused, or nothing there.
struct NoticePage {
  enum class Kind { kSuccess, kError, kNotFound };
  Kind kind = Kind::kSuccess;
  std::string title;                                       // "SUCCESS", "Not Found"
  std::vector<std::string> lines;                          // paragraphs
  std::vector<std::pair<std::string, std::string>> links;  // text, address
};
[[nodiscard]] std::string notice_page(const NoticePage& page);

// /check_health. Callers without rights get no sections and no faults, only OK or FAIL.
struct HealthPage {
  bool ok = true;
  std::vector<std::string> faults;
  struct Section {
    std::string title;
    std::vector<std::pair<std::string, std::string>>
        rows;  // name, value; secrets masked by the caller
  };
  std::vector<Section> sections;
};
[[nodiscard]] std::string health_page(const HealthPage& page);

}  // namespace flawless::render
