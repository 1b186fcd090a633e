#include "store/sqlite/line_tally.h"

#include <algorithm>
#include <tuple>

#include "store/lines.h"
#include "store/sqlite/decision_queue.h"

namespace flawless::store::sqlite {
namespace {

int64_t day_of(Time time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

}  // namespace

LineTally::LineTally(Db& db)
    : db_(db),
      count_line_(db, "UPDATE line SET count=count+? WHERE id=?"),
      find_day_(db, "SELECT id FROM site_day WHERE site_id=? AND day=?"),
      add_day_(db,
               "INSERT INTO site_day(project_id, day, site_id, count, last_occurrence, last_seen)"
               " VALUES(?,?,?,0,0,0)"),
      count_day_(db,
                 "UPDATE site_day SET count=count+?, last_occurrence=?,"
                 " last_seen=max(last_seen,?) WHERE id=?"),
      find_decide_at_(db, "SELECT decide_at_count FROM line WHERE id=?"),
      reached_(db, "UPDATE line SET decide_at_count=0 WHERE id=? AND count>=decide_at_count"),
      heard_(db, "UPDATE line SET decide_at_count=0 WHERE id=?"),
      notifies_(db, "SELECT 1 FROM environment WHERE id=? AND notify<>0"),
      is_unmailed_(db, "SELECT 1 FROM line WHERE id=? AND mailed_at IS NULL") {}

bool LineTally::wake(const Sighting& s, const SiteRow& site, int64_t environment,
                     const Applied& applied) {
  if (site.id == 0) return false;
  bool new_environment = applied.new_in_environment && !site.is_new &&
                         notifies_.with(environment).one_int() &&
                         is_unmailed_.with(site.line_id).one_int();
  if (!site.is_new && ends_quiet(site.line_id, environment)) new_environment = true;
  if (!site.is_new && !applied.reopened && !new_environment) return false;
  queue_decision(db_, {.project = s.project,
                       .site = site.id,
                       .occurrence = applied.occurrence.v,
                       .at = s.received_at,
                       .error_threshold = s.error_threshold,
                       .new_site = site.is_new,
                       .reopened = applied.reopened,
                       .new_environment = new_environment});
  return true;
}

void LineTally::add(const Sighting& s, const SiteRow& site, uint64_t times, int64_t occurrence,
                    size_t place) {
  sightings_.push_back({site.line_id, site.id, day_of(s.received_at), s.project.v, occurrence,
                        times, s.received_at, s.error_threshold, place});
}

void LineTally::flush(std::vector<Applied>& applied) {
  std::sort(sightings_.begin(), sightings_.end(), [](const Seen& a, const Seen& b) {
    return std::tie(a.line, a.site, a.day, a.occurrence) <
           std::tie(b.line, b.site, b.day, b.occurrence);
  });
  for (Place from = sightings_.begin(); from != sightings_.end();) {
    Place to = std::find_if(from, sightings_.cend(),
                            [&](const Seen& seen) { return seen.line != from->line; });
    uint64_t times = 0;
    for (Place site = from; site != to;) {
      Place end = std::find_if(site, to, [&](const Seen& seen) {
        return seen.site != site->site || seen.day != site->day;
      });
      times += count_day(site, end);
      site = end;
    }
    count_line_.with(times, from->line).run();
    wake_if_reached(
        *std::max_element(from, to,
                          [](const Seen& a, const Seen& b) { return a.occurrence < b.occurrence; }),
        applied);
    from = to;
  }
}

// Sightings of one site on one day, in order.
uint64_t LineTally::count_day(Place from, Place to) {
  uint64_t times = 0;
  Time last_seen = from->at;
  for (Place seen = from; seen != to; ++seen) {
    times += seen->times;
    last_seen = std::max(last_seen, seen->at);
  }
  count_day_.with(times, std::prev(to)->occurrence, last_seen, day_row(*from)).run();
  return times;
}

int64_t LineTally::day_row(const Seen& seen) {
  std::pair key{seen.site, seen.day};
  if (int64_t* known = days_.find(key)) return *known;
  std::optional<int64_t> row = find_day_.with(seen.site, seen.day).one_int();
  if (!row) {
    add_day_.with(seen.project, seen.day, seen.site).run();
    row = db_.last_id();
  }
  return days_.put(key, *row);
}

void LineTally::rolled_back() {
  days_.clear();
  forget();
}

int64_t& LineTally::decide_at(int64_t line) {
  if (int64_t* known = decide_at_.find(line)) return *known;
  return decide_at_.put(line, find_decide_at_.with(line).one_int().value_or(0));
}

// The line waited for an environment that notifies, and this is one.
bool LineTally::ends_quiet(int64_t line, int64_t environment) {
  int64_t& number = decide_at(line);
  if (number != static_cast<int64_t>(kWhenNotified)) return false;
  if (!notifies_.with(environment).one_int()) return false;
  heard_.with(line).run();
  number = 0;
  return true;
}

void LineTally::wake_if_reached(const Seen& newest, std::vector<Applied>& applied) {
  int64_t& number = decide_at(newest.line);
  if (number == 0) return;
  reached_.with(newest.line).run();
  if (db_.failed() || db_.changes() == 0) return;
  number = 0;
  queue_decision(db_, {.project = {newest.project},
                       .site = newest.site,
                       .occurrence = newest.occurrence,
                       .at = newest.at,
                       .error_threshold = newest.error_threshold,
                       .counted = true});
  applied[newest.place].queued = true;
}

}  // namespace flawless::store::sqlite
