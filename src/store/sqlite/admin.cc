#include "store/sqlite/admin.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "store/sqlite/token_value.h"

namespace flawless::store::sqlite {
namespace {

constexpr std::array kAllScopes = {Scope::kRead, Scope::kWrite, Scope::kPostServerItem,
                                   Scope::kPostClientItem};
constexpr size_t kNameCharacters = 64;

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Characters, or nothing if it is not UTF-8 or holds control characters.
std::optional<size_t> printable_length(std::string_view text) {
  size_t characters = 0;
  for (; !text.empty(); ++characters) {
    size_t bytes = utf8_sequence(text);
    auto first = static_cast<unsigned char>(text[0]);
    if (bytes == 0 || first < 0x20 || first == 0x7f) return std::nullopt;
    text.remove_prefix(bytes);
  }
  return characters;
}

// Where a project is asked for, its id or its name may stand, also as a part of an address.
Status check_is_no_id_or_path(std::string_view name) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (std::all_of(name.begin(), name.end(), is_digit)) {
    return {Code::kInvalid,
            fmt::format("a project cannot be called '{}': digits alone are taken for its id; put a "
                        "letter to it",
                        name)};
  }
  if (name.find_first_of("/\\?#%") == std::string_view::npos) return Status::ok();
  return {Code::kInvalid,
          fmt::format("a project cannot be called '{}': its name is a part of addresses; all "
                      "characters are allowed but / \\ ? # %",
                      name)};
}

Status check_project_name(std::string_view name) {
  std::optional<size_t> characters = printable_length(name);
  bool starts_well = !name.empty() && (is_letter_or_digit(name[0]) || (name[0] & 0x80) != 0);
  if (characters && *characters <= kNameCharacters && starts_well && name.back() != ' ') {
    return check_is_no_id_or_path(name);
  }
  return {Code::kInvalid,
          "a project's name has 1 to 64 characters and starts with a letter or digit"};
}

std::string slug_of(std::string_view name) {
  std::string slug;
  for (char c : name) {
    if (is_letter_or_digit(c)) {
      slug.push_back(lower(c));
    } else if (!slug.empty() && slug.back() != '-') {
      slug.push_back('-');
    }
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? "project" : slug;
}

// Leaves the failure to the connection.
Token insert_token(Db& db, ProjectId project, Scope scope, std::string_view name, Time now) {
  Token token;
  token.project = project;
  token.scope = scope;
  token.name = name.empty() ? scope_name(scope) : name;
  token.value = make_token_value(scope);
  token.hash = sha256(token.value);
  token.created_at = now;
  std::string_view kept = is_post(scope) ? std::string_view(token.value) : std::string_view();
  db.cached(
        "INSERT INTO token(project_id, scope, hash, value, name, enabled, created_at)"
        " VALUES(?,?,?,?,?,1,?)")
      .with(project, static_cast<int>(scope), as_bytes(token.hash), kept, token.name, now)
      .run();
  token.id = {db.last_id()};
  return token;
}

bool exists(Db& db, std::string_view sql, auto value) {
  return db.cached(sql).with(value).one_int().has_value();
}

Status insert_project(Db& db, Project& project) {
  if (exists(db, "SELECT 1 FROM project WHERE name=?", std::string_view(project.name))) {
    return {Code::kConflict, fmt::format("there is a project named {} already", project.name)};
  }
  std::string base = slug_of(project.name), slug = base;
  for (int n = 2; exists(db, "SELECT 1 FROM project WHERE slug=?", std::string_view(slug)); ++n) {
    slug = fmt::format("{}-{}", base, n);
  }
  db.cached("INSERT INTO project(name, slug, enabled, created_at, settings) VALUES(?,?,1,?,?)")
      .with(project.name, slug, project.created_at, project.settings)
      .run();
  project.id = {db.last_id()};
  return Status::ok();
}

Status set_flag(Writer& writer, std::string_view sql, int64_t id, bool enabled,
                std::string_view what) {
  return writer.transaction([&](Db& db) {
    db.cached(sql).with(enabled, id).run();
    if (!db.failed() && db.changes() == 0) {
      return Status{Code::kNotFound, fmt::format("there is no {} {}", what, id)};
    }
    return Status::ok();
  });
}

}  // namespace

Result<Store::NewProject> create_project(Writer& writer, std::string_view name, Time now) {
  RETURN_IF_ERROR(check_project_name(name));
  Store::NewProject made;
  made.project.name = name;
  made.project.created_at = now;
  Status stored = writer.transaction([&](Db& db) {
    RETURN_IF_ERROR(insert_project(db, made.project));
    for (Scope scope : kAllScopes) {
      made.tokens.push_back(insert_token(db, made.project.id, scope, {}, now));
    }
    return Status::ok();
  });
  if (!stored.is_ok()) return stored;
  return made;
}

Status set_project_enabled(Writer& writer, ProjectId project, bool enabled) {
  return set_flag(writer, "UPDATE project SET enabled=? WHERE id=?", project.v, enabled, "project");
}

Status set_token_enabled(Writer& writer, TokenId token, bool enabled) {
  return set_flag(writer, "UPDATE token SET enabled=? WHERE id=?", token.v, enabled, "token");
}

Result<Token> create_token(Writer& writer, ProjectId project, Scope scope, std::string_view name,
                           Time now) {
  if (scope_name(scope) == "unknown") return {Code::kInvalid, "no such scope"};
  if (!project && is_post(scope)) {
    return {Code::kInvalid, "a token that posts reports belongs to one project"};
  }
  if (std::optional<size_t> length = printable_length(name); !length || *length > kNameCharacters) {
    return {Code::kInvalid, "a token's name has at most 64 characters"};
  }
  Token token;
  RETURN_IF_ERROR(writer.transaction([&](Db& db) {
    if (project && !exists(db, "SELECT 1 FROM project WHERE id=?", project)) {
      return Status{Code::kNotFound, fmt::format("there is no project {}", project.v)};
    }
    token = insert_token(db, project, scope, name, now);
    return Status::ok();
  }));
  return token;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

Result<User> checked_user(std::string_view email, std::string_view name, std::string_view role,
                          Time now) {
  User user{{}, lower_case(email), std::string(name), std::string(role), now};
  size_t at = user.email.find('@');
  if (!printable_length(email) || at == 0 || at == std::string::npos || at + 1 == email.size() ||
      email.size() > 254 || email.find(' ') != std::string_view::npos) {
    return {Code::kInvalid, "an account needs an e-mail address"};
  }
  if (role != "admin" && role != "member") return {Code::kInvalid, "a role is admin or member"};
  return user;
}

Status insert_user(Db& db, User& user, std::string_view password_hash) {
  if (exists(db, "SELECT 1 FROM user WHERE email=?", std::string_view(user.email))) {
    return {Code::kConflict, fmt::format("{} has an account already", user.email)};
  }
  db.cached("INSERT INTO user(email, name, role, password_hash, created_at) VALUES(?,?,?,?,?)")
      .with(user.email, user.name, user.role, password_hash, user.created_at)
      .run();
  user.id = {db.last_id()};
  return Status::ok();
}

Result<User> create_user(Writer& writer, std::string_view email, std::string_view name,
                         std::string_view role, std::string_view password_hash, Time now) {
  ASSIGN_OR_RETURN(User user, checked_user(email, name, role, now));
  RETURN_IF_ERROR(writer.transaction([&](Db& db) { return insert_user(db, user, password_hash); }));
  return user;
}

std::vector<Project> read_projects(Db& db, const Visible& visible) {
  std::vector<Project> projects;
  Statement& rows =
      db.cached("SELECT id, name, enabled, created_at, settings FROM project ORDER BY id");
  for (rows.with(); rows.next();) {
    ProjectId id{rows.integer(0)};
    if (!visible.includes(id)) continue;
    projects.push_back({id, rows.string(1), rows.integer(2) != 0, rows.time(3), rows.string(4)});
  }
  return projects;
}

std::vector<Token> read_tokens(Db& db) {
  std::vector<Token> tokens;
  Statement& rows = db.cached(
      "SELECT id, project_id, scope, name, value, hash, enabled, created_at FROM token ORDER BY "
      "id");
  for (rows.with(); rows.next();) {
    tokens.push_back({{rows.integer(0)},
                      {rows.integer(1)},
                      static_cast<Scope>(rows.integer(2)),
                      rows.string(3),
                      rows.string(4),
                      std::string(as_text(rows.blob(5))),
                      rows.integer(6) != 0,
                      rows.time(7)});
  }
  return tokens;
}

}  // namespace flawless::store::sqlite
