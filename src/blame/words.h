// Sentences of a verdict. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "scm/porcelain.h"

namespace flawless::blame {

// "3f2c9e1"
[[nodiscard]] std::string short_id(std::string_view commit);
// "less than an hour", "3 hours", "1 day", "2 years"
[[nodiscard]] std::string span_of_time(Time from, Time to);
// "3f2c9e1 “Pick a banner at random”"; a long message is cut.
[[nodiscard]] std::string commit_with_summary(const scm::BlamedCommit& commit);
// "Ada Lovelace last changed this line in 3f2c9e1 “…”, 4 days before this report; blamed at the
// deployed commit a1b2c3d." `instead` says why it was not the deployed one; empty: it was.
[[nodiscard]] std::string authorship(const scm::BlamedCommit& commit, Time reported_at,
                                     std::string_view revision, std::string_view instead);

}  // namespace flawless::blame
