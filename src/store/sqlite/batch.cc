#include "store/sqlite/batch.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/sqlite/item_events.h"

namespace flawless::store::sqlite {
namespace {

constexpr size_t kTitleBytes = 512;
constexpr size_t kFieldBytes = 256;
constexpr size_t kCanonicalBytes = 8192;
constexpr size_t kSearchBytes = 16384;
constexpr uint64_t kSampleEvery = 100;

int64_t hour_of(Time time) {
  return std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count();
}

std::string culprit_text(const Sighting& s) {
  if (s.site_path.empty()) return {};
  std::string text(cut(s.site_path, kFieldBytes));
  if (!s.site_function.empty()) text += fmt::format(" in {}", cut(s.site_function, kFieldBytes));
  if (s.site_line) text += fmt::format(":{}", s.site_line);
  return text;
}

uint64_t times_of(const Sighting& s) { return std::clamp<uint64_t>(s.times, 1, kMostTimes); }

std::string update_item_sql(std::string_view more) {
  return fmt::format(
      "UPDATE item SET last_seen=max(last_seen,?1), last_occurrence=?2,"
      " last_release_id=iif(?3=0 OR ?1<last_seen,last_release_id,?3), count=count+?4,"
      " count_active=count_active+?4{} WHERE id=?5",
      more);
}

// Calls f(value, sum of its counts) for each different value.
template <typename T, typename F>
void each_counted(std::vector<std::pair<T, uint64_t>>& values, F&& f) {
  std::sort(values.begin(), values.end());
  for (auto from = values.begin(); from != values.end();) {
    uint64_t sum = 0;
    auto to = from;
    for (; to != values.end() && to->first == from->first; ++to) sum += to->second;
    f(from->first, sum);
    from = to;
  }
}

}  // namespace

BatchWriter::BatchWriter(Db& db)
    : db_(db),
      dictionary_(db),
      ids_(db),
      lines_(db),
      find_occurrence_(db,
                       "SELECT o.report_id, o.project_id, k.item_id, i.number FROM occurrence o"
                       " JOIN grouping_key k ON k.id=o.key_id JOIN item i ON i.id=k.item_id"
                       " WHERE o.id=?"),
      find_key_(db,
                "SELECT id, item_id FROM grouping_key"
                " WHERE project_id=? AND algorithm=? AND hash=?"),
      add_key_(db,
               "INSERT INTO grouping_key(project_id, algorithm, hash, item_id, canonical,"
               " reason) VALUES(?,?,?,?,?,?)"),
      add_item_(db,
                "INSERT INTO item(project_id, number, level, status, first_seen, last_seen,"
                " first_occurrence, last_occurrence, count, count_active, counted_since, people,"
                " first_release_id, last_release_id, title, platform, language, framework,"
                " culprit) VALUES(?1,?2,?3,1,?4,?4,?5,?5,0,0,?4,0,?6,?6,?7,?8,?9,?10,?11)"),
      find_item_(db, "SELECT number, status, status_changed_at, line_id FROM item WHERE id=?"),
      add_search_(db, "INSERT INTO item_search(rowid, title, body) VALUES(?,?,?)"),
      take_number_(db,
                   "UPDATE project SET next_item_number=next_item_number+1 WHERE id=?"
                   " RETURNING next_item_number-1"),
      reopen_item_(db,
                   "UPDATE item SET status=1, status_changed_at=?1, counted_since=?1,"
                   " count_active=0 WHERE id=?2"),
      find_environment_(db, "SELECT 1 FROM item_environment WHERE item_id=? AND environment_id=?"),
      upsert_environment_(db,
                          "INSERT INTO item_environment(item_id, environment_id, first_seen,"
                          " last_seen, count) VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET"
                          " last_seen=max(last_seen,excluded.last_seen),"
                          " count=count+excluded.count"),
      add_person_(db,
                  "INSERT INTO item_person(item_id, person_id) VALUES(?,?)"
                  " ON CONFLICT DO NOTHING"),
      add_release_(db,
                   "INSERT INTO item_release(item_id, release_id) VALUES(?,?)"
                   " ON CONFLICT DO NOTHING"),
      add_occurrence_(db,
                      "INSERT INTO occurrence(id, project_id, key_id, site_id, report_id,"
                      " received_at, occurred_at, level, environment_id, release_id, host_id,"
                      " browser_id, os_id, context_id, person_id, ip, segment, offset,"
                      " body_bytes, protocol, encoding, flags)"
                      " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
      drop_body_(db,
                 "UPDATE occurrence SET segment=0, offset=0, body_bytes=0, flags=flags|?"
                 " WHERE id=?"),
      update_item_(db, update_item_sql("")),
      move_item_(db, update_item_sql(", line_id=?6, culprit=?7")),
      update_people_(db, "UPDATE item SET people=people+? WHERE id=?"),
      count_key_(db,
                 "INSERT INTO counter(hour, key_id, environment_id, count) VALUES(?,?,?,?)"
                 " ON CONFLICT DO UPDATE SET count=count+excluded.count"),
      count_project_(db,
                     "INSERT INTO project_counter(project_id, hour, environment_id, count)"
                     " VALUES(?,?,?,?) ON CONFLICT DO UPDATE SET count=count+excluded.count"),
      set_total_(db,
                 "INSERT INTO total(name, count) VALUES(?,?) ON CONFLICT DO UPDATE SET"
                 " count=excluded.count") {}

Status BatchWriter::load() {
  RETURN_IF_ERROR(ids_.load());
  auto ask = [&](const char* sql) { return Statement(db_, sql).with().one_int().value_or(0); };
  committed_.items = static_cast<uint64_t>(ask("SELECT count(*) FROM item"));
  committed_.occurrences =
      static_cast<uint64_t>(ask("SELECT count FROM total WHERE name='occurrence'"));
  // Ids are not used again, not even when the newest occurrences were removed.
  committed_.last_id = ask("SELECT count FROM total WHERE name='last_occurrence'");
  totals_ = committed_;
  return db_.take_error();
}

void BatchWriter::start_batch() {
  batch_ids_.clear();
  batch_places_.clear();
  applied_.clear();
  newest_ = {};
  item_deltas_.clear();
  environment_deltas_.clear();
  key_hours_.clear();
  project_hours_.clear();
  lines_.start_batch();
}

std::vector<Applied> BatchWriter::apply(std::span<const Sighting> sightings) {
  start_batch();
  batch_ = sightings;
  applied_.reserve(sightings.size());
  for (const Sighting& sighting : sightings) {
    applied_.push_back(apply_one(sighting));
    if (db_.failed()) return {};
  }
  flush();
  return std::move(applied_);
}

Applied BatchWriter::apply_one(const Sighting& s) {
  Applied applied;
  uint64_t hash = report_hash(s.project, s.report_id);
  if (find_duplicate(s, hash, applied)) return applied;

  Ids ids = resolve(s);
  int64_t id = ++totals_.last_id;
  Key key = key_of(s, ids, id, applied.new_item);
  if (db_.failed()) return applied;
  if (s.nobody_to_blame) ids.site = dictionary_.site_of_item(s, ids.release, key.item_id);
  ItemState& state = item_state(key.item_id);
  applied.occurrence = {id};
  applied.item = {key.item_id};
  applied.item_number = state.number;
  applied.new_site = ids.site.is_new;
  if (state.status == ItemStatus::kResolved && s.received_at >= state.changed_at) {
    reopen(key.item_id, state, s.received_at);
    applied.reopened = true;
  }
  applied.new_in_environment = count_environment(s, key.item_id, ids.environment, applied.new_item);
  insert_occurrence(s, key, ids, id);
  sample_bodies(s, state, id, applied.new_item);
  applied.queued = lines_.wake(s, ids.site, ids.environment, applied);
  add_up(s, key, ids, id);

  batch_places_.emplace(hash, applied_.size());
  batch_ids_.push_back({hash, id});
  newest_ = std::max(newest_, s.received_at);
  return applied;
}

bool BatchWriter::find_duplicate(const Sighting& s, uint64_t hash, Applied& applied) {
  auto [from, to] = batch_places_.equal_range(hash);
  for (; from != to; ++from) {
    const Sighting& other = batch_[from->second];
    if (other.project != s.project || other.report_id != s.report_id) continue;
    const Applied& first = applied_[from->second];
    applied.duplicate = true;
    applied.occurrence = first.occurrence;
    applied.item = first.item;
    applied.item_number = first.item_number;
    return true;
  }
  return ids_.find(hash, [&](int64_t id) { return confirm(s, id, applied); }).has_value();
}

// An occurrence whose row is gone (evicted) cannot be compared; 64 bits that agree have to do.
bool BatchWriter::confirm(const Sighting& s, int64_t occurrence, Applied& applied) {
  bool same = true;
  if (find_occurrence_.with(occurrence).next()) {
    same = as_text(find_occurrence_.blob(0)) == as_text(s.report_id.bytes) &&
           find_occurrence_.integer(1) == s.project.v;
    applied.item = {find_occurrence_.integer(2)};
    applied.item_number = find_occurrence_.integer(3);
    find_occurrence_.reset();
  }
  if (!same) {
    applied = {};
    return false;
  }
  applied.duplicate = true;
  applied.occurrence = {occurrence};
  return true;
}

BatchWriter::Ids BatchWriter::resolve(const Sighting& s) {
  Ids ids;
  ids.environment = dictionary_.environment(s.project, s.environment);
  ids.release = dictionary_.release(s.project, s.release, s.received_at);
  ids.host = dictionary_.term(s.project, TermKind::kHost, s.host);
  ids.browser = dictionary_.term(s.project, TermKind::kBrowser, s.browser);
  ids.os = dictionary_.term(s.project, TermKind::kOs, s.os);
  ids.context = dictionary_.term(s.project, TermKind::kContext, s.context);
  ids.person = dictionary_.person(s);
  ids.site = dictionary_.site(s, ids.release);
  return ids;
}

BatchWriter::Key BatchWriter::key_of(const Sighting& s, const Ids& ids, int64_t occurrence,
                                     bool& new_item) {
  auto hash = s.grouping_hash.bytes();
  key_text_.clear();
  append_le(key_text_, s.project.v);
  key_text_.append(as_text(hash)).append(s.grouping_algorithm);
  if (Key* known = keys_.find(std::string_view(key_text_))) return *known;
  Key key;
  if (find_key_.with(s.project, s.grouping_algorithm, ByteSpan(hash)).next()) {
    key = {find_key_.integer(0), find_key_.integer(1)};
    find_key_.reset();
  } else {
    key.item_id = create_item(s, ids, occurrence);
    add_key_
        .with(s.project, s.grouping_algorithm, ByteSpan(hash), key.item_id,
              cut(s.grouping_canonical, kCanonicalBytes), cut(s.grouping_reason, kFieldBytes))
        .run();
    key.key_id = db_.last_id();
    new_item = true;
  }
  return keys_.put(key_text_, key);
}

int64_t BatchWriter::create_item(const Sighting& s, const Ids& ids, int64_t occurrence) {
  int64_t number = take_item_number(s.project);
  std::string culprit = culprit_text(s);
  std::string_view title = cut(s.title, kTitleBytes);
  add_item_
      .with(s.project, number, static_cast<int>(s.level), s.received_at, occurrence, ids.release,
            title, cut(s.platform, kFieldBytes), cut(s.language, kFieldBytes),
            cut(s.framework, kFieldBytes), culprit)
      .run();
  int64_t id = db_.last_id();
  std::string text = culprit;
  if (s.search_text && s.event) text.append("\n").append(s.search_text(*s.event));
  add_search_.with(id, title, cut(text, kSearchBytes)).run();
  add_item_event(db_, {id}, s.received_at, "created", {}, {});
  items_.put(id, ItemState{number});
  ++totals_.items;
  return id;
}

int64_t BatchWriter::take_item_number(ProjectId project) {
  if (std::optional<int64_t> number = take_number_.with(project).one_int()) return *number;
  db_.fail({Code::kNotFound, fmt::format("there is no project {}", project.v)});
  return 0;
}

BatchWriter::ItemState& BatchWriter::item_state(int64_t item_id) {
  if (ItemState* known = items_.find(item_id)) return *known;
  ItemState state;
  if (find_item_.with(item_id).next()) {
    state = {find_item_.integer(0), static_cast<ItemStatus>(find_item_.integer(1)),
             find_item_.time(2), find_item_.integer(3)};
    find_item_.reset();
  }
  return items_.put(item_id, state);
}

void BatchWriter::reopen(int64_t item_id, ItemState& state, Time at) {
  reopen_item_.with(at, item_id).run();
  add_item_event(db_, {item_id}, at, "reopened", {}, {});
  state.status = ItemStatus::kActive;
}

bool BatchWriter::count_environment(const Sighting& s, int64_t item_id, int64_t environment,
                                    bool new_item) {
  Pair pair{item_id, environment};
  bool is_new = false;
  if (!known_environment_.find(pair)) {
    is_new = new_item || !find_environment_.with(item_id, environment).one_int();
    if (is_new && !new_item) {
      add_item_event(db_, {item_id}, s.received_at, "new_in_environment", {}, s.environment);
    }
    known_environment_.put(pair, true);
  }
  EnvironmentDelta& delta = environment_deltas_[pair];
  if (delta.count == 0) delta.first_seen = delta.last_seen = s.received_at;
  delta.count += times_of(s);
  delta.first_seen = std::min(delta.first_seen, s.received_at);
  delta.last_seen = std::max(delta.last_seen, s.received_at);
  return is_new;
}

void BatchWriter::insert_occurrence(const Sighting& s, const Key& key, const Ids& ids, int64_t id) {
  add_occurrence_
      .with(id, s.project, key.key_id, ids.site.id, ByteSpan(s.report_id.bytes), s.received_at,
            s.occurred_at, static_cast<int>(s.level), ids.environment, ids.release, ids.host,
            ids.browser, ids.os, ids.context, ids.person, s.ip, s.body.segment, s.body.offset,
            s.body.bytes, s.protocol, s.encoding, s.flags)
      .run();
  ++totals_.occurrences;
}

// Over the soft quota an item keeps the bodies of its first and last occurrence and of one in
// kSampleEvery; all are counted.
void BatchWriter::sample_bodies(const Sighting& s, ItemState& state, int64_t id,
                                bool first_of_item) {
  if (state.droppable != 0) drop_body_.with(kFlagSampledOut, state.droppable).run();
  state.droppable = 0;
  if ((s.flags & kFlagOverQuota) == 0 || first_of_item) return;
  if (state.over_quota++ % kSampleEvery != 0) state.droppable = id;
}

void BatchWriter::add_up(const Sighting& s, const Key& key, const Ids& ids, int64_t occurrence) {
  ItemDelta& delta = item_deltas_[key.item_id];
  uint64_t times = times_of(s);
  delta.count += times;
  delta.last_seen = std::max(delta.last_seen, s.received_at);
  delta.last_occurrence = occurrence;
  delta.line = ids.site.line_id;
  delta.newest = &s;
  if (ids.release) delta.last_release = ids.release;
  int64_t hour = hour_of(s.received_at);
  key_hours_.push_back({{hour, key.key_id, ids.environment}, times});
  project_hours_.push_back({{s.project.v, hour, ids.environment}, times});
  if (ids.site.id) lines_.add(s, ids.site, times, occurrence, applied_.size());

  Pair person{key.item_id, ids.person};
  if (ids.person && !known_person_.find(person)) {
    add_person_.with(key.item_id, ids.person).run();
    delta.people += db_.changes() > 0 ? 1 : 0;
    known_person_.put(person, true);
  }
  Pair release{key.item_id, ids.release};
  if (ids.release && !known_release_.find(release)) {
    add_release_.with(key.item_id, ids.release).run();
    known_release_.put(release, true);
  }
}

void BatchWriter::flush() {
  flush_items();
  flush_counters();
  ids_.add(std::move(batch_ids_), newest_);
  flush_totals();
}

void BatchWriter::flush_items() {
  for (const auto& [id, delta] : item_deltas_) {
    ItemState& state = item_state(id);
    bool moved = state.line != delta.line;  // to another place in an index
    Statement& update = moved ? move_item_ : update_item_;
    update.with(delta.last_seen, delta.last_occurrence, delta.last_release, delta.count, id);
    const std::string culprit = moved ? culprit_text(*delta.newest) : std::string();
    if (moved) {
      update.bind(6, delta.line);
      update.bind(7, culprit);
    }
    update.run();
    state.line = delta.line;
    if (delta.people) update_people_.with(delta.people, id).run();
  }
  for (const auto& [pair, delta] : environment_deltas_) {
    upsert_environment_
        .with(pair.first, pair.second, delta.first_seen, delta.last_seen, delta.count)
        .run();
  }
}

void BatchWriter::flush_counters() {
  each_counted(key_hours_, [&](const auto& place, uint64_t count) {
    const auto& [hour, key, environment] = place;
    count_key_.with(hour, key, environment, count).run();
  });
  each_counted(project_hours_, [&](const auto& place, uint64_t count) {
    const auto& [project, hour, environment] = place;
    count_project_.with(project, hour, environment, count).run();
  });
  lines_.flush(applied_);
}

void BatchWriter::flush_totals() {
  if (totals_.last_id == committed_.last_id) return;
  set_total_.with(std::string_view("occurrence"), totals_.occurrences).run();
  set_total_.with(std::string_view("last_occurrence"), totals_.last_id).run();
}

void BatchWriter::committed() {
  ids_.committed();
  committed_ = totals_;
}

void BatchWriter::rolled_back() {
  ids_.rolled_back();
  totals_ = committed_;
  dictionary_.forget();
  known_environment_.clear();
  known_person_.clear();
  known_release_.clear();
  lines_.rolled_back();
  forget_items();
}

void BatchWriter::forget_concluded(const Concluded& concluded) {
  lines_.forget();
  for (int64_t item : concluded.items) items_.erase(item);
  if (concluded.moved) dictionary_.forget_site(concluded.project, concluded.site_hash);
}

void BatchWriter::forget_items() {
  keys_.clear();
  items_.clear();
}

}  // namespace flawless::store::sqlite
