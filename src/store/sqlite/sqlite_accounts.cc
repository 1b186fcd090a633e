#include "store/sqlite/sqlite_accounts.h"

#include <fmt/format.h>

#include <array>

#include "store/sqlite/admin.h"

namespace flawless::store::sqlite {
namespace {

constexpr size_t kHashBytes = 32, kSecretBytes = 32;

User read_user(const Statement& row) {
  return {{row.integer(0)},   row.string(1), row.string(2),
          row.string(3),      row.time(4),   row.integer(5) != 0};
}

// In a transaction of the writer. Nothing if there is none.
std::optional<User> find_user(Db& db, UserId id) {
  Statement& row =
      db.cached("SELECT id, email, name, role, created_at, enabled FROM user WHERE id=?");
  std::optional<User> user;
  if (row.with(id).next()) user = read_user(row);
  row.reset();
  return user;
}

Status no_such_account() { return {Code::kNotFound, "no such account"}; }

// Before `user`, as it is, stops being an enabled administrator.
Status check_not_last(Db& db, const User& user) {
  if (user.role != "admin" || !user.enabled) return Status::ok();
  const bool others =
      db.cached("SELECT 1 FROM user WHERE role='admin' AND enabled=1 AND id<>? LIMIT 1")
          .with(user.id)
          .one_int()
          .has_value();
  if (others) return Status::ok();
  return {Code::kConflict,
          fmt::format("{} is the last enabled administrator, and one must stay; make somebody else "
                      "an administrator first",
                      user.email)};
}

void delete_sessions(Db& db, UserId user) {
  db.cached("DELETE FROM session WHERE user_id=?").with(user).run();
}

std::string secret_name(std::string_view name) { return fmt::format("secret.{}", name); }

std::string new_secret() {
  std::array<uint8_t, kSecretBytes> bytes{};
  random_bytes(bytes);
  return to_hex(bytes);
}

// Nothing if there is none.
Result<std::string> read_secret(Db& db, std::string_view row_name) {
  Statement& find = db.cached("SELECT value FROM meta WHERE name=?");
  std::string hex;
  if (find.with(row_name).next()) hex = find.string(0);
  find.reset();
  std::optional<std::string> bytes = from_hex(hex);
  if (!bytes || (!hex.empty() && bytes->size() != kSecretBytes)) {
    return Status{Code::kCorrupt, fmt::format("the database's {} is damaged", row_name)};
  }
  return std::move(*bytes);
}

}  // namespace

Result<std::vector<User>> SqliteAccounts::users() {
  return readers_.read([](Db& db) -> Result<std::vector<User>> {
    std::vector<User> users;
    Statement& rows =
        db.cached("SELECT id, email, name, role, created_at, enabled FROM user ORDER BY id");
    for (rows.with(); rows.next();) users.push_back(read_user(rows));
    return users;
  });
}

Result<Accounts::Credentials> SqliteAccounts::credentials(std::string_view email) {
  std::string address = lower_case(email);
  return readers_.read([&](Db& db) -> Result<Credentials> {
    Statement& row = db.cached(
        "SELECT id, email, name, role, created_at, enabled, password_hash FROM user WHERE email=?");
    if (!row.with(std::string_view(address)).next()) return no_such_account();
    return Credentials{read_user(row), row.string(6)};
  });
}

Result<User> SqliteAccounts::create_first_user(std::string_view email, std::string_view name,
                                               std::string_view password_hash, Time now) {
  ASSIGN_OR_RETURN(User user, checked_user(email, name, "admin", now));
  RETURN_IF_ERROR(writer_.transaction([&](Db& db) {
    if (db.cached("SELECT 1 FROM user LIMIT 1").with().one_int()) {
      return Status{Code::kConflict, "there is an account already: sign in, or ask its owner"};
    }
    return insert_user(db, user, password_hash);
  }));
  return user;
}

Status SqliteAccounts::set_role(UserId id, std::string_view role) {
  if (role != "admin" && role != "member") return {Code::kInvalid, "a role is admin or member"};
  return writer_.transaction([&](Db& db) {
    const std::optional<User> user = find_user(db, id);
    if (!user) return no_such_account();
    if (role != "admin") RETURN_IF_ERROR(check_not_last(db, *user));
    db.cached("UPDATE user SET role=? WHERE id=?").with(role, id).run();
    return Status::ok();
  });
}

Status SqliteAccounts::set_password(UserId id, std::string_view password_hash) {
  return writer_.transaction([&](Db& db) {
    if (!find_user(db, id)) return no_such_account();
    db.cached("UPDATE user SET password_hash=? WHERE id=?").with(password_hash, id).run();
    delete_sessions(db, id);
    return Status::ok();
  });
}

Status SqliteAccounts::set_user_enabled(UserId id, bool enabled) {
  return writer_.transaction([&](Db& db) {
    const std::optional<User> user = find_user(db, id);
    if (!user) return no_such_account();
    if (!enabled) RETURN_IF_ERROR(check_not_last(db, *user));
    db.cached("UPDATE user SET enabled=? WHERE id=?").with(enabled, id).run();
    if (!enabled) delete_sessions(db, id);
    return Status::ok();
  });
}

// --- sessions
// ----------------------------------------------------------------------------------------------------

Status SqliteAccounts::add_session(std::string_view token_hash, const Credentials& who, Time now,
                                   Time expires) {
  if (token_hash.size() != kHashBytes) return {Code::kInvalid, "a session is kept by a SHA-256"};
  const UserId id = who.user.id;
  return writer_.transaction([&](Db& db) {
    if (!find_user(db, id)) return no_such_account();
    const bool as_checked =
        db.cached("SELECT 1 FROM user WHERE id=? AND enabled=1 AND password_hash=?")
            .with(id, std::string_view(who.password_hash))
            .one_int()
            .has_value();
    if (!as_checked) return Status{Code::kDenied, "the account was changed meanwhile"};
    db.cached("INSERT INTO session(token_hash, user_id, created_at, expires_at) VALUES(?,?,?,?)")
        .with(as_bytes(token_hash), id, now, expires)
        .run();
    return Status::ok();
  });
}

Result<User> SqliteAccounts::session(std::string_view token_hash, Time now) {
  return readers_.read([&](Db& db) -> Result<User> {
    Statement& row = db.cached(
        "SELECT u.id, u.email, u.name, u.role, u.created_at, u.enabled FROM session s"
        " JOIN user u ON u.id=s.user_id WHERE s.token_hash=? AND s.expires_at>?");
    if (!row.with(as_bytes(token_hash), now).next()) {
      return Status{Code::kNotFound, "no such session"};
    }
    return read_user(row);
  });
}

Status SqliteAccounts::prolong_session(std::string_view token_hash, Time expires) {
  return writer_.transaction([&](Db& db) {
    db.cached("UPDATE session SET expires_at=? WHERE token_hash=?")
        .with(expires, as_bytes(token_hash))
        .run();
    if (!db.failed() && db.changes() == 0) return Status{Code::kNotFound, "no such session"};
    return Status::ok();
  });
}

Status SqliteAccounts::end_session(std::string_view token_hash) {
  return writer_.transaction([&](Db& db) {
    db.cached("DELETE FROM session WHERE token_hash=?").with(as_bytes(token_hash)).run();
    return Status::ok();
  });
}

Status SqliteAccounts::end_sessions(UserId user) {
  return writer_.transaction([&](Db& db) {
    if (!find_user(db, user)) return no_such_account();
    delete_sessions(db, user);
    return Status::ok();
  });
}

Status SqliteAccounts::drop_expired_sessions(Time now) {
  return writer_.transaction([&](Db& db) {
    db.cached("DELETE FROM session WHERE expires_at<=?").with(now).run();
    return Status::ok();
  });
}

// --- secrets
// -----------------------------------------------------------------------------------------------------

Result<std::string> SqliteAccounts::secret(std::string_view name) {
  std::string row_name = secret_name(name);
  auto kept = readers_.read([&](Db& db) { return read_secret(db, row_name); });
  if (!kept || !kept->empty()) return kept;
  Result<std::string> made = std::string();
  std::string hex = new_secret();
  RETURN_IF_ERROR(writer_.transaction([&](Db& db) {
    db.cached("INSERT INTO meta(name, value) VALUES(?,?) ON CONFLICT DO NOTHING")
        .with(std::string_view(row_name), std::string_view(hex))
        .run();
    made = read_secret(db, row_name);  // somebody else's, if that was first
    return made.status();
  }));
  return made;
}

Status SqliteAccounts::rotate_secret(std::string_view name) {
  std::string row_name = secret_name(name), hex = new_secret();
  return writer_.transaction([&](Db& db) {
    db.cached("INSERT OR REPLACE INTO meta(name, value) VALUES(?,?)")
        .with(std::string_view(row_name), std::string_view(hex))
        .run();
    return Status::ok();
  });
}

}  // namespace flawless::store::sqlite
