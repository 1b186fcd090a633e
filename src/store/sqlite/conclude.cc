#include "store/sqlite/conclude.h"

#include "store/sqlite/decision_queue.h"
#include "store/sqlite/item_events.h"
#include "store/sqlite/line_reads.h"
#include "store/sqlite/sqlite_outbox.h"

namespace flawless::store::sqlite {
namespace {

class Concluding {
 public:
  Concluding(Db& db, const Conclusion& conclusion, Time now)
      : db_(db), c_(conclusion), decision_(*conclusion.decision), now_(now) {}

  Result<Concluded> run() {
    RETURN_IF_ERROR(check());
    done_.line = c_.line;
    if (c_.join) done_.line = resolve_line(db_, c_.join);
    if (!done_.line) return Status{Code::kNotFound, "no such line to join"};
    if (c_.split && !c_.join) done_.line = add_line();
    if (done_.line != c_.line) move_site();
    add_keys();
    update_line();
    add_mail();
    note_developer();
    close_decision(db_, decision_);
    wake_if_reached();
    return std::move(done_);
  }

 private:
  Status check() {
    Statement& open = db_.cached("SELECT 1 FROM decision WHERE id=? AND site_id=?");
    if (!open.with(decision_.id, decision_.site).one_int()) {
      return {Code::kNotFound, "the decision is concluded"};
    }
    Statement& row = db_.cached(
        "SELECT s.line_id, l.episode, l.mailed_at IS NOT NULL, s.project_id, s.hash FROM site s"
        " JOIN line l ON l.id=s.line_id WHERE s.id=?");
    bool same = row.with(decision_.site).next() && row.integer(0) == c_.line.v &&
                row.integer(1) == c_.episode && (row.integer(2) != 0) == c_.was_mailed;
    done_.project = {row.integer(3)};
    done_.site_hash = as_text(row.blob(4));
    row.reset();
    if (same) return Status::ok();
    return {Code::kConflict, "the line has changed since it was read: decide again"};
  }

  LineId add_line() {
    db_.cached(
           "INSERT INTO line(count, first_seen, path, function, text)"
           " SELECT 0, ?1, path, function, text FROM site WHERE id=?2")
        .with(decision_.queued_at, decision_.site)
        .run();
    return {db_.last_id()};
  }

  void move_site() {
    done_.moved = true;
    db_.cached("UPDATE site SET line_id=? WHERE id=?").with(done_.line, decision_.site).run();
    int64_t count = db_.cached("SELECT sum(count) FROM site_day WHERE site_id=?")
                        .with(decision_.site)
                        .one_int()
                        .value_or(0);
    add_count(c_.line, -count);
    add_count(done_.line, count);
    move_items(
        "UPDATE item SET line_id=?1 WHERE line_id=?2 AND (SELECT site_id FROM occurrence"
        " WHERE id=item.last_occurrence)=?3 RETURNING id");
    Statement& others = db_.cached("SELECT 1 FROM site WHERE line_id=? LIMIT 1");
    if (c_.join && !others.with(c_.line).one_int()) dissolve();
  }

  void add_count(LineId line, int64_t count) {
    db_.cached("UPDATE line SET count=max(count+?,0) WHERE id=?").with(count, line).run();
  }

  void move_items(std::string_view sql) {
    Statement& moved = db_.cached(sql);
    for (moved.with(done_.line, c_.line, decision_.site); moved.next();) {
      done_.items.push_back(moved.integer(0));
    }
  }

