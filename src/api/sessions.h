// Sessions: people who have signed in, known by a cookie.
//
// The cookie holds 256 random bits; the store keeps their SHA-256, so that who reads the database
// cannot sign in. A session lasts 30 days from its last use (noted once a day).
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/attempts.h"
#include "base/locked.h"
#include "base/result.h"
#include "base/time.h"
#include "store/accounts.h"

namespace flawless::api {

// Thread-safe. Whatever takes Accounts may wait for the disk: not for I/O threads. What was found
// is remembered for a minute, so that a request costs no look into the database; sign-out, expiry
// and what forget() is told of hold at once.
class Sessions {
 public:
  explicit Sessions(const Clock& clock) : clock_(clock), attempts_(clock) {}

  struct SignedIn {
    // kDenied: no such address and password, or the account is disabled; kExhausted: too many
    // attempts, see retry_after.
    Status status;
    std::chrono::seconds retry_after{0};
    store::User user;
    std::string token;  // for the cookie
  };
  // Takes the same time whether the address is unknown, the account disabled or the password wrong.
  // Hashes one password at a time, since each takes 19 MiB.
  [[nodiscard]] SignedIn sign_in(store::Accounts& accounts, std::string_view email,
                                 std::string_view password, std::string_view peer);
  // A session for who has this password, or whose account was just made with it. The token.
  // kDenied: the account was changed meanwhile.
  [[nodiscard]] Result<std::string> open(store::Accounts& accounts,
                                         const store::Accounts::Credentials& who);

  struct Found {
    store::User user;
    bool renewed = false;  // send the cookie again: its 30 days began anew
  };
  // kNotFound: unknown, ended or expired.
  [[nodiscard]] Result<Found> find(store::Accounts& accounts, std::string_view token);
  // find() that does not count as use.
  [[nodiscard]] Result<store::User> look(store::Accounts& accounts, std::string_view token);
  // Signs out. An unknown one is ended already.
  [[nodiscard]] Status end(store::Accounts& accounts, std::string_view token);
  // Signs the user out everywhere.
  [[nodiscard]] Status end_all(store::Accounts& accounts, UserId user);
  // The store knows something new of this account: its role, or that its sessions have ended. Holds
  // for every request that begins after it returns.
  void forget(UserId user);

  // hash_password(), at its turn.
  [[nodiscard]] Result<std::string> hash(std::string_view password);

  static constexpr std::chrono::hours kLife{24 * 30};
  static constexpr std::chrono::seconds kRemembered{60};
  static constexpr std::chrono::hours kRenewEvery{24};
  static constexpr size_t kMostRemembered = 2'000;

 private:
  struct Entry {
    store::User user;
    Time expires, check_again;
    Time renew_at;
  };
  using Entries = std::unordered_map<std::string, Entry>;  // by SHA-256 of the token

  [[nodiscard]] bool remembered(const std::string& hash, Time now, bool use, store::User& user);
  Result<Found> fetch(store::Accounts& accounts, const std::string& hash, Time now, bool use);
  Status ended(const std::string& hash);
  void remember(const std::string& hash, const Entry& entry);

  const Clock& clock_;
  Attempts attempts_;
  Locked<Entries> entries_;
  // Held while sessions are written, also across the database: what was read there must not be
  // remembered after it was changed and forgotten.
  std::mutex writing_;
  std::mutex hashing_;
};

// "Set-Cookie" values. `secure`: browsers send it by https only.
[[nodiscard]] std::string session_cookie(std::string_view token, bool secure);
[[nodiscard]] std::string ended_session_cookie(bool secure);
// The token in a "Cookie" header; empty if there is none.
[[nodiscard]] std::string session_token(std::string_view cookie_header);

}  // namespace flawless::api
