// Whether a mail is due for a line of code. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace flawless::triage {

// "2014-02-01", also "2014-2-1". Nothing when there is no such day.
[[nodiscard]] std::optional<std::chrono::sys_days> parse_date(std::string_view text);

// When a known error is worth a mail all the same. All three left out: never.
struct AlertSchedule {
  std::optional<int64_t> min;    // once, from this count on
  std::optional<int64_t> max;    // never above this count; 0 is a value
  std::optional<int64_t> every;  // at each multiple
};

struct MailQuestion {
  bool of_item = false;       // no line is to blame: it is about the item's reports
  bool third_party = false;   // the report has a frame of code that is never mailed about
  bool is_library = false;    // the culprit is library code by now: its caller will be blamed
  bool silenced = false;      // its item is muted or archived
  bool notifies = true;       // an environment that saw the item does
  bool mailed = false;        // in this episode
  bool regression = false;    // its item was resolved, and this is another try at it
  uint64_t count = 1;         // sightings of the line
  int64_t own_threshold = 0;  // what the report asks for; 0: nothing
  int64_t threshold = 1;
  std::optional<Time> changed_at;  // when the line was last changed; nothing: not known
  std::optional<std::chrono::sys_days> minimum_date;
  std::optional<AlertSchedule> known;  // it is a known error
  bool was_known = false;              // and was one when it was last decided
};

struct MailAnswer {
  bool due = false;
  bool new_episode = false;  // what was mailed before belongs to an earlier one
  uint64_t wake_at = 0;      // ask again when the count reaches this; 0: never
  uint64_t mail_at = 0;      // it is not due now, and is when the count reaches this; 0: not by count
  std::string ordinal;       // of a known error that is due: tells its scheduled mails apart
  std::string reason;        // one sentence, for people
};

// Rules for code come first, then the item's state. A known error follows its schedule only:
// neither threshold nor minimum date apply. Any other line is mailed once in an episode: when it is
// seen in an environment that notifies, was changed on the minimum date or later (or nobody knows
// when), and its count reaches the threshold. A regression opens a new episode.
[[nodiscard]] MailAnswer mail_due(const MailQuestion& question);

}  // namespace flawless::triage
