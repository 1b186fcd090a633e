#include "notify/mailer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/log.h"
#include "notify/backoff.h"

namespace flawless::notify {
namespace {

constexpr size_t kDueRows = 2000;
constexpr size_t kQueuedRows = 100;  // among them one that waits, if any does

// So many in doubt, to more than one person, and none accepted meanwhile: it is about us.
constexpr size_t kMostDoubts = 6;

// How often it was handed over without an answer; its last error begins with that, so that it is
// known after a crash.
constexpr std::string_view kHandedOver = "handed over ";

int hand_overs(const store::Message& row) {
  int count = 0;
  if (row.last_error.starts_with(kHandedOver)) {
    const char* end = row.last_error.data() + row.last_error.size();
    std::from_chars(row.last_error.data() + kHandedOver.size(), end, count);
  }
  return count;
}

std::string with_hand_overs(int count, const std::string& error) {
  if (count == 0) return error;
  return fmt::format("{}{} of {} times and not confirmed, it may have arrived: {}", kHandedOver,
                     count, kHandOvers, error);
}

std::vector<int64_t> ids_of(std::span<const store::Message> rows) {
  std::vector<int64_t> ids;
  for (const store::Message& row : rows) ids.push_back(row.id);
  return ids;
}

std::string fault_of(const Delivery& answer) {
  if (answer.outcome == Outcome::kUnconfirmed) {
    return fmt::format("{}; the mail server's log may say why", answer.error);
  }
  return fmt::format("{}; nothing is lost, it is tried again; check [mail] in flawless.cfg",
                     answer.error);
}

bool may_roll_up(const store::Message& row) { return row.kind == "line" && row.message_id.empty(); }
// Put off once, so that it waits for the end of the window.
bool waits(const store::Message& row) { return may_roll_up(row) && row.due_at > row.created_at; }

}  // namespace

std::optional<Time> Mailer::round(const std::stop_token& stop) {
  const Status status = send_due(stop);
  parts_.transport.idle();
  const Time now = parts_.clock.now();
  if (!status) {
    log_warning("notify", "mail waits for the store: {}", status.message());
    return now + std::chrono::seconds(5);
  }
  if (paused()) return paused_until_;
  auto next = parts_.outbox.next_due();
  return next ? *next : now + std::chrono::seconds(5);
}

Status Mailer::send_due(const std::stop_token& stop) {
  RETURN_IF_ERROR(record_unrecorded());
  if (paused()) return {};
  ASSIGN_OR_RETURN(const Rows due, parts_.outbox.due(parts_.clock.now(), kDueRows));
  Turn turn{due, stop, {}, {}};
  std::vector<Rows> last;  // after all that may show whether the fault is ours
  for (Rows& mail : in_turn(due)) {
    if (stop.stop_requested() || paused()) return {};
    if (in_doubt(mail.front().recipient)) {
      last.push_back(std::move(mail));
    } else {
      RETURN_IF_ERROR(take_turn(mail, turn));
    }
  }
  for (const Rows& mail : last) {
    if (stop.stop_requested() || paused()) return {};
    RETURN_IF_ERROR(take_turn(mail, turn));
  }
  return {};
}

// New ones first, each alone; then what was begun, by when it is due. So none that is tried for
// ever is in the way of others.
std::vector<Mailer::Rows> Mailer::in_turn(const Rows& due) const {
  std::vector<Rows> mails;
  for (const store::Message& row : due) {
    if (row.message_id.empty()) mails.push_back({row});
  }
  for (Rows& mail : begun(due)) mails.push_back(std::move(mail));
  return mails;
}

Status Mailer::take_turn(const Rows& mail, Turn& turn) {
  const store::Message& row = mail.front();
  if (!row.message_id.empty()) return send(mail, turn.stop);
  if (!waits(row)) return send_new(row, turn.due, turn.stop, turn.put_off);
  if (!turn.done.insert(row.recipient).second) return {};
  return send_waiting(row, turn.due, turn.stop);
}

// What has a message id goes out as it was begun: the rows of one id together. They are due at one
// time, so where not all that is due was read, the last ones' mail may lack some: it waits.
std::vector<Mailer::Rows> Mailer::begun(const Rows& due) const {
  std::optional<Time> incomplete;
  for (const store::Message& row : due) {
    if (due.size() < kDueRows || row.due_at > parts_.clock.now()) continue;
    incomplete = std::max(incomplete, std::optional(row.due_at));
  }
  std::map<std::string, Rows> by_id;
  for (const store::Message& row : due) {
    const bool whole = row.state == store::MessageState::kSending || row.due_at != incomplete;
    if (!row.message_id.empty() && whole && !unrecorded_.contains(row.id)) {
      by_id[row.message_id].push_back(row);
    }
  }
  std::vector<Rows> mails;
  for (auto& [id, rows] : by_id) mails.push_back(std::move(rows));
  std::sort(mails.begin(), mails.end(), [](const Rows& a, const Rows& b) {
    return std::pair(a.front().due_at, a.front().id) < std::pair(b.front().due_at, b.front().id);
  });
  return mails;
}

// All that wait for this recipient, as one mail; many as some mails, and what is left of very many
// one window later.
Status Mailer::send_waiting(const store::Message& row, const Rows& due,
                            const std::stop_token& stop) {
  const Time now = parts_.clock.now();
  std::erase_if(flooded_, [&](const auto& one) {
    return one.second > now || now - one.second >= parts_.pace.window;
  });
  if (const auto flooded = flooded_.find(row.recipient); flooded != flooded_.end()) {
    return put_off_all(row, due, flooded->second + parts_.pace.window);
  }
  constexpr size_t kMost = kRollups * kRollupLines;
  ASSIGN_OR_RETURN(Rows rows, parts_.outbox.queued_for(row.recipient, kMost));
  const bool more = rows.size() >= kMost;
  std::erase_if(rows, [](const store::Message& each) { return !waits(each); });
  if (rows.empty()) rows.push_back(row);  // behind very many that wait for something else
  for (size_t at = 0; at < rows.size(); at += kRollupLines) {
    if (stop.stop_requested() || paused()) return {};
    const auto from = rows.begin() + static_cast<std::ptrdiff_t>(at);
    const size_t count = std::min(kRollupLines, rows.size() - at);
    RETURN_IF_ERROR(send(Rows(from, from + static_cast<std::ptrdiff_t>(count)), stop));
  }
  if (more) flooded_[row.recipient] = now;
  return {};
}

Status Mailer::send_new(const store::Message& row, const Rows& due, const std::stop_token& stop,
                        std::set<std::string>& put_off) {
  if (!may_roll_up(row)) return send({row}, stop);
  if (put_off.contains(row.recipient)) return {};
  ASSIGN_OR_RETURN(const std::optional<Time> until, end_of_window(row.recipient));
  if (!until) return send({row}, stop);
  put_off.insert(row.recipient);
  return put_off_all(row, due, *until);
}

// When those that wait are sent; nothing when mails may go at once.
Result<std::optional<Time>> Mailer::end_of_window(const std::string& recipient) const {
  ASSIGN_OR_RETURN(const Rows queued, parts_.outbox.queued_for(recipient, kQueuedRows));
  const auto waiting = std::find_if(queued.begin(), queued.end(), waits);
  if (waiting != queued.end()) return std::optional(waiting->due_at);
  ASSIGN_OR_RETURN(const std::vector<Time> sent, sent_in_window(recipient));
  if (sent.size() < parts_.pace.at_once) return std::optional<Time>();
  return std::optional(sent.front() + parts_.pace.window);
}

Result<std::vector<Time>> Mailer::sent_in_window(const std::string& recipient) const {
  const Time now = parts_.clock.now();
  ASSIGN_OR_RETURN(std::vector<Time> sent,
                   parts_.outbox.sent_times(recipient, now - parts_.pace.window));
  std::erase_if(sent, [now](Time at) { return at > now; });  // before the clock was set back
  return sent;
}

// This and all further ones of its recipient that are due, too, and new or waiting like it.
Status Mailer::put_off_all(const store::Message& row, const Rows& due, Time until) {
  Rows rows;
  for (const store::Message& each : due) {
    if (each.id < row.id || each.recipient != row.recipient) continue;
    if (!may_roll_up(each) || waits(each) != waits(row)) continue;
    // Later than it was made: that is how a waiting row is known.
    until = std::max(until, each.created_at + std::chrono::milliseconds(1));
    rows.push_back(each);
  }
  return parts_.outbox.postpone(ids_of(rows), until);
}

Status Mailer::send(const Rows& rows, const std::stop_token& stop) {
  store::Outbox& outbox = parts_.outbox;
  const Time now = parts_.clock.now();
  if (!is_address(rows.front().recipient)) {
    return give_up(rows, "", "this is not a mail address");
  }
  const Result<Outgoing> composed = parts_.composer.compose(rows, now);
  if (!composed) return cannot_compose(rows, composed.status());
  const Outgoing& mail = *composed;
  const Status begun = outbox.begin(ids_of(rows), mail.message_id, now);
  if (begun.code() == Code::kConflict) return {};  // somebody else's by now
  RETURN_IF_ERROR(begun);
  return settle(rows, mail, parts_.transport.deliver({parts_.from, mail.to, to_bytes(mail)}, stop));
}

// A store that does not work holds up everything; one mail's damaged rows hold up only that mail.
Status Mailer::cannot_compose(const Rows& rows, const Status& why) {
  if (why.code() == Code::kUnavailable || why.code() == Code::kExhausted) return why;
  log_warning("notify", "a mail cannot be made: {}", why.message());
  const Time due = parts_.clock.now() + std::chrono::minutes(10);
  return parts_.outbox.retry(ids_of(rows), due,
                             with_hand_overs(hand_overs(rows.front()), why.message()));
}

Status Mailer::settle(const Rows& rows, const Outgoing& mail, const Delivery& answer) {
  const store::Message& first = rows.front();
  const bool unconfirmed = answer.outcome == Outcome::kUnconfirmed;
  const int times = hand_overs(first) + (unconfirmed ? 1 : 0);
  // For the rows. The fault of all mail is told without this one's history.
  const Delivery delivery{answer.outcome, with_hand_overs(times, answer.error)};
  switch (answer.outcome) {
    case Outcome::kSent:
      unpause();
      doubts_.erase(mail.message_id);
      RETURN_IF_ERROR(record_sent(rows));
      return another_went();
    case Outcome::kRecipientLater:
      unpause();
      doubts_.erase(mail.message_id);
      return try_later(rows, mail, delivery);
    case Outcome::kRecipientNever:
      unpause();
      doubts_.erase(mail.message_id);
      return give_up(rows, mail.subject, delivery.error);
    case Outcome::kPolicy:
      if (is_its_own_fault(mail.message_id)) {
        doubts_.erase(mail.message_id);
        return give_up(rows, mail.subject, delivery.error);
      }
      doubt(rows, mail.message_id, answer);
      return try_later(rows, mail, delivery);
    case Outcome::kUnconfirmed:
      doubt(rows, mail.message_id, answer);
      if (times >= kHandOvers) return give_up(rows, mail.subject, delivery.error);
      return try_later(rows, mail, delivery);
    case Outcome::kServerLater:
    case Outcome::kServerAway:
      pause(first.key, answer);
      return try_later(rows, mail, delivery);
  }
  return {};
}

Status Mailer::record_sent(const Rows& rows) {
  const Time now = parts_.clock.now();
  state_.lock()->last_sent_at = now;
  if (const Status status = parts_.outbox.sent(ids_of(rows), now); !status) {
    for (const store::Message& row : rows) unrecorded_.emplace(row.id, row);
    return status;
  }
  if (!parts_.on_sent) return {};
  for (const store::Message& row : rows) {
    const Payload payload = read_payload(row);
    parts_.on_sent(payload.project, payload.item_number, row.recipient);
  }
  return {};
}

Status Mailer::record_unrecorded() {
  if (unrecorded_.empty()) return {};
  Rows rows;
  for (const auto& [id, row] : unrecorded_) rows.push_back(row);
  RETURN_IF_ERROR(record_sent(rows));
  unrecorded_.clear();
  return another_went();
}

Status Mailer::try_later(const Rows& rows, const Outgoing& mail, const Delivery& delivery) {
  const store::Message& first = rows.front();
  const bool long_ago = parts_.clock.now() - first.created_at >= kGiveUpAfter;
  const bool often = first.attempts + 1 >= kFewestTries;
  if (delivery.outcome == Outcome::kRecipientLater && long_ago && often) {
    return give_up(rows, mail.subject,
                   fmt::format("given up after three days: {}", delivery.error));
  }
  log_warning("notify", "a mail is tried again later: {}", delivery.error);
  return parts_.outbox.retry(ids_of(rows), next_try(first, delivery), delivery.error);
}

Time Mailer::next_try(const store::Message& row, const Delivery& delivery) const {
  const Time now = parts_.clock.now();
  const int tries = row.attempts + 1;
  switch (delivery.outcome) {
    case Outcome::kPolicy:  // as often as a server that refuses us is asked
      return now + pause_delay(tries, row.key, false);
    case Outcome::kUnconfirmed:
      return now + confirm_delay(hand_overs(row) + 1, row.key);
    case Outcome::kServerLater:
    case Outcome::kServerAway:
      return *paused_until_;
    default:
      return now + retry_delay(tries, row.key);
  }
}

// The notice first: after a crash between the two it is made again and found to be there.
Status Mailer::give_up(const Rows& rows, const std::string& subject, const std::string& error) {
  const store::Message& first = rows.front();
  const Time now = parts_.clock.now();
  store::Outbox& outbox = parts_.outbox;
  const bool tell = first.kind != "undeliverable" && is_address(parts_.default_contact) &&
                    !same_address(first.recipient, parts_.default_contact);
  if (tell) {
    const Payload payload = read_payload(first);
    const store::NewMessage notice{
        "undeliverable:" + std::to_string(first.id), "undeliverable", parts_.default_contact,
        undeliverable_payload(payload, first.recipient, subject, error), payload.item};
    const Status added = outbox.add(notice, now, now);
    if (!added && added.code() != Code::kConflict) return added;
  }
  log_warning("notify", "a mail cannot be delivered: {}", error);
  return outbox.failed(ids_of(rows), error, now);
}

bool Mailer::in_doubt(const std::string& recipient) const {
  return std::any_of(doubts_.begin(), doubts_.end(), [&](const auto& one) {
    return !one.second.another_went && one.second.recipient == recipient;
  });
}

// Refused before and after another mail was accepted. (Refused only before, it may have been us.)
bool Mailer::is_its_own_fault(const std::string& message_id) const {
  const auto doubt = doubts_.find(message_id);
  return doubt != doubts_.end() && doubt->second.another_went;
}

// Too many at a time; but those of one person tell of that person's address only.
bool Mailer::is_about_us() const {
  std::vector<std::string_view> recipients;
  for (const auto& [id, doubt] : doubts_) {
    if (!doubt.another_went) recipients.push_back(doubt.recipient);
  }
  return recipients.size() >= kMostDoubts &&
         std::any_of(recipients.begin(), recipients.end(), [&](std::string_view each) {
           return !same_address(each, recipients.front());
         });
}

void Mailer::doubt(const Rows& rows, const std::string& message_id, const Delivery& answer) {
  doubts_[message_id] = {rows.front().recipient, ids_of(rows), answer.outcome};
  if (is_about_us()) return pause(rows.front().key, answer);
  state_.lock()->fault = fault_of(answer);
}

// We are welcome: those that a policy refused are asked about once more, now (or when they are due,
// where the store does not work).
Status Mailer::another_went() {
  std::erase_if(doubts_,
                [](const auto& one) { return one.second.outcome == Outcome::kUnconfirmed; });
  std::vector<int64_t> ids;
  for (auto& [id, doubt] : doubts_) {
    if (std::exchange(doubt.another_went, true)) continue;
    ids.insert(ids.end(), doubt.ids.begin(), doubt.ids.end());
  }
  return ids.empty() ? Status() : parts_.outbox.postpone(ids, parts_.clock.now());
}

bool Mailer::paused() const { return paused_until_ && parts_.clock.now() < *paused_until_; }

void Mailer::pause(const std::string& key, const Delivery& answer) {
  ++pauses_;
  const bool away = answer.outcome == Outcome::kServerAway;
  paused_until_ = parts_.clock.now() + pause_delay(pauses_, key, away);
  state_.lock()->fault = fault_of(answer);
}

void Mailer::unpause() {
  pauses_ = 0;
  paused_until_.reset();
  state_.lock()->fault.clear();
}

}  // namespace flawless::notify
