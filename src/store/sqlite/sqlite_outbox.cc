#include "store/sqlite/sqlite_outbox.h"

#include <fmt/format.h>

#include "store/sqlite/dictionary.h"
#include "store/sqlite/item_events.h"

namespace flawless::store::sqlite {
namespace {

constexpr size_t kErrorBytes = 500;
constexpr size_t kMostUndeliverable = 20;

#define FLAWLESS_MESSAGE_COLUMNS                                                   \
  "SELECT id, message_key, kind, recipient, payload, state, message_id, attempts," \
  " created_at, due_at, sent_at, last_error, item_id FROM outbox "

// By their index: however many are queued, no more are read than asked for.
constexpr std::string_view kDueSql = FLAWLESS_MESSAGE_COLUMNS
    "WHERE state=2 UNION ALL SELECT * FROM (" FLAWLESS_MESSAGE_COLUMNS
    "WHERE state=1 AND due_at<=?1 ORDER BY due_at, id LIMIT ?2)"
    " UNION ALL SELECT * FROM (" FLAWLESS_MESSAGE_COLUMNS
    "WHERE state=1 AND due_at>?1+86400000 ORDER BY due_at, id LIMIT ?2) ORDER BY id";
constexpr std::string_view kQueuedForSql = FLAWLESS_MESSAGE_COLUMNS
    "INDEXED BY outbox_queued WHERE state=1 AND recipient=? ORDER BY id"
    " LIMIT ?";

#undef FLAWLESS_MESSAGE_COLUMNS

std::vector<Message> read_messages(Statement& rows) {
  std::vector<Message> messages;
  while (rows.next()) {
    Message& m = messages.emplace_back();
    m.id = rows.integer(0);
    m.key = rows.string(1);
    m.kind = rows.string(2);
    m.recipient = rows.string(3);
    m.payload = rows.string(4);
    m.state = static_cast<MessageState>(rows.integer(5));
    m.message_id = rows.string(6);
    m.attempts = static_cast<int>(rows.integer(7));
    m.created_at = rows.time(8);
    m.due_at = rows.time(9);
    m.sent_at = rows.maybe_time(10);
    m.last_error = rows.string(11);
    m.item = {rows.integer(12)};
  }
  return messages;
}

// In the item's history: "mailed" with the address, "undeliverable" with address and reason.
void note_outcome(Db& db, int64_t id, Time now, std::string_view kind, std::string_view reason) {
  Statement& find = db.cached("SELECT item_id, recipient FROM outbox WHERE id=? AND item_id<>0");
  if (!find.with(id).next()) return;
  ItemId item{find.integer(0)};
  std::string detail = find.string(1);
  find.reset();
  if (!reason.empty()) detail += fmt::format(": {}", cut(reason, kErrorBytes));
  add_item_event(db, item, now, kind, {}, detail);
}

// Of the queued ones.
std::optional<Time> first_due(Db& db) {
  Statement& first = db.cached("SELECT due_at FROM outbox WHERE state=1 ORDER BY due_at LIMIT 1");
  std::optional<int64_t> due = first.with().one_int();
  return due ? std::optional(from_unix_ms(*due)) : std::nullopt;
}

}  // namespace

bool insert_message(Db& db, const NewMessage& m, Time due, Time now) {
  db.cached(
        "INSERT INTO outbox(message_key, kind, recipient, payload, state, created_at, due_at,"
        " item_id) VALUES(?,?,?,?,1,?,?,?) ON CONFLICT(message_key) DO NOTHING")
      .with(std::string_view(m.key), std::string_view(m.kind), std::string_view(m.recipient),
            std::string_view(m.payload), now, due, m.item)
      .run();
  return !db.failed() && db.changes() > 0;
}

Status SqliteOutbox::add(const NewMessage& message, Time due, Time now) {
  return writer_.transaction([&](Db& db) {
    if (insert_message(db, message, due, now) || db.failed()) return Status::ok();
    return Status{Code::kConflict, fmt::format("the message {} is there already", message.key)};
  });
}

Result<std::vector<Message>> SqliteOutbox::due(Time now, size_t limit) {
  return readers_.read([&](Db& db) -> Result<std::vector<Message>> {
    return read_messages(db.cached(kDueSql).with(now, limit));
  });
}

Result<std::vector<Message>> SqliteOutbox::queued_for(std::string_view recipient, size_t limit) {
  return readers_.read([&](Db& db) -> Result<std::vector<Message>> {
    return read_messages(db.cached(kQueuedForSql).with(recipient, limit));
  });
}

Result<std::vector<Time>> SqliteOutbox::sent_times(std::string_view recipient, Time since) {
  return readers_.read([&](Db& db) -> Result<std::vector<Time>> {
    std::vector<Time> times;
    Statement& rows = db.cached(
        "SELECT min(tried_at) FROM outbox WHERE recipient=? AND tried_at>=? GROUP BY message_id"
        " ORDER BY 1");
    for (rows.with(recipient, since); rows.next();) times.push_back(rows.time(0));
    return times;
  });
}

Status SqliteOutbox::begin(std::span<const int64_t> ids, std::string_view message_id, Time now) {
  return writer_.transaction([&](Db& db) {
    Statement& mark = db.cached(
        "UPDATE outbox SET state=2, attempts=attempts+1, tried_at=?1,"
        " message_id=iif(message_id='',?2,message_id) WHERE id=?3 AND state IN (1,2)");
    for (int64_t id : ids) {
      mark.with(now, message_id, id).run();
      if (db.failed()) break;
      if (db.changes() == 0) {
        return Status{Code::kConflict, fmt::format("message {} is not to be sent", id)};
      }
    }
    return Status::ok();
  });
}

Status SqliteOutbox::sent(std::span<const int64_t> ids, Time now) {
  return writer_.transaction([&](Db& db) {
    Statement& mark = db.cached(
        "UPDATE outbox SET state=3, sent_at=?1, tried_at=?1, last_error=''"
        " WHERE id=?2 AND state IN (1,2)");
    for (int64_t id : ids) {
      mark.with(now, id).run();
      if (!db.failed() && db.changes() > 0) note_outcome(db, id, now, "mailed", {});
    }
    return Status::ok();
  });
}

Status SqliteOutbox::retry(std::span<const int64_t> ids, Time due, std::string_view error) {
  return writer_.transaction([&](Db& db) {
    Statement& mark = db.cached(
        "UPDATE outbox SET state=1, due_at=?1, last_error=?2 WHERE id=?3 AND state IN (1,2)");
    for (int64_t id : ids) mark.with(due, cut(error, kErrorBytes), id).run();
    return Status::ok();
  });
}

Status SqliteOutbox::failed(std::span<const int64_t> ids, std::string_view error, Time now) {
  return writer_.transaction([&](Db& db) {
    Statement& mark = db.cached(
        "UPDATE outbox SET state=4, last_error=?1, tried_at=coalesce(tried_at,?2)"
        " WHERE id=?3 AND state IN (1,2)");
    for (int64_t id : ids) {
      mark.with(cut(error, kErrorBytes), now, id).run();
      if (!db.failed() && db.changes() > 0) note_outcome(db, id, now, "undeliverable", error);
    }
    return Status::ok();
  });
}

Status SqliteOutbox::postpone(std::span<const int64_t> ids, Time due) {
  return writer_.transaction([&](Db& db) {
    Statement& mark = db.cached("UPDATE outbox SET due_at=? WHERE id=? AND state=1");
    for (int64_t id : ids) mark.with(due, id).run();
    return Status::ok();
  });
}

Result<std::optional<Time>> SqliteOutbox::next_due() {
  return readers_.read([](Db& db) -> Result<std::optional<Time>> { return first_due(db); });
}

Result<OutboxHealth> SqliteOutbox::health() {
  return readers_.read([](Db& db) -> Result<OutboxHealth> {
    OutboxHealth health;
    uint64_t* const counts[] = {nullptr, &health.queued, &health.sending, &health.sent,
                                &health.failed};
    Statement& states =
        db.cached("SELECT state, count(*) FROM outbox WHERE state BETWEEN 1 AND 4 GROUP BY state");
    for (states.with(); states.next();) {
      *counts[states.integer(0)] = static_cast<uint64_t>(states.integer(1));
    }
    health.oldest_due = first_due(db);
    Statement& error = db.cached(
        "SELECT last_error FROM outbox WHERE state IN (1,2,4) AND last_error<>''"
        " ORDER BY +id DESC LIMIT 1");
    if (error.with().next()) health.last_error = error.string(0);
    error.reset();
    Statement& failed = db.cached(
        "SELECT recipient, count(*), max(coalesce(tried_at, due_at)), last_error FROM outbox"
        " WHERE state=4 GROUP BY recipient ORDER BY 3 DESC LIMIT ?");
    for (failed.with(kMostUndeliverable); failed.next();) {
      health.undeliverable.push_back({failed.string(0), static_cast<uint64_t>(failed.integer(1)),
                                      failed.time(2), failed.string(3)});
    }
    return health;
  });
}

}  // namespace flawless::store::sqlite
