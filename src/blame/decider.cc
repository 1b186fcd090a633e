#include "blame/decider.h"

#include <algorithm>

#include "base/log.h"
#include "blame/lineage.h"
#include "blame/messages.h"
#include "blame/recipient.h"
#include "blame/regression.h"
#include "blame/words.h"
#include "triage/rule_match.h"

namespace flawless::blame {
namespace {

using std::chrono::milliseconds;

constexpr int kMostRetries = 6;  // those for the release's sake count, too
constexpr milliseconds kAfterConflict{100};
constexpr milliseconds kAboutATry{1000};
constexpr size_t kMostCandidates = 9;  // lines of one text in one function
constexpr std::string_view kNoLine = "no line of the application's code is in the report";

// Of what was queued before the clock was set back, only the tries are known.
bool has_line(const store::Decision& decision) { return !decision.path.empty(); }

milliseconds waited(const store::Decision& decision, Time now) {
  return decision.queued_at <= now ? now - decision.queued_at : decision.attempts * kAboutATry;
}

// Where the line was found when it was last decided.
std::optional<Place> last_place(const store::Line& line, std::string_view repository) {
  if (line.verdict.empty()) return std::nullopt;
  const auto verdict = read_verdict(line.verdict);
  if (!verdict || verdict->repository != repository || verdict->line == 0) return std::nullopt;
  return Place{verdict->revision, verdict->path, verdict->line};
}

// Whether that is what came of the line's last mail, too.
bool was_not_mailed(const store::Line& line, std::string_view why) {
  if (line.verdict.empty()) return false;
  const auto verdict = read_verdict(line.verdict);
  return verdict && verdict->not_mailed == why;
}

}  // namespace

// Everything about one decision while it is made.
struct Decider::Case {
  Case(const store::Decision& its_decision, Time at) : decision(its_decision), now(at) {}

  const store::Decision& decision;
  Time now;

  CodeRules rules;
  std::optional<Event> event;  // none when it is not needed, or its body is gone
  Frame frame;                 // the culprit; views into event or decision
  const store::Rule* known = nullptr;
  bool third_party = false, is_library = false;

  Examination examination;
  store::Line line;    // of the site now
  store::Line target;  // that the site will belong to: `line`, another, or a new one (id none)
  Identity identity;
  std::shared_ptr<const scm::FileBlame> loose;  // of the line's file, if history was asked

