// Accounts, sessions and secrets in SQLite.
#pragma once

#include "store/accounts.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/writer.h"

namespace flawless::store::sqlite {

// Any thread.
class SqliteAccounts final : public Accounts {
 public:
  SqliteAccounts(Writer& writer, ReaderPool& readers) : writer_(writer), readers_(readers) {}

  Result<std::vector<User>> users() override;
  Result<Credentials> credentials(std::string_view email) override;
  Result<User> create_first_user(std::string_view email, std::string_view name,
                                 std::string_view password_hash, Time now) override;
  Status set_role(UserId user, std::string_view role) override;
  Status set_password(UserId user, std::string_view password_hash) override;
  Status set_user_enabled(UserId user, bool enabled) override;
  Status add_session(std::string_view token_hash, const Credentials& who, Time now,
                     Time expires) override;
  Result<User> session(std::string_view token_hash, Time now) override;
  Status prolong_session(std::string_view token_hash, Time expires) override;
  Status end_session(std::string_view token_hash) override;
  Status end_sessions(UserId user) override;
  Status drop_expired_sessions(Time now) override;
  Result<std::string> secret(std::string_view name) override;
  Status rotate_secret(std::string_view name) override;

 private:
  Writer& writer_;
  ReaderPool& readers_;
};

}  // namespace flawless::store::sqlite
