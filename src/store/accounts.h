// People who sign in, their sessions, and the program's own secrets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "store/types.h"

namespace flawless::store {

// The secret that signs the links in mails.
inline constexpr std::string_view kLinkSecret = "links";

class Accounts {
 public:
  virtual ~Accounts() = default;

  [[nodiscard]] virtual Result<std::vector<User>> users() = 0;
  struct Credentials {
    User user;
    std::string password_hash;  // empty: cannot sign in with a password
  };
  // By address, letter case aside; of disabled accounts too. kNotFound.
  [[nodiscard]] virtual Result<Credentials> credentials(std::string_view email) = 0;
  // create_user() of an admin, only while there is no user: kConflict when there is one.
  [[nodiscard]] virtual Result<User> create_first_user(std::string_view email,
                                                       std::string_view name,
                                                       std::string_view password_hash,
                                                       Time now) = 0;

  // Each durable, together with the end of the sessions that it ends. kNotFound: no such account;
  // kConflict: one enabled administrator must stay, and this is the last.
  [[nodiscard]] virtual Status set_role(UserId user, std::string_view role) = 0;
  // Ends the account's sessions.
  [[nodiscard]] virtual Status set_password(UserId user, std::string_view password_hash) = 0;
  // Disabling ends the account's sessions.
  [[nodiscard]] virtual Status set_user_enabled(UserId user, bool enabled) = 0;

  // Sessions are kept by the SHA-256 of their token (32 bytes). `who` as they were when the password
  // was checked. kNotFound: no such account; kDenied: disabled, or with another password by now.
  [[nodiscard]] virtual Status add_session(std::string_view token_hash, const Credentials& who,
                                           Time now, Time expires) = 0;
  // kNotFound: unknown or expired.
  [[nodiscard]] virtual Result<User> session(std::string_view token_hash, Time now) = 0;
  // kNotFound: unknown; one that was ended does not come back.
  [[nodiscard]] virtual Status prolong_session(std::string_view token_hash, Time expires) = 0;
  [[nodiscard]] virtual Status end_session(std::string_view token_hash) = 0;
  // All of this account. kNotFound: no such account.
  [[nodiscard]] virtual Status end_sessions(UserId user) = 0;
  [[nodiscard]] virtual Status drop_expired_sessions(Time now) = 0;

  // 32 random bytes kept under this name, made when first asked for.
  [[nodiscard]] virtual Result<std::string> secret(std::string_view name) = 0;
  // Replaces it: whatever was signed with it is void.
  [[nodiscard]] virtual Status rotate_secret(std::string_view name) = 0;
};

}  // namespace flawless::store
