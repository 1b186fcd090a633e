#include "digest/origin.h"

#include <fmt/format.h>

#include <algorithm>

#include "wire/record.h"

namespace flawless::digest {
namespace {

const store::Visible kAll{.all = true, .projects = {}};

bool is_quarantined(store::Store& store, uint64_t sequence) {
  auto records = store.quarantined({.after = sequence - 1, .limit = 1});
  return !records || (!records->empty() && records->front().sequence == sequence);
}

// Whether the record with this number is the one that the store has read. What cannot be compared
// agrees: released segments, damaged records.
bool agree_at(const journal::Journal& journal, store::Store& store, uint64_t sequence) {
  journal::Cursor before = journal.start();
  before.sequence = sequence - 1;
  auto reader = journal.read_after(before);
  if (!reader) return true;
  auto found = (*reader)->next();
  if (!found || !found->has_value() || (*found)->sequence != sequence) return true;
  auto record = wire::decode_record((*found)->payload);
  if (!record) return true;
  auto stored = store.occurrence_by_report(kAll, record->project, record->report_id);
  return stored.code() != Code::kNotFound || is_quarantined(store, sequence);
}

}  // namespace

Result<Origin> find_origin(const journal::Journal& journal, store::Store& store) {
  journal::Cursor own = journal.start();
  ASSIGN_OR_RETURN(store::JournalCursor cursor, store.cursor(own.journal_id, own.partition));
  journal::Health health = journal.health();
  if (cursor.sequence == 0) return Origin{};
  if (cursor.sequence <= health.last_sequence && agree_at(journal, store, cursor.sequence)) {
    return Origin{cursor.sequence, {}};
  }
  uint64_t oldest = std::max<uint64_t>(health.first_sequence, 1) - 1;
  RETURN_IF_ERROR(store.clear_attempts());
  auto rewound = store.apply({}, {own.journal_id, own.epoch, own.partition, oldest, true});
  if (!rewound) return rewound.status();
  return Origin{oldest, fmt::format("the journal has lost records: the store had read it up to {}, "
                                    "where it ends or goes on with others now. What is left is "
                                    "read again; nothing is counted twice. Look after the disk",
                                    cursor.sequence)};
}

}  // namespace flawless::digest
