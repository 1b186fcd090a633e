#include "store/sqlite/sqlite_accounts.h"

#include <fmt/format.h>

#include <array>

#include "store/sqlite/admin.h"

namespace flawless::store::sqlite {
namespace {

constexpr size_t kHashBytes = 32, kSecretBytes = 32;

User read_user(const Statement& row) {
  return {{row.integer(0)}, row.string(1), row.string(2), row.string(3), row.time(4)};
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
    Statement& rows = db.cached("SELECT id, email, name, role, created_at FROM user ORDER BY id");
    for (rows.with(); rows.next();) users.push_back(read_user(rows));
    return users;
  });
}

Result<Accounts::Credentials> SqliteAccounts::credentials(std::string_view email) {
  std::string address = lower_case(email);
  return readers_.read([&](Db& db) -> Result<Credentials> {
    Statement& row = db.cached(
        "SELECT id, email, name, role, created_at, password_hash FROM user WHERE email=?");
    if (!row.with(std::string_view(address)).next()) {
      return Status{Code::kNotFound, "no such account"};
    }
    return Credentials{read_user(row), row.string(5)};
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

// --- sessions
// ----------------------------------------------------------------------------------------------------

Status SqliteAccounts::add_session(std::string_view token_hash, UserId user, Time now,
                                   Time expires) {
  if (token_hash.size() != kHashBytes) return {Code::kInvalid, "a session is kept by a SHA-256"};
  return writer_.transaction([&](Db& db) {
    if (!db.cached("SELECT 1 FROM user WHERE id=?").with(user).one_int()) {
      return Status{Code::kNotFound, "no such account"};
    }
    db.cached("INSERT INTO session(token_hash, user_id, created_at, expires_at) VALUES(?,?,?,?)")
        .with(as_bytes(token_hash), user, now, expires)
        .run();
    return Status::ok();
  });
}

Result<User> SqliteAccounts::session(std::string_view token_hash, Time now) {
  return readers_.read([&](Db& db) -> Result<User> {
    Statement& row = db.cached(
        "SELECT u.id, u.email, u.name, u.role, u.created_at FROM session s"
        " JOIN user u ON u.id=s.user_id WHERE s.token_hash=? AND s.expires_at>?");
    if (!row.with(as_bytes(token_hash), now).next()) {
      return Status{Code::kNotFound, "no such session"};
    }
    return read_user(row);
  });
}

Status SqliteAccounts::end_session(std::string_view token_hash) {
  return writer_.transaction([&](Db& db) {
    db.cached("DELETE FROM session WHERE token_hash=?").with(as_bytes(token_hash)).run();
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
