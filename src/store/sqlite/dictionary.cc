#include "store/sqlite/dictionary.h"

#include <fmt/format.h>

#include <array>

namespace flawless::store::sqlite {
namespace {

constexpr auto kReleaseStep = std::chrono::minutes(5);
constexpr auto kPersonStep = std::chrono::hours(1);

void start_key(std::string& key, ProjectId project) {
  key.clear();
  append_le(key, project.v);
}

std::string hash_text(std::string_view text) {
  auto bytes = hash128(text).bytes();
  return std::string(as_text(bytes));
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Unit separators cannot be part of a path or a name that a person typed.
std::string line_key_text(const Sighting& s) {
  std::string squeezed = squeeze(cut(s.site_text, kCodeBytes));
  if (squeezed.empty()) squeezed = fmt::format("line {}", s.site_line);
  return fmt::format("{}\x1f{}\x1f{}\x1f{}", s.project.v, cut(s.site_path, kCodeBytes),
                     cut(s.site_function, kTermBytes), squeezed);
}

}  // namespace

std::string_view cut(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

std::string squeeze(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (!is_space(c)) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string person_hash(std::string_view id, std::string_view username, std::string_view email) {
  if (!id.empty()) return hash_text(fmt::format("i{}", id));
  if (!username.empty()) return hash_text(fmt::format("u{}", username));
  if (!email.empty()) return hash_text(fmt::format("e{}", email));
  return {};
}

Dictionary::Dictionary(Db& db)
    : db_(db),
      find_term_(db, "SELECT id FROM term WHERE project_id=? AND kind=? AND text=?"),
      add_term_(db, "INSERT INTO term(project_id, kind, text) VALUES(?,?,?)"),
      find_environment_(db, "SELECT id FROM environment WHERE project_id=? AND name=?"),
      add_environment_(db, "INSERT INTO environment(project_id, name, notify) VALUES(?,?,?)"),
      find_release_(db, "SELECT id, last_seen FROM release WHERE project_id=? AND version=?"),
      add_release_(
          db, "INSERT INTO release(project_id, version, first_seen, last_seen) VALUES(?,?,?,?)"),
      touch_release_(db, "UPDATE release SET last_seen=? WHERE id=?"),
      find_person_(db,
                   "SELECT id, last_seen, username, email FROM person"
                   " WHERE project_id=? AND hash=?"),
      add_person_(db,
                  "INSERT INTO person(project_id, hash, external_id, username, email,"
                  " first_seen, last_seen) VALUES(?,?,?,?,?,?,?)"),
      update_person_(db,
                     "UPDATE person SET username=iif(?1='',username,?1),"
                     " email=iif(?2='',email,?2), last_seen=max(last_seen,?3) WHERE id=?4"),
      find_site_(db, "SELECT id, line_id FROM site WHERE project_id=? AND hash=?"),
      add_site_(db,
                "INSERT INTO site(project_id, hash, release_id, line_id, line, path, function,"
                " text) VALUES(?,?,?,?,?,?,?,?)"),
      find_line_(db, "SELECT line_id FROM line_key WHERE kind=? AND key=?"),
      add_line_(db, "INSERT INTO line(count, first_seen, path, function, text) VALUES(0,?,?,?,?)"),
      add_line_key_(db, "INSERT INTO line_key(kind, key, line_id) VALUES(?,?,?)") {}

int64_t Dictionary::term(ProjectId project, TermKind kind, std::string_view text) {
  if (text.empty()) return 0;
  text = cut(text, kTermBytes);
  start_key(key_, project);
  key_.push_back(static_cast<char>(kind));
  key_.append(text);
  if (int64_t* known = terms_.find(std::string_view(key_))) return *known;
  int number = static_cast<int>(kind);
  std::optional<int64_t> id = find_term_.with(project, number, text).one_int();
  if (!id) {
    add_term_.with(project, number, text).run();
    id = db_.last_id();
  }
  return terms_.put(key_, *id);
}

int64_t Dictionary::environment(ProjectId project, std::string_view name) {
  name = name.empty() ? std::string_view("unknown") : cut(name, kTermBytes);
  start_key(key_, project);
  key_.append(name);
  if (int64_t* known = environments_.find(std::string_view(key_))) return *known;
  std::optional<int64_t> id = find_environment_.with(project, name).one_int();
  if (!id) {
    bool quiet = name == "development" || name == "dev" || name == "test" || name == "testing";
    add_environment_.with(project, name, !quiet).run();
    id = db_.last_id();
  }
  return environments_.put(key_, *id);
}

int64_t Dictionary::release(ProjectId project, std::string_view version, Time at) {
  if (version.empty()) return 0;
  version = cut(version, kTermBytes);
  start_key(key_, project);
  key_.append(version);
  Dated* known = releases_.find(std::string_view(key_));
  if (!known) {
    Dated row{0, at, 0};
    if (find_release_.with(project, version).next()) {
      row = {find_release_.integer(0), find_release_.time(1), 0};
      find_release_.reset();
    } else {
      add_release_.with(project, version, at, at).run();
      row.id = db_.last_id();
    }
    known = &releases_.put(key_, row);
  }
  if (at > known->last_seen + kReleaseStep) {
    touch_release_.with(at, known->id).run();
    known->last_seen = at;
  }
  return known->id;
}

int64_t Dictionary::person(const Sighting& s) {
  if (s.person_id.empty() && s.person_username.empty() && s.person_email.empty()) return 0;
  start_key(key_, s.project);
  char kind = !s.person_id.empty() ? 'i' : !s.person_username.empty() ? 'u' : 'e';
  key_.push_back(kind);
  key_.append(kind == 'i' ? s.person_id : kind == 'u' ? s.person_username : s.person_email);
  uint64_t fields = hash64(s.person_username) * 31 + hash64(s.person_email);
  Dated* known = people_.find(std::string_view(key_));
  if (!known) {
    std::string hash = person_hash(s.person_id, s.person_username, s.person_email);
    Dated row{0, s.received_at, fields};
    if (find_person_.with(s.project, as_bytes(hash)).next()) {
      row = {find_person_.integer(0), find_person_.time(1),
             hash64(find_person_.text(2)) * 31 + hash64(find_person_.text(3))};
      find_person_.reset();
    } else {
      row.id = insert_person(s, hash, fields);
    }
    known = &people_.put(key_, row);
  }
  if (known->fields != fields || s.received_at > known->last_seen + kPersonStep) {
    refresh_person(s, *known, fields);
  }
  return known->id;
}

int64_t Dictionary::insert_person(const Sighting& s, const std::string& hash, uint64_t) {
  add_person_
      .with(s.project, as_bytes(hash), cut(s.person_id, kTermBytes),
            cut(s.person_username, kTermBytes), cut(s.person_email, kTermBytes), s.received_at,
            s.received_at)
      .run();
  return db_.last_id();
}

void Dictionary::refresh_person(const Sighting& s, Dated& known, uint64_t fields) {
  update_person_
      .with(cut(s.person_username, kTermBytes), cut(s.person_email, kTermBytes), s.received_at,
            known.id)
      .run();
  known.fields = fields;
  known.last_seen = std::max(known.last_seen, s.received_at);
}

SiteRow Dictionary::site(const Sighting& s, int64_t release_id) {
  if (s.site_path.empty()) return {};
  key_.clear();
  append_le(key_, release_id);
  append_le(key_, s.site_line);
  key_.append(s.site_path).push_back('\0');
  key_.append(s.site_function).push_back('\0');
  key_.append(s.site_text);
  return find_or_add_site(s, release_id, 0);
}

SiteRow Dictionary::site_of_item(const Sighting& s, int64_t release_id, int64_t item_id) {
  key_.assign("item");
  append_le(key_, release_id);
  append_le(key_, item_id);
  return find_or_add_site(s, release_id, item_id);
}

// key_ holds what tells the site from the project's others.
SiteRow Dictionary::find_or_add_site(const Sighting& s, int64_t release_id, int64_t item_id) {
  auto hash = hash128(key_).bytes();
  start_key(key_, s.project);
  key_.append(as_text(hash));
  if (SiteRow* known = sites_.find(std::string_view(key_))) return *known;
  SiteRow row;
  if (find_site_.with(s.project, ByteSpan(hash)).next()) {
    row = {find_site_.integer(0), find_site_.integer(1), false};
    find_site_.reset();
    return sites_.put(key_, row);
  }
  std::string key = key_;
  row.line_id = line_of(s, item_id);
  add_site_
      .with(s.project, ByteSpan(hash), release_id, row.line_id, s.site_line,
            cut(s.site_path, kCodeBytes), cut(s.site_function, kTermBytes),
            cut(s.site_text, kCodeBytes))
      .run();
  row.id = db_.last_id();
  sites_.put(key, row);
  row.is_new = true;
  return row;
}

int64_t Dictionary::line_of(const Sighting& s, int64_t item_id) {
  const std::string_view kind = item_id != 0 ? "item" : "text";
  const std::string key = item_id != 0 ? fmt::format("{}", item_id) : line_key_text(s);
  const std::string cached = fmt::format("{}\x1f{}", kind, key);
  if (int64_t* known = lines_.find(std::string_view(cached))) return *known;
  std::optional<int64_t> id = find_line_.with(kind, key).one_int();
  if (!id) {
    add_line_
        .with(s.received_at, cut(s.site_path, kCodeBytes), cut(s.site_function, kTermBytes),
              cut(s.site_text, kCodeBytes))
        .run();
    id = db_.last_id();
    add_line_key_.with(kind, key, *id).run();
  }
  return lines_.put(cached, *id);
}

void Dictionary::forget_site(ProjectId project, std::string_view hash) {
  start_key(key_, project);
  key_.append(hash);
  sites_.erase(std::string_view(key_));
  lines_.clear();
}

void Dictionary::forget() {
  terms_.clear();
  environments_.clear();
  lines_.clear();
  releases_.clear();
  people_.clear();
  sites_.clear();
}

}  // namespace flawless::store::sqlite