  bool regression = false;
  triage::MailAnswer answer;
  int64_t episode = 0;  // of the target, this decision included
  Messages messages;
};

// Has the keys of a line to itself until destroyed, if nobody else had them.
class Decider::Claim {
 public:
  Claim(Locked<std::set<std::string>>& in_work, const std::optional<LineInRepository>& line)
      : in_work_(in_work) {
    if (!line) return;
    for (const Origin& origin : {line->plain, line->through}) add(line->repository, origin);
  }
  void add(std::string_view repository, const Origin& origin) {
    std::string key = repository_key(repository, origin).key;
    if (in_work_.lock()->insert(key).second) {
      keys_.push_back(std::move(key));
    } else if (std::find(keys_.begin(), keys_.end(), key) == keys_.end()) {
      refused_ = true;
    }
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim() {
    auto taken = in_work_.lock();
    for (const std::string& key : keys_) taken->erase(key);
  }
  explicit operator bool() const { return !refused_; }

 private:
  Locked<std::set<std::string>>& in_work_;
  std::vector<std::string> keys_;
  bool refused_ = false;
};

Result<Decided> Decider::decide(const store::Decision& decision, const std::stop_token& stop) {
  Case one(decision, parts_.clock.now());
  RETURN_IF_ERROR(gather(one));
  ASSIGN_OR_RETURN(const bool known, examine(one, stop));
  if (!known) return Decided{};
  Claim claim(in_work_, one.examination.line);
  if (claim) {
    ASSIGN_OR_RETURN(const bool identified, identify(one, claim, stop));
    if (identified) return conclude(one);
    if (stop.stop_requested()) return Decided{};
  }
  RETURN_IF_ERROR(put_off(one, kAfterConflict));
  return Decided{};
}

Result<Decided> Decider::conclude(Case& one) {
  find_rules(one);
  ASSIGN_OR_RETURN(one.regression,
                   is_regression(parts_.store, examiner_, one.decision, one.target.mailed_at));
  judge(one);
  RETURN_IF_ERROR(address(one));
  const std::string why = one.examination.verdict.not_mailed = why_not_mailed(one);
  if (!one.answer.due) one.examination.verdict.mail_at_count = one.answer.mail_at;
  const auto line = parts_.store.lines().conclude(conclusion(one), parts_.clock.now());
  if (line.code() == Code::kConflict) {
    RETURN_IF_ERROR(put_off(one, kAfterConflict));
    return Decided{};
  }
  if (!line) return line.status();
  return Decided{.concluded = true,
                 .line = *line,
                 .developer = one.examination.verdict.developer,
                 .mailed = one.messages.mail.has_value(),
                 .third_party = one.third_party && !one.line.known,
                 .nobody_to_tell = one.answer.due && options_.mail && !one.messages.mail &&
                                   !was_not_mailed(one.line, why)};
}

// The rules and, where it can tell more than the site, the report itself.
Status Decider::gather(Case& one) {
  const store::Decision& decision = one.decision;
  ASSIGN_OR_RETURN(const auto stored,
                   parts_.store.lines().rules({.all = false, .projects = {decision.project}}));
  one.rules = sort_rules(rules_.copy(), stored);
  one.frame = frame_of_site(decision);
  const auto repositories = parts_.mirrors.of_project(decision.project_name);
  for (const Repository* repository : repositories) {
    add_deployed_paths(repository->options.path_rules, one.rules);
  }
  const bool without_line = !has_line(decision) && !one.rules.known_errors.empty();
  if (!one.rules.third_party.empty() || without_line || !repositories.empty()) {
    auto event = parts_.bodies.event(
        {decision.project, decision.report_id, decision.body.segment, decision.body.offset});
    if (event) one.event = std::move(*event);
  }
  if (one.event && has_line(decision)) {
    if (const Frame* found = culprit_frame(*one.event, decision)) one.frame = *found;
  }
  return Status::ok();
}

// A rule may name the file as it was reported or as it is called in the repository. Not so for
// library code: whom to blame instead was decided, by the configured mappings, when the report came.
void Decider::find_rules(Case& one) const {
  const NamedFrame frame{one.frame, one.examination.verdict.path};
  if (has_line(one.decision)) {
    one.known = known_error(one.rules, frame);
    one.is_library = matches_any({one.frame, {}}, one.rules.library_code);
  } else if (one.event) {
    one.known = known_error(one.rules, *one.event);
  }
  one.third_party = matches_any(frame, one.rules.third_party) ||
                    (one.event && triage::has_match(*one.event, one.rules.third_party));
}

// False: it is put off.
Result<bool> Decider::examine(Case& one, const std::stop_token& stop) {
  const store::Decision& decision = one.decision;
  if (!has_line(decision)) {
    one.examination.verdict.problem = kNoLine;
    return true;
  }
  const Report report{decision.project_name,
                      decision.release,
                      decision.queued_at,
                      {waited(decision, one.now), decision.attempts}};
  auto examined = examiner_.examine(report, reported(one.frame), stop);
  if (stop.stop_requested()) return false;  // what it says now may be git's, being ended
  if (!examined) {
    log_warning("blame", "a line of {}: {}", decision.project_name, examined.message());
    if (decision.attempts < kMostRetries) {
      RETURN_IF_ERROR(put_off(one, options_.retry_after));
      return false;
    }
    one.examination.verdict.problem = "git could not be asked: " + examined.message();
    return true;
  }
  one.examination = std::move(*examined);
  if (!one.examination.later) return true;
  RETURN_IF_ERROR(put_off(one, *one.examination.later));
  return false;
}

// False: the line is being decided elsewhere, or we were stopped.
Result<bool> Decider::identify(Case& one, Claim& claim, const std::stop_token& stop) {
  store::Lines& lines = parts_.store.lines();
  ASSIGN_OR_RETURN(one.line, lines.line(one.decision.line));
  one.target = one.line;
  one.episode = one.line.episode;
  if (!one.examination.line) return true;

  const LineInRepository& found = *one.examination.line;
  std::vector<std::string_view> repositories;
  for (const Repository* repository : parts_.mirrors.of_project(one.decision.project_name)) {
    repositories.push_back(repository->name());
  }
  IdentityQuestion question;
  question.line = one.line.id;
  question.repository = found.repository;
  question.repositories = repositories;
  question.plain = found.plain;
  question.through = found.through;
  question.file = found.file.get();
  for (const Origin& origin : {found.plain, found.through}) {
    if (question.known) break;
    ASSIGN_OR_RETURN(question.known, lines.find_line(repository_key(found.repository, origin)));
  }
  if (!question.known) {
    ASSIGN_OR_RETURN(question.candidates, candidates(one.line.id));
    ASSIGN_OR_RETURN(const bool asked, ask_history(one, question, claim, stop));
    if (!asked) return false;
  }
  one.identity = blame::identify(question);
  if (one.identity.split) {
    one.target = {};
    one.target.count = 1;
    if (question.candidates.size() < kMostCandidates) {
      one.identity.keys.push_back(twin_key(one.line.id, question.candidates.size()));
    }
  } else if (one.identity.join) {
    ASSIGN_OR_RETURN(one.target, lines.line(one.identity.join));
    one.target.count += one.line.count;
    // Told under its text alone is told, too.
    if (!one.target.mailed_at) one.target.mailed_at = one.line.mailed_at;
  }
  one.episode = one.target.episode;
  if (one.loose && !one.target.mailed_at) note_first_author(one);
  return true;
}

// The line itself, and those that were found to be others with its text.
Result<std::vector<Candidate>> Decider::candidates(LineId line) const {
  store::Lines& lines = parts_.store.lines();
  std::vector<Candidate> all;
  for (std::optional<LineId> next = line; next && all.size() < kMostCandidates;) {
    ASSIGN_OR_RETURN(auto keys, lines.line_keys(*next, kRepositoryKey));
    all.push_back({*next, std::move(keys), std::nullopt});
    ASSIGN_OR_RETURN(next, lines.find_line(twin_key(line, all.size())));
  }
  return all;
}

// Only where a candidate is known in this repository: else there is nothing to compare with. What
// history does not say is left open. False as identify().
Result<bool> Decider::ask_history(Case& one, IdentityQuestion& question, Claim& claim,
                                  const std::stop_token& stop) const {
  store::Lines& lines = parts_.store.lines();
  const Verdict& verdict = one.examination.verdict;
  const auto repositories = parts_.mirrors.of_project(one.decision.project_name);
  const auto repository = std::find_if(
      repositories.begin(), repositories.end(),
      [&](const Repository* each) { return each->name() == question.repository; });
  const auto is_known = [&](const Candidate& candidate) {
    return !origins_in(question.repository, candidate.keys).empty();
  };
  if (repository == repositories.end() ||
      std::none_of(question.candidates.begin(), question.candidates.end(), is_known)) {
    return true;
  }
  Lineage lineage(*(*repository)->mirror, stop);
  auto file = lineage.blame(verdict.revision, verdict.path);
  const auto blamed = file ? (*file)->at(verdict.line) : std::nullopt;
  if (!blamed || blamed->commit.cut_off) return !stop.stop_requested();
  one.loose = *file;
  question.loose = origin_of(*blamed);
  claim.add(question.repository, *question.loose);
  if (!claim) return false;
  ASSIGN_OR_RETURN(question.known,
                   lines.find_line(repository_key(question.repository, *question.loose)));
  if (question.known) return true;

  const bool is_listed = question.through != question.plain;
  const Lineage::Found found{{verdict.revision, verdict.path, verdict.line},
                             is_listed ? question.through : *question.loose};
  for (Candidate& candidate : question.candidates) {
    const auto origins = origins_in(question.repository, candidate.keys);
    if (origins.empty()) continue;
    ASSIGN_OR_RETURN(const store::Line line, lines.line(candidate.line));
    const auto is_one = lineage.is_one(found, {origins, last_place(line, question.repository)});
    if (stop.stop_requested()) return false;
    if (!is_one) continue;
    candidate.is_one = *is_one;
    if (*is_one) break;
  }
  return true;
}

// A line that was re-indented before anybody was told of it: who wrote it is told.
void Decider::note_first_author(Case& one) const {
  const LineInRepository& found = *one.examination.line;
  Verdict& verdict = one.examination.verdict;
  const auto blamed = one.loose->at(verdict.line);
  if (!blamed || found.plain != found.through || blamed->commit.id == found.plain.commit) return;
  const scm::BlamedCommit& commit = blamed->commit;
  verdict.commit = commit.id;
  verdict.summary = commit.summary;
  verdict.author_name = commit.author;
  verdict.author_email = commit.author_mail;
  verdict.authored_at = commit.author_time;
  DeveloperAddress address = developer_address(commit.author_mail, options_.addresses);
  verdict.developer = std::move(address.address);
  verdict.problem = std::move(address.problem);
  verdict.reasons.insert(verdict.reasons.begin(),
                         commit.author + " wrote this line in " + commit_with_summary(commit) +
                             "; only its white space was changed later.");
  one.examination.changed_at = commit.author_time;
}

void Decider::judge(Case& one) {
  const store::Decision& decision = one.decision;
  triage::MailQuestion question;
  question.of_item = !has_line(decision);
  question.third_party = one.third_party;
  question.is_library = one.is_library;
  question.silenced = decision.item_status == store::ItemStatus::kMuted ||
                      decision.item_status == store::ItemStatus::kArchived;
  question.notifies = decision.environment_notifies;
  question.mailed = one.target.mailed_at.has_value();
  question.regression = one.regression;
  question.count = one.target.count;
  question.own_threshold = decision.error_threshold;
  question.threshold = options_.threshold;
  question.changed_at = one.examination.changed_at;
  question.minimum_date = options_.minimum_date;
  if (one.known != nullptr) question.known = schedule_of(*one.known);
  question.was_known = one.target.known;
  one.answer = triage::mail_due(question);
  if (one.answer.new_episode) ++one.episode;
}

// The messages, if the mail is due and somebody may get it.
Status Decider::address(Case& one) {
  if (!one.answer.due) return Status::ok();
  if (options_.mail) {
    ASSIGN_OR_RETURN(const auto users, parts_.store.accounts().users());
    const Allowed allowed = allowed_addresses(options_.allow, users, options_.default_contact);
    const Verdict& verdict = one.examination.verdict;
    one.messages = write_messages({.decision = &one.decision,
                                   .answer = &one.answer,
                                   .known = one.known,
                                   .line = one.target.id,
                                   .episode = one.episode,
                                   .developer = verdict.developer,
                                   .problem = verdict.problem,
                                   .allowed = &allowed,
                                   .default_contact = options_.default_contact});
  }
  // Some day there may be somebody to tell, or a mail server.
  if (!one.messages.mail && one.answer.wake_at == 0) one.answer.wake_at = one.target.count * 2;
  return Status::ok();
}

std::string Decider::why_not_mailed(const Case& one) const {
  if (one.messages.mail) return {};
  if (!one.answer.due) {
    const bool told = one.target.mailed_at && !one.answer.new_episode && one.known == nullptr;
    return told ? std::string() : one.answer.reason;
  }
  if (!options_.mail) return "no mail server is configured: set mail.smtp_host";
  const std::string& developer = one.examination.verdict.developer;
  if (developer.empty()) {
    return "nobody is to blame, and there is no default contact: set mail.default_contact";
  }
  return "mail.allow does not list " + developer +
         ", and there is no default contact: set mail.allow or mail.default_contact";
}

store::Conclusion Decider::conclusion(const Case& one) const {
  store::Conclusion conclusion;
  conclusion.decision = &one.decision;
  conclusion.line = one.line.id;
  conclusion.episode = one.line.episode;
  conclusion.was_mailed = one.line.mailed_at.has_value();
  conclusion.join = one.identity.join;
  conclusion.split = one.identity.split;
  conclusion.keys = one.identity.keys;
  conclusion.developer = one.examination.verdict.developer;
  conclusion.verdict = write_verdict(one.examination.verdict);
  conclusion.changed_at = one.examination.changed_at;
  conclusion.known = one.known != nullptr || one.third_party;
  conclusion.new_episode = one.answer.new_episode;
  conclusion.decide_at_count = one.answer.wake_at;
  if (one.answer.wake_at == 0 && !one.decision.environment_notifies) {
    conclusion.decide_at_count = store::kWhenNotified;
  }
  conclusion.mail = one.messages.mail;
  conclusion.more = one.messages.more;
  return conclusion;
}

Status Decider::put_off(const Case& one, milliseconds time) {
  return parts_.store.lines().postpone(one.decision.id, parts_.clock.now() + time);
}

}  // namespace flawless::blame
