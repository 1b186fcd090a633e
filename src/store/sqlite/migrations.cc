#include "store/sqlite/migrations.h"

#include <fmt/format.h>

#include <array>

namespace flawless::store::sqlite {
namespace {

// Authoritative tables first, then what can be rebuilt. docs/data-model.md says what each is for.
constexpr std::string_view kFirst = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE total(name TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO total VALUES('occurrence', 0);

CREATE TABLE journal_cursor(
  journal_id INTEGER NOT NULL, partition INTEGER NOT NULL,
  epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
  PRIMARY KEY(journal_id, partition)) STRICT, WITHOUT ROWID;
CREATE TABLE digest_attempt(sequence INTEGER PRIMARY KEY, attempts INTEGER NOT NULL) STRICT;
CREATE TABLE quarantine(
  sequence INTEGER PRIMARY KEY, segment INTEGER NOT NULL, offset INTEGER NOT NULL,
  project_id INTEGER NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE TABLE refusal(
  day INTEGER NOT NULL, project_id INTEGER NOT NULL, reason TEXT NOT NULL,
  count INTEGER NOT NULL, last_at INTEGER NOT NULL,
  PRIMARY KEY(day, project_id, reason)) STRICT, WITHOUT ROWID;

CREATE TABLE project(
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  slug TEXT NOT NULL UNIQUE, enabled INTEGER NOT NULL, created_at INTEGER NOT NULL,
  next_item_number INTEGER NOT NULL DEFAULT 1, settings TEXT NOT NULL DEFAULT '{}') STRICT;
CREATE TABLE token(
  id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL, scope INTEGER NOT NULL,
  hash BLOB NOT NULL UNIQUE, value TEXT NOT NULL, name TEXT NOT NULL, enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL, last_used_at INTEGER) STRICT;
CREATE TABLE user(
  id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  role TEXT NOT NULL, password_hash TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;

CREATE TABLE item(
  id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL, number INTEGER NOT NULL,
  level INTEGER NOT NULL, status INTEGER NOT NULL, status_changed_at INTEGER,
  assignee_id INTEGER NOT NULL DEFAULT 0,
  first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
  first_occurrence INTEGER NOT NULL, last_occurrence INTEGER NOT NULL,
  count INTEGER NOT NULL, count_active INTEGER NOT NULL, counted_since INTEGER NOT NULL,
  people INTEGER NOT NULL, first_release_id INTEGER NOT NULL, last_release_id INTEGER NOT NULL,
  title TEXT NOT NULL, platform TEXT NOT NULL, language TEXT NOT NULL, framework TEXT NOT NULL,
  culprit TEXT NOT NULL, UNIQUE(project_id, number)) STRICT;
CREATE INDEX item_last_seen ON item(project_id, status, last_seen);
CREATE INDEX item_first_seen ON item(project_id, status, first_seen);
CREATE INDEX item_count ON item(project_id, status, count);
CREATE INDEX item_people ON item(project_id, status, people);
CREATE INDEX item_level ON item(project_id, status, level);
CREATE TABLE item_event(
  id INTEGER PRIMARY KEY, item_id INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
  actor TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE INDEX item_event_item ON item_event(item_id, id);
CREATE TABLE grouping_key(
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, algorithm TEXT NOT NULL,
  hash BLOB NOT NULL, item_id INTEGER NOT NULL, canonical TEXT NOT NULL, reason TEXT NOT NULL,
  UNIQUE(project_id, algorithm, hash)) STRICT;
CREATE INDEX grouping_key_item ON grouping_key(item_id);

CREATE TABLE environment(
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, name TEXT NOT NULL,
  notify INTEGER NOT NULL, UNIQUE(project_id, name)) STRICT;
CREATE TABLE release(
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, version TEXT NOT NULL,
  first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, UNIQUE(project_id, version)) STRICT;
CREATE TABLE deploy(
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, environment_id INTEGER NOT NULL,
  revision TEXT NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER, status TEXT NOT NULL,
  user TEXT NOT NULL, comment TEXT NOT NULL) STRICT;
CREATE INDEX deploy_time ON deploy(project_id, environment_id, started_at);
CREATE TABLE item_environment(
  item_id INTEGER NOT NULL, environment_id INTEGER NOT NULL, first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY(item_id, environment_id)) STRICT, WITHOUT ROWID;
CREATE INDEX item_environment_environment ON item_environment(environment_id, item_id);
CREATE TABLE counter(
  hour INTEGER NOT NULL, key_id INTEGER NOT NULL, environment_id INTEGER NOT NULL,
  count INTEGER NOT NULL, PRIMARY KEY(hour, key_id, environment_id)) STRICT, WITHOUT ROWID;
CREATE TABLE project_counter(
  project_id INTEGER NOT NULL, hour INTEGER NOT NULL, environment_id INTEGER NOT NULL,
  count INTEGER NOT NULL, PRIMARY KEY(project_id, hour, environment_id)) STRICT, WITHOUT ROWID;

CREATE TABLE line(
  id INTEGER PRIMARY KEY, mailed_at INTEGER, developer TEXT NOT NULL DEFAULT '',
  count INTEGER NOT NULL, first_seen INTEGER NOT NULL, path TEXT NOT NULL,
  function TEXT NOT NULL, text TEXT NOT NULL) STRICT;
CREATE TABLE line_key(
  kind TEXT NOT NULL, key TEXT NOT NULL, line_id INTEGER NOT NULL,
  PRIMARY KEY(kind, key)) STRICT, WITHOUT ROWID;
CREATE INDEX line_key_line ON line_key(line_id);
CREATE TABLE known_error(
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, path TEXT NOT NULL,
  function TEXT NOT NULL, code TEXT NOT NULL, created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL, UNIQUE(project_id, path, function, code)) STRICT;
CREATE TABLE library_code(
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, path TEXT NOT NULL,
  function TEXT NOT NULL, code TEXT NOT NULL, created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL, UNIQUE(project_id, path, function, code)) STRICT;
CREATE TABLE outbox(
  id INTEGER PRIMARY KEY, message_key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
  recipient TEXT NOT NULL, payload TEXT NOT NULL, state INTEGER NOT NULL,
  message_id TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL, due_at INTEGER NOT NULL, last_error TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX outbox_due ON outbox(state, due_at);

CREATE TABLE occurrence(
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, key_id INTEGER NOT NULL,
  site_id INTEGER NOT NULL, report_id BLOB NOT NULL, received_at INTEGER NOT NULL,
  occurred_at INTEGER, level INTEGER NOT NULL, environment_id INTEGER NOT NULL,
  release_id INTEGER NOT NULL, host_id INTEGER NOT NULL, browser_id INTEGER NOT NULL,
  os_id INTEGER NOT NULL, context_id INTEGER NOT NULL, person_id INTEGER NOT NULL,
  ip TEXT NOT NULL, segment INTEGER NOT NULL, offset INTEGER NOT NULL,
  body_bytes INTEGER NOT NULL, protocol INTEGER NOT NULL, encoding INTEGER NOT NULL,
  flags INTEGER NOT NULL) STRICT;
CREATE INDEX occurrence_place ON occurrence(id >> 12, project_id, key_id);
CREATE TABLE site(
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, hash BLOB NOT NULL,
  release_id INTEGER NOT NULL, line_id INTEGER NOT NULL, line INTEGER NOT NULL,
  path TEXT NOT NULL, function TEXT NOT NULL, text TEXT NOT NULL,
  UNIQUE(project_id, hash)) STRICT;
CREATE TABLE term(
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, kind INTEGER NOT NULL,
  text TEXT NOT NULL, UNIQUE(project_id, kind, text)) STRICT;
CREATE TABLE person(
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, hash BLOB NOT NULL,
  external_id TEXT NOT NULL, username TEXT NOT NULL, email TEXT NOT NULL,
  first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, UNIQUE(project_id, hash)) STRICT;
CREATE INDEX person_username ON person(project_id, username) WHERE username <> '';
CREATE INDEX person_email ON person(project_id, email) WHERE email <> '';
CREATE TABLE item_person(
  item_id INTEGER NOT NULL, person_id INTEGER NOT NULL,
  PRIMARY KEY(item_id, person_id)) STRICT, WITHOUT ROWID;
CREATE TABLE item_release(
  release_id INTEGER NOT NULL, item_id INTEGER NOT NULL,
  PRIMARY KEY(release_id, item_id)) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE item_search USING fts5(title, body, tokenize = 'unicode61');
CREATE TABLE id_run(
  run INTEGER PRIMARY KEY, newest_at INTEGER NOT NULL, entries INTEGER NOT NULL,
  chunks INTEGER NOT NULL) STRICT;
CREATE TABLE id_chunk(id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
)sql";

// Lines that are decided upon, rules, messages that are sent, people who sign in. What version 1
// knew of lines was never decided: their next sighting does that.
constexpr std::string_view kSecond = R"sql(
ALTER TABLE line ADD COLUMN mailed_to TEXT NOT NULL DEFAULT '';
ALTER TABLE line ADD COLUMN episode INTEGER NOT NULL DEFAULT 0;
ALTER TABLE line ADD COLUMN decided_at INTEGER;
ALTER TABLE line ADD COLUMN changed_at INTEGER;
ALTER TABLE line ADD COLUMN known INTEGER NOT NULL DEFAULT 0;
ALTER TABLE line ADD COLUMN decide_at_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE line ADD COLUMN joined_to INTEGER NOT NULL DEFAULT 0;
UPDATE line SET decide_at_count=1 WHERE mailed_at IS NULL;
CREATE INDEX line_developer ON line(developer COLLATE NOCASE);
CREATE TABLE line_verdict(line_id INTEGER PRIMARY KEY, verdict TEXT NOT NULL) STRICT;

CREATE INDEX site_line ON site(line_id);
CREATE INDEX site_path ON site(project_id, path);
CREATE TABLE site_day(
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, day INTEGER NOT NULL,
  site_id INTEGER NOT NULL, count INTEGER NOT NULL, last_occurrence INTEGER NOT NULL,
  last_seen INTEGER NOT NULL, UNIQUE(site_id, day)) STRICT;
CREATE INDEX site_day_project ON site_day(project_id, day);
INSERT INTO site_day(project_id, day, site_id, count, last_occurrence, last_seen)
  SELECT project_id, received_at / 86400000, site_id, count(*), max(id), max(received_at)
  FROM occurrence WHERE site_id<>0 GROUP BY 1, 2, 3;

ALTER TABLE item ADD COLUMN line_id INTEGER NOT NULL DEFAULT 0;
UPDATE item SET line_id=coalesce((SELECT s.line_id FROM occurrence o
  JOIN site s ON s.id=o.site_id WHERE o.id=item.last_occurrence), 0);
CREATE INDEX item_line ON item(line_id);

CREATE TABLE decision(
  id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL,
  site_id INTEGER NOT NULL UNIQUE, queued_at INTEGER NOT NULL,
  not_before INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
  occurrence_id INTEGER NOT NULL, error_threshold INTEGER NOT NULL DEFAULT 0,
  new_site INTEGER NOT NULL DEFAULT 0, counted INTEGER NOT NULL DEFAULT 0,
  reopened INTEGER NOT NULL DEFAULT 0, new_environment INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX decision_project ON decision(project_id, id);

CREATE TABLE rule(
  id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL, kind INTEGER NOT NULL,
  path TEXT NOT NULL, function TEXT NOT NULL, code TEXT NOT NULL,
  min_alert INTEGER, max_alert INTEGER, every_n INTEGER,
  recipients TEXT NOT NULL DEFAULT '', header TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
  UNIQUE(project_id, kind, path, function, code)) STRICT;
INSERT INTO rule(project_id, kind, path, function, code, created_at, created_by)
  SELECT project_id, 1, path, function, code, created_at, created_by FROM known_error;
INSERT INTO rule(project_id, kind, path, function, code, created_at, created_by)
  SELECT project_id, 2, path, function, code, created_at, created_by FROM library_code;
DROP TABLE known_error;
DROP TABLE library_code;

ALTER TABLE outbox ADD COLUMN tried_at INTEGER;
ALTER TABLE outbox ADD COLUMN sent_at INTEGER;
ALTER TABLE outbox ADD COLUMN item_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_tried ON outbox(recipient, tried_at);
CREATE INDEX outbox_queued ON outbox(recipient, id) WHERE state=1;

CREATE TABLE session(
  token_hash BLOB PRIMARY KEY, user_id INTEGER NOT NULL, created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX session_expiry ON session(expires_at);
)sql";

// Accounts that are disabled, and all sessions of one.
constexpr std::string_view kThird = R"sql(
ALTER TABLE user ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1;
CREATE INDEX session_user ON session(user_id);
)sql";

// What became of a line's mail. A line that was joined may be mailed under the other's key: of those
// nothing is known.
constexpr std::string_view kFourth = R"sql(
ALTER TABLE line ADD COLUMN mail_id INTEGER NOT NULL DEFAULT 0;
UPDATE line SET mail_id=coalesce((SELECT id FROM outbox
  WHERE message_key='line:' || line.id || ':' || line.episode), 0) WHERE mailed_at IS NOT NULL;
)sql";

// What the sender calls a report that is in quarantine; unknown of those that are there already.
constexpr std::string_view kFifth = R"sql(
ALTER TABLE quarantine ADD COLUMN report_id BLOB;
CREATE INDEX quarantine_report ON quarantine(report_id) WHERE report_id IS NOT NULL;
)sql";

constexpr std::array kSteps = {kFirst, kSecond, kThird, kFourth, kFifth};

Status run_step(Db& db, std::string_view step, size_t version) {
  RETURN_IF_ERROR(db.execute("BEGIN IMMEDIATE"));
  Status status = db.execute(std::string(step));
  if (status.is_ok()) status = db.execute(fmt::format("PRAGMA user_version={}", version));
  if (status.is_ok()) status = db.execute("COMMIT");
  if (status.is_ok()) return status;
  if (db.in_transaction()) (void)db.execute("ROLLBACK");
  return status.with_context(fmt::format("migrating the database to version {}", version));
}

}  // namespace

std::span<const std::string_view> schema_steps() { return kSteps; }

Status migrate(Db& db, std::span<const std::string_view> steps) {
  Statement ask(db, "PRAGMA user_version");
  auto version = static_cast<size_t>(ask.with().one_int().value_or(0));
  RETURN_IF_ERROR(db.take_error());
  if (version > steps.size()) {
    return {Code::kConflict, fmt::format("the database has schema version {}, this program knows "
                                         "versions up to {}: install the newer program again",
                                         version, steps.size())};
  }
  for (; version < steps.size(); ++version)
    RETURN_IF_ERROR(run_step(db, steps[version], version + 1));
  return Status::ok();
}

}  // namespace flawless::store::sqlite
