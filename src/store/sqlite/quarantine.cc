#include "store/sqlite/quarantine.h"

#include <algorithm>

namespace flawless::store::sqlite {
namespace {

Quarantined read_row(Statement& row) {
  Quarantined record{static_cast<uint64_t>(row.integer(0)),
                     static_cast<uint64_t>(row.integer(1)),
                     static_cast<uint64_t>(row.integer(2)),
                     {row.integer(3)},
                     row.time(4),
                     row.string(5)};
  const ByteSpan id = row.blob(6);
  if (id.size() == record.report_id.bytes.size()) {
    std::copy(id.begin(), id.end(), record.report_id.bytes.begin());
  }
  return record;
}

}  // namespace

std::vector<Quarantined> read_quarantine(Db& db, const QuarantineQuery& query) {
  std::vector<Quarantined> records;
  Statement& rows = db.cached(
      "SELECT sequence, segment, offset, project_id, at, reason, report_id FROM quarantine"
      " WHERE sequence>?1 AND (?2=0 OR project_id=?2) ORDER BY sequence LIMIT ?3");
  for (rows.with(query.after, query.project, query.limit); rows.next();) {
    records.push_back(read_row(rows));
  }
  return records;
}

Result<Quarantined> find_quarantined(Db& db, const ProjectScope& scope, const ReportId& id) {
  Statement& row = db.cached(
      "SELECT sequence, segment, offset, project_id, at, reason, report_id FROM quarantine"
      " WHERE report_id=? AND project_id=? LIMIT 1");
  if (!row.with(ByteSpan(id.bytes), scope.project()).next()) {
    return Status{Code::kNotFound, "no such report in quarantine"};
  }
  Quarantined record = read_row(row);
  row.reset();
  return record;
}

void drop_quarantined(Db& db, uint64_t sequence) {
  db.cached("DELETE FROM quarantine WHERE sequence=?").with(sequence).run();
}

void note_when_it_came(Db& db, const Sighting& sighting, const Applied& applied) {
  if (applied.duplicate) return;
  db.cached(
        "UPDATE item SET first_seen=?1, first_release_id=coalesce((SELECT nullif(release_id,0)"
        " FROM occurrence WHERE id=?2),first_release_id) WHERE id=?3 AND first_seen>?1")
      .with(sighting.received_at, applied.occurrence, applied.item)
      .run();
  db.cached(
        "UPDATE item_environment SET first_seen=?1 WHERE item_id=?3 AND first_seen>?1"
        " AND environment_id=(SELECT environment_id FROM occurrence WHERE id=?2)")
      .with(sighting.received_at, applied.occurrence, applied.item)
      .run();
}

}  // namespace flawless::store::sqlite
