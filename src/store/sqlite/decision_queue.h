// The queue of decisions about lines: one row per site, with how often each reason came.
#pragma once

#include <optional>
#include <span>

#include "store/lines.h"
#include "store/sqlite/db.h"

namespace flawless::store::sqlite {

// Why a site is to be decided upon, and the sighting that says so.
struct Wake {
  ProjectId project;
  int64_t site = 0, occurrence = 0;
  Time at;
  int64_t error_threshold = 0;
  bool new_site = false, counted = false, reopened = false, new_environment = false;
};
// Within the caller's transaction, like the next three.
void queue_decision(Db& db, const Wake& wake);
// Undecided lines and those without a developer at once, unmailed ones at their next sighting.
void queue_lines_again(Db& db, ProjectId project, Time now);
Status postpone_decision(Db& db, int64_t id, Time not_before);
// Takes away what the decision answered; what came since stays queued.
void close_decision(Db& db, const Decision& decision);

// The next one, of the first project after `last` (and around) that has one whose time has come.
std::optional<Decision> find_next_decision(Db& db, ProjectId last, std::span<const ProjectId> busy,
                                           Time now);

}  // namespace flawless::store::sqlite
