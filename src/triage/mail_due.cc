#include "triage/mail_due.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace flawless::triage {
namespace {

constexpr int64_t kForever = std::numeric_limits<int64_t>::max();

MailAnswer no(std::string reason, uint64_t wake_at = 0) {
  MailAnswer answer;
  answer.reason = std::move(reason);
  answer.wake_at = wake_at;
  return answer;
}

std::string on_date(std::chrono::sys_days day) { return to_rfc3339(Time(day)).substr(0, 10); }

// A number of the schedule that is not above 0 asks for nothing.
int64_t asked(const std::optional<int64_t>& number) {
  return std::max<int64_t>(number.value_or(0), 0);
}

// The next count at which the schedule could want a mail.
uint64_t next_alert(const AlertSchedule& schedule, int64_t count, bool mailed) {
  const int64_t min = asked(schedule.min), every = asked(schedule.every);
  int64_t next = kForever;
  if (min > count && !mailed) next = min;
  if (every > 0 && count < kForever - every) next = std::min(next, (count / every + 1) * every);
  return next > schedule.max.value_or(kForever) || next == kForever ? 0
                                                                    : static_cast<uint64_t>(next);
}

std::string times(int64_t number) {
  return number == 1 ? "once" : std::to_string(number) + " times";
}

// Counts arrive in batches and may have passed a number when the question is put. A schedule that
// is new does not look back.
MailAnswer due_if_known(const MailQuestion& question, const AlertSchedule& schedule) {
  const auto count = static_cast<int64_t>(std::min<uint64_t>(question.count, kForever / 2));
  const int64_t min = asked(schedule.min), every = asked(schedule.every);
  const int64_t most = schedule.max.value_or(kForever);
  const bool mailed = question.mailed && !question.regression;
  MailAnswer answer = no("it is a known error", next_alert(schedule, count, mailed));
  answer.mail_at = answer.wake_at;
  const int64_t multiple = every > 0 ? count / every * every : 0;
  if (multiple > 0 && multiple <= most && (question.was_known || multiple == count)) {
    answer.due = true;
    answer.ordinal = std::to_string(multiple);
    answer.reason = "it is a known error that is mailed " +
                    (every == 1 ? "every time" : "every " + times(every));
  }
  const bool above = count > most && !(question.was_known && min <= most);
  if (min > 0 && count >= min && !above && !mailed) {
    answer.due = true;
    if (answer.ordinal.empty()) answer.ordinal = "min";
    answer.reason =
        min == 1 ? std::string("it is a known error that is mailed the first time")
                 : "it is a known error that is mailed when it was seen " + times(min);
  }
  answer.new_episode = question.mailed && question.regression;
  return answer;
}

MailAnswer due_if_new(const MailQuestion& question) {
  if (question.minimum_date && question.changed_at &&
      *question.changed_at < *question.minimum_date) {
    return no("the line was last changed before " + on_date(*question.minimum_date) +
              ", the minimum date");
  }
  const int64_t threshold =
      question.own_threshold > 0 ? question.own_threshold : question.threshold;
  if (threshold > 0 && question.count < static_cast<uint64_t>(threshold)) {
    MailAnswer answer =
        no("it is mailed when it was seen " + times(threshold), static_cast<uint64_t>(threshold));
    answer.mail_at = answer.wake_at;
    return answer;
  }
  MailAnswer answer = no(question.regression ? "it came back after it was resolved"
                         : question.of_item  ? "it is the first mail about this item"
                                             : "it is the first mail about this line");
  answer.due = true;
  return answer;
}

}  // namespace

std::optional<std::chrono::sys_days> parse_date(std::string_view text) {
  int numbers[3] = {};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int i = 0; i < 3; ++i) {
    if (i > 0 && (at == end || *at++ != '-')) return std::nullopt;
    if (at == end || *at < '0' || *at > '9') return std::nullopt;
    const auto [next, error] = std::from_chars(at, end, numbers[i]);
    if (error != std::errc() || next - at > (i == 0 ? 4 : 2)) return std::nullopt;
    at = next;
  }
  const auto month = static_cast<unsigned>(numbers[1]),
             of_month = static_cast<unsigned>(numbers[2]);
  const std::chrono::year_month_day day{std::chrono::year{numbers[0]}, std::chrono::month{month},
                                        std::chrono::day{of_month}};
  if (at != end || !day.ok()) return std::nullopt;
  return std::chrono::sys_days(day);
}

MailAnswer mail_due(const MailQuestion& question) {
  if (question.third_party) return no("the report has a frame of third-party code that is ignored");
  if (question.is_library) return no("the line is library code: its caller is blamed instead");
  // Nobody says when it is silent no more, so it is asked about now and then.
  if (question.silenced) return no("its item is muted or archived", question.count * 2);
  if (!question.notifies) {
    return no(
        "it was seen only in environments that do not notify: development, dev, test, testing");
  }
  if (question.known) return due_if_known(question, *question.known);
  if (question.mailed && !question.regression) return no("it was mailed before");
  MailAnswer answer = due_if_new(question);
  answer.new_episode = question.mailed && question.regression;
  return answer;
}

}  // namespace flawless::triage