  // The line lost its last site to another, which is what it stands for from now on. Its row stays:
  // an id that was given out may be in a link or in a message's key.
  void dissolve() {
    db_.cached("UPDATE line_key SET line_id=? WHERE line_id=?").with(done_.line, c_.line).run();
    db_.cached(
           "UPDATE line SET count=line.count+old.count,"
           " first_seen=min(line.first_seen, old.first_seen),"
           " mailed_to=iif(line.mailed_at IS NULL, old.mailed_to, line.mailed_to),"
           " mail_id=iif(line.mailed_at IS NULL, old.mail_id, line.mail_id),"
           " mailed_at=coalesce(line.mailed_at, old.mailed_at)"
           " FROM (SELECT * FROM line WHERE id=?2) AS old WHERE line.id=?1")
        .with(done_.line, c_.line)
        .run();
    db_.cached("UPDATE line SET joined_to=?1, count=0, decide_at_count=0 WHERE id=?2")
        .with(done_.line, c_.line)
        .run();
    db_.cached("DELETE FROM line_verdict WHERE line_id=?").with(c_.line).run();
    move_items("UPDATE item SET line_id=?1 WHERE line_id=?2 AND ?3<>0 RETURNING id");
  }

  void add_keys() {
    Statement& add =
        db_.cached("INSERT INTO line_key(kind, key, line_id) VALUES(?,?,?) ON CONFLICT DO NOTHING");
    for (const LineKey& key : c_.keys) add.with(key.kind, key.key, done_.line).run();
  }

  void update_line() {
    db_.cached(
           "UPDATE line SET developer=?1, decided_at=?2, changed_at=?3, known=?4,"
           " decide_at_count=?5, episode=episode+?6, mailed_at=iif(?6,NULL,mailed_at),"
           " mailed_to=iif(?6,'',mailed_to) WHERE id=?7")
        .with(c_.developer, now_, c_.changed_at, c_.known, c_.decide_at_count, c_.new_episode,
              done_.line)
        .run();
    db_.cached("INSERT OR REPLACE INTO line_verdict(line_id, verdict) VALUES(?,?)")
        .with(done_.line, c_.verdict)
        .run();
  }

  void add_mail() {
    for (const NewMessage& message : c_.more) (void)insert(message);
    if (!c_.mail) return;
    Statement& mailed = db_.cached("SELECT 1 FROM line WHERE id=? AND mailed_at IS NOT NULL");
    if (c_.mail->kind == "line" && mailed.with(done_.line).one_int()) return;
    const int64_t id = insert(*c_.mail) ? db_.last_id() : 0;
    db_.cached("UPDATE line SET mailed_at=?, mailed_to=?, mail_id=? WHERE id=?")
        .with(now_, c_.mail->recipient, id, done_.line)
        .run();
  }

  bool insert(NewMessage message) {
    constexpr std::string_view kPlace = "{line}";
    if (size_t at = message.key.find(kPlace); at != std::string::npos) {
      message.key.replace(at, kPlace.size(), std::to_string(done_.line.v));
    }
    message.item = decision_.item;
    return insert_message(db_, message, now_, now_);
  }

  void note_developer() {
    if (c_.developer.empty() || !decision_.item) return;
    if (last_detail(db_, decision_.item, "blamed") == c_.developer) return;
    add_item_event(db_, decision_.item, now_, "blamed", {}, c_.developer);
  }

  // The sightings that were to wake the line may have come while the decision was made.
  void wake_if_reached() {
    if (c_.decide_at_count == 0) return;
    db_.cached("UPDATE line SET decide_at_count=0 WHERE id=? AND count>=decide_at_count")
        .with(done_.line)
        .run();
    if (db_.failed() || db_.changes() == 0) return;
    queue_decision(db_, {.project = decision_.project,
                         .site = decision_.site.v,
                         .occurrence = decision_.occurrence.v,
                         .at = now_,
                         .error_threshold = decision_.error_threshold,
                         .counted = true});
  }

  Db& db_;
  const Conclusion& c_;
  const Decision& decision_;
  const Time now_;
  Concluded done_;
};

}  // namespace

Result<Concluded> conclude(Db& db, const Conclusion& conclusion, Time now) {
  return Concluding(db, conclusion, now).run();
}

}  // namespace flawless::store::sqlite
