// Lines of code that were to blame, the queue of decisions about them, and the rules people made.
//
// A decision answers for one place in a release: whose line is it, and is a mail due? It is queued
// by apply() in the transaction that stores the sighting: for every new site; when a line's count
// reaches the number that the last decision asked to be woken at (and each sighting of a line that
// was never decided counts as such only through its site); when a resolved item comes back; and
// when an item is new in an environment that notifies while its line is not mailed, or its line was
// to wait for such a one. conclude()
// answers it, again in one transaction: identity, verdict, and the mail if one is due.
//
// Where several of these apply before a decision is made, one is queued, for the strongest reason:
// reopened, new site, new environment, count. So a site may be new whatever the reason. What comes
// while the decision is being made stays queued when it is concluded.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "store/outbox.h"
#include "store/types.h"

namespace flawless::store {

enum class DecisionReason : uint8_t {
  kNewSite = 1,
  kCount = 2,
  kReopened = 3,
  kNewEnvironment = 4
};

// A queued decision with what is needed to make it. At most one is queued per site.
struct Decision {
  int64_t id = 0;
  DecisionReason reason = DecisionReason::kNewSite;
  Time queued_at;
  int attempts = 0;  // postponements so far
  ProjectId project;
  std::string project_name;
  SiteId site;
  LineId line;
  ItemId item;
  int64_t item_number = 0;
  ItemStatus item_status = ItemStatus::kActive;
  OccurrenceId occurrence;  // the sighting that queued it
  ReportId report_id;
  BodyRef body;
  Level level = Level::kError;
  std::string environment;
  bool environment_notifies = true;  // of any environment the site's item was seen in
  std::string release;
  // Of the culprit frame, as reported. Path empty: no frame is to blame, and the line stands for the
  // item, whose reports without culprit are mailed once like a line's.
  std::string path, function, text;
  uint32_t line_number = 0;
  int64_t error_threshold = 0;  // the report's own wish; 0: none

  std::array<int64_t, 4> wakes{};  // the store's own: how often each reason came, as read
};

struct LineKey {
  // "repo": repository, origin commit, origin path, origin line; "text"; "twin"; "item"
  std::string kind;
  std::string key;
};

struct Line {
  LineId id;
  std::string path, function, text;  // as first reported; path empty: it stands for an item
  uint64_t count = 0;                // sightings
  Time first_seen;
  int64_t episode = 0;            // regressions so far: mailed once in each
  std::optional<Time> mailed_at;  // in this episode
  std::string mailed_to;
  std::optional<MessageState> mail_state;  // of that mail; kFailed: it cannot be delivered
  std::string mail_error;                  // then: what the server said; else why it waits
  std::string developer;  // address; empty: nobody or not decided
  std::optional<Time> decided_at;
  std::optional<Time> changed_at;  // when the line was last changed, as git says
  bool known = false;              // a known error when it was last decided
  std::string verdict;             // JSON of flawless::Verdict; empty until decided
};

// As Conclusion::decide_at_count: when an environment that notifies sees the line.
inline constexpr uint64_t kWhenNotified = uint64_t{1} << 62;

struct Conclusion {
  const Decision* decision = nullptr;
  // The line as it was read for this decision; conclude() refuses with kConflict when its episode,
  // mailed_at or the site's line has changed since (read again and decide again).
  LineId line;
  int64_t episode = 0;
  bool was_mailed = false;

  // Identity. 0 and !split: the site stays with `line`. Else the site moves: to `join`, or to a new
  // line when `split`. The site's counts move with it. A line whose last site joins another gives
  // it its counts, keys and, unless the other is mailed itself, its mailed state; its id goes on
  // standing for the other.
  LineId join;
  bool split = false;
  std::vector<LineKey>
      keys;  // added to the line the site ends at; a key of another line stays there

