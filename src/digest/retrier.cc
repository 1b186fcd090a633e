#include "digest/retrier.h"

#include <exception>
#include <utility>

#include "base/log.h"

namespace flawless::digest {
namespace {

bool is_same(const store::Quarantined& aside, const store::Quarantined& here) {
  const bool both_known = !aside.report_id.is_zero() && !here.report_id.is_zero();
  return here.sequence == aside.sequence && (!both_known || here.report_id == aside.report_id);
}

Status digest_again(const journal::Record& found, const Rules& rules, Digested& out) {
  wire::Buffer inflated;
  wire::Parser parser;
  ASSIGN_OR_RETURN(auto report, read_record(found, inflated, parser));
  try {
    digest_report(std::move(report), rules, out);
  } catch (const std::exception& error) {
    return {Code::kInternal, error.what()};
  }
  return Status::ok();
}

}  // namespace

store::Retried Retrier::try_again(uint64_t sequence, const Rules& rules,
                                  const store::JournalCursor& cursor, const OnStored& on_stored) {
  using Outcome = store::Retried::Outcome;
  auto rows = store_.quarantined({.after = sequence - 1, .limit = 1});
  if (!rows) return {sequence, Outcome::kFailed, {}, rows.message()};
  if (rows->empty() || rows->front().sequence != sequence) {
    return {sequence, Outcome::kUnknown, {}, "it is not set aside (any more)"};
  }
  store::Quarantined aside = std::move(rows->front());
  auto found = journal_.read({aside.segment, aside.offset});
  if (found.code() == Code::kNotFound) {
    return drop(aside, "the journal has dropped its body, by age or disk limit", cursor);
  }
  if (!found) return keep(std::move(aside), found.status(), cursor);
  const store::Quarantined here = describe(*found);
  if (!is_same(aside, here)) {
    return drop(aside, "the journal has another report in its place", cursor);
  }
  aside.project = here.project;
  aside.report_id = here.report_id;
  Digested again;
  if (Status digested = digest_again(*found, rules, again); !digested) {
    return keep(std::move(aside), digested, cursor);
  }
  auto applied = store_.apply_quarantined(again.sighting, cursor);
  if (!applied) return keep(std::move(aside), applied.status(), cursor);
  log_info("digest", "report {} was set aside and is stored", sequence);
  on_stored(again.sighting, *applied);
  return {sequence, Outcome::kStored, aside.project, {}, *applied};
}

store::Retried Retrier::drop(const store::Quarantined& aside, std::string why,
                             const store::JournalCursor& cursor) {
  log_warning("digest", "report {} was set aside ({}) and is given up: {}", aside.sequence,
              aside.reason, why);
  Status dropped = store_.drop_quarantined(aside.sequence);
  if (!dropped) return keep(aside, dropped, cursor);
  return {aside.sequence, store::Retried::Outcome::kGone, aside.project, std::move(why)};
}

// A store that does not work now says nothing about the report.
store::Retried Retrier::keep(store::Quarantined aside, const Status& why,
                             const store::JournalCursor& cursor) {
  const store::Retried failed{aside.sequence, store::Retried::Outcome::kFailed, aside.project,
                              why.message()};
  if (why.code() == Code::kUnavailable) return failed;
  log_error("digest", "report {} stays in quarantine: {}", aside.sequence, why.message());
  aside.reason = why.message();
  Status noted = store_.quarantine(aside, cursor);
  if (!noted) log_warning("digest", "{}", noted.message());
  return failed;
}

}  // namespace flawless::digest
