#include "blame/words.h"

#include <algorithm>

#include "base/json_writer.h"

namespace flawless::blame {
namespace {

constexpr size_t kShortId = 7;
constexpr size_t kSummaryBytes = 100;
// Of an average month and year, as the web app counts them.
constexpr int64_t kHoursInTwoMonths = 1461, kHoursInAYear = 8766;

std::string count_of(int64_t number, std::string_view unit) {
  return std::to_string(number) + " " + std::string(unit) + (number == 1 ? "" : "s");
}

// At most so many bytes, no character cut in two.
std::string cut(std::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  size_t end = 0;
  while (end < text.size()) {
    const size_t length = std::max<size_t>(utf8_sequence(text.substr(end)), 1);
    if (end + length > most) break;
    end += length;
  }
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace

std::string short_id(std::string_view commit) { return std::string(commit.substr(0, kShortId)); }

std::string span_of_time(Time from, Time to) {
  const int64_t hours = std::chrono::duration_cast<std::chrono::hours>(to - from).count();
  if (hours < 1) return "less than an hour";
  if (hours < 24) return count_of(hours, "hour");
  const int64_t days = hours / 24;
  if (days < 60) return count_of(days, "day");
  if (days < 730) return count_of(2 * hours / kHoursInTwoMonths, "month");
  return count_of(hours / kHoursInAYear, "year");
}

std::string commit_with_summary(const scm::BlamedCommit& commit) {
  if (commit.summary.empty()) return short_id(commit.id);
  return short_id(commit.id) + " “" + cut(commit.summary, kSummaryBytes) + "”";
}

std::string authorship(const scm::BlamedCommit& commit, Time reported_at, std::string_view revision,
                       std::string_view instead) {
  std::string text = commit.author + " last changed this line in " + commit_with_summary(commit);
  if (commit.author_time <= reported_at) {
    text += ", " + span_of_time(commit.author_time, reported_at) + " before this report";
  }
  if (instead.empty()) return text + "; blamed at the deployed commit " + short_id(revision) + ".";
  return text + "; blamed at the newest commit " + short_id(revision) + ", since " +
         std::string(instead) + ".";
}

}  // namespace flawless::blame