  std::string developer, verdict;
  std::optional<Time> changed_at;
  bool known = false;
  bool new_episode = false;      // the line may be mailed again: a regression
  uint64_t decide_at_count = 0;  // queue again when the line's count reaches this; 0: never
  // Marks the line as mailed. Left out silently if its key is in the outbox already, or if it is of
  // kind "line" and the line the site ends at proves to be mailed in this episode. In `key`, the
  // text "{line}" stands for the id of the line the site ends at.
  std::optional<NewMessage> mail;
  std::vector<NewMessage>
      more;  // the same, but they do not mark the line: a known error's schedule
};

// How a rule treats the lines it matches.
enum class RuleKind : uint8_t {
  kKnownError = 1,   // no mail, or on the rule's own schedule; still counted
  kLibraryCode = 2,  // the caller is blamed instead
  kThirdParty = 3,   // reports with such a frame are stored and counted, and mailed to nobody
};
std::string_view rule_kind_name(RuleKind kind);  // "known_error" "library_code" "third_party"
std::optional<RuleKind> parse_rule_kind(std::string_view name);

// A blank part matches anything; path must not be blank. Texts compare with white space squeezed,
// and match when either contains the other.
struct Rule {
  int64_t id = 0;
  RuleKind kind = RuleKind::kKnownError;
  ProjectId project;  // none: all projects
  std::string path, function, code;
  // Of known errors; 0 in max is a value ("never"), so they are optional.
  std::optional<int64_t> min_alert_threshold, max_alert_threshold, alert_every_n_occurrences;
  std::vector<std::string> email_recipients;
  std::string email_header;
  Time created_at;
  std::string created_by;  // "ada@shop.example", "mail to ada@shop.example", "flawless.cfg"
};

// A line's errors in a span of days, for the report by developer.
struct LineReport {
  Line line;
  ProjectId project;
  std::string project_name;
  uint32_t line_number = 0;      // of its newest site
  uint64_t count = 0;            // in the span
  Time last_seen;                // in the span
  OccurrenceId last_occurrence;  // in the span
  int64_t item_number = 0;       // of that occurrence
};

// What one line looked like to its reporters: parameters of /view_traceback.
struct SiteQuery {
  std::string path, function, text;
  uint32_t line_number = 0;
};

class Lines {
 public:
  virtual ~Lines() = default;

  // The next decision of each project in turn, oldest first within one, whose time has come;
  // nothing when there is none. Projects in `busy` are passed over.
  [[nodiscard]] virtual Result<std::optional<Decision>> next_decision(
      std::span<const ProjectId> busy, Time now) = 0;
  [[nodiscard]] virtual Result<Line> line(LineId id) = 0;
  // The line that has this key; nothing if none.
  [[nodiscard]] virtual Result<std::optional<LineId>> find_line(const LineKey& key) = 0;
  [[nodiscard]] virtual Result<std::vector<LineKey>> line_keys(LineId id,
                                                               std::string_view kind) = 0;
  // The line the site ended at. kConflict: see Conclusion. kNotFound: the decision was concluded
  // before.
  [[nodiscard]] virtual Result<LineId> conclude(const Conclusion& conclusion, Time now) = 0;
  [[nodiscard]] virtual Status postpone(int64_t decision, Time not_before) = 0;
  // A repository or a rule arrived: undecided and unmailed lines of the project (none: all) are
  // decided again when they are seen; at once those without a developer, mailed or not.
  [[nodiscard]] virtual Status decide_again(ProjectId project, Time now) = 0;
  [[nodiscard]] virtual Result<uint64_t> decisions_waiting() = 0;

  // The line that the occurrence's culprit frame belongs to; kNotFound: none, or not visible. Its
  // count, first_seen and place, here and in report(), are those of the visible projects' reports.
  [[nodiscard]] virtual Result<Line> line_of(const Visible& visible, OccurrenceId occurrence) = 0;
  // Ordered by count, highest first, at most 5,000; days are UTC, those that [from, to) touches.
  [[nodiscard]] virtual Result<std::vector<LineReport>> report(const Visible& visible, Time from,
                                                               Time to) = 0;
  // The newest occurrence there on the days (UTC) that [from, to) touches; kNotFound: none. White
  // space of the text aside; blank parts of the query match anything, path must not be blank.
  [[nodiscard]] virtual Result<OccurrenceId> newest_at(const Visible& visible,
                                                       const SiteQuery& query, Time from,
                                                       Time to) = 0;

  // Rules of these projects and of all. Visible.all: every one; nothing visible: none.
  [[nodiscard]] virtual Result<std::vector<Rule>> rules(const Visible& visible) = 0;
  // kInvalid: no path; kDenied: for all projects, by who does not see all. A rule of the same kind,
  // project, path, function and code is replaced. Lines it concerns are decided again as they are
  // seen. Returns it with its id. remove_rule: kNotFound, kDenied.
  [[nodiscard]] virtual Result<Rule> add_rule(const Visible& visible, const Rule& rule,
                                              Time now) = 0;
  [[nodiscard]] virtual Status remove_rule(const Visible& visible, int64_t id) = 0;
};

}  // namespace flawless::store
