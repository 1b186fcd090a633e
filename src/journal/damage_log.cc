#include "journal/damage_log.h"

#include <fmt/format.h>

#include <limits>

#include "base/log.h"

namespace flawless::journal {
namespace {

constexpr size_t kMostPlaces = 1000;
constexpr auto kLastOffset = std::numeric_limits<uint64_t>::max();

}  // namespace

void DamageLog::note(uint64_t segment, uint64_t offset, std::string text) {
  {
    auto places = places_.lock();
    if (places->size() >= kMostPlaces) return;
    if (!places->try_emplace({segment, offset}, text).second) return;
  }
  log_error("journal", "{}", text);
}

void DamageLog::forget(uint64_t segment) {
  auto places = places_.lock();
  places->erase(places->lower_bound({segment, 0}), places->upper_bound({segment, kLastOffset}));
}

bool DamageLog::concerns(uint64_t segment) const {
  auto places = places_.lock();
  auto found = places->lower_bound({segment, 0});
  return found != places->end() && found->first.first == segment;
}

std::string DamageLog::text() const {
  auto places = places_.lock();
  if (places->empty()) return {};
  const std::string& first = places->begin()->second;
  if (places->size() == 1) return first;
  return fmt::format("{}. {} more damaged places are in the log", first, places->size() - 1);
}

std::string unreadable_end(const std::string& path, uint64_t from, uint64_t first) {
  return fmt::format(
      "the disk cannot read {} from byte {} on: reports that lie there, {} and up, are lost. Look "
      "after the disk, and restore this file from a backup, if there is one, with the server "
      "stopped",
      path, from, first);
}

std::string lost_records(const std::string& path, uint64_t from, uint64_t to, uint64_t first,
                         uint64_t last) {
  const std::string which = first == last ? fmt::format("report {}", first)
                                          : fmt::format("reports {} to {}", first, last);
  return fmt::format(
      "{} is damaged from byte {} to {}: {} of the journal cannot be read; all others can. If the "
      "power failed while they were written, nobody was told that they are stored; else look after "
      "the disk, and restore this file from a backup, if there is one, with the server stopped",
      path, from, to, which);
}

}  // namespace flawless::journal
