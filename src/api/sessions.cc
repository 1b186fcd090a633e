#include "api/sessions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/secrets.h"
#include "base/log.h"

namespace flawless::api {
namespace {

constexpr std::string_view kCookie = "flawless_session";
constexpr size_t kTokenCharacters = 43;

Status unknown_session() { return {Code::kNotFound, "the session has ended; sign in again"}; }

Status wrong_password() {
  return {Code::kDenied, "There is no account with this address and password."};
}

std::string cookie(std::string_view value, int64_t seconds, bool secure) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}", kCookie, value, seconds,
                     secure ? "; Secure" : "");
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

Result<std::string> Sessions::hash(std::string_view password) {
  std::lock_guard turn(hashing_);
  return hash_password(password);
}

Sessions::SignedIn Sessions::sign_in(store::Accounts& accounts, std::string_view email,
                                     std::string_view password, std::string_view peer) {
  SignedIn result;
  if (auto wait = attempts_.begin(email, peer)) {
    result.status = {Code::kExhausted, "Too many failed attempts; try again in some minutes."};
    result.retry_after = *wait;
    return result;
  }
  auto known = accounts.credentials(email);
  if (!known && known.code() != Code::kNotFound) {
    result.status = known.status();
    return result;
  }
  bool matches = false;
  {
    std::lock_guard turn(hashing_);
    const bool may = known && known->user.enabled;
    matches = password_matches(may ? known->password_hash : std::string(), password);
  }
  if (!matches) {
    result.status = wrong_password();
    return result;
  }
  auto token = open(accounts, *known);
  result.status = token.code() == Code::kDenied ? wrong_password() : token.status();
  if (!token) return result;
  attempts_.succeeded(email, peer);
  result.user = known->user;
  result.token = std::move(token).value();
  return result;
}

Result<std::string> Sessions::open(store::Accounts& accounts,
                                   const store::Accounts::Credentials& who) {
  const Time now = clock_.now();
  std::string token = random_token();
  const std::string hash = sha256(token);
  std::lock_guard writing(writing_);
  Status dropped = accounts.drop_expired_sessions(now);
  if (!dropped) log_warning("api", "old sessions cannot be removed: {}", dropped.message());
  RETURN_IF_ERROR(accounts.add_session(hash, who, now, now + kLife));
  remember(hash, {who.user, now + kLife, now + kRemembered, now + kRenewEvery});
  return token;
}

bool Sessions::remembered(const std::string& hash, Time now, bool use, store::User& user) {
  auto entries = entries_.lock();
  const auto found = entries->find(hash);
  if (found == entries->end()) return false;
  const Entry& entry = found->second;
  if (now >= entry.expires || now >= entry.check_again) return false;
  if (use && now >= entry.renew_at) return false;
  user = entry.user;
  return true;
}

Result<Sessions::Found> Sessions::find(store::Accounts& accounts, std::string_view token) {
  const std::string hash = sha256(token);
  const Time now = clock_.now();
  Found found;
  if (remembered(hash, now, true, found.user)) return found;
  return fetch(accounts, hash, now, true);
}

Result<store::User> Sessions::look(store::Accounts& accounts, std::string_view token) {
  const std::string hash = sha256(token);
  const Time now = clock_.now();
  store::User user;
  if (remembered(hash, now, false, user)) return user;
  ASSIGN_OR_RETURN(Found found, fetch(accounts, hash, now, false));
  return found.user;
}

// From the database, and renewed when a day has passed or nobody here knows when that was.
Result<Sessions::Found> Sessions::fetch(store::Accounts& accounts, const std::string& hash,
                                        Time now, bool use) {
  std::lock_guard writing(writing_);
  auto user = accounts.session(hash, now);
  if (user.code() == Code::kNotFound) return ended(hash);
  if (!user) {
    entries_.lock()->erase(hash);
    return user.status();
  }
  Entry entry{*user, now + kRemembered, now + kRemembered, now};
  {
    auto entries = entries_.lock();
    if (const auto known = entries->find(hash); known != entries->end()) {
      entry.expires = known->second.expires;
      entry.renew_at = known->second.renew_at;
    }
  }
  bool renewed = false;
  if (use && now >= entry.renew_at) {
    const Status prolonged = accounts.prolong_session(hash, now + kLife);
    if (prolonged.code() == Code::kNotFound) return ended(hash);  // since it was read
    renewed = prolonged.is_ok();
    if (!renewed) log_warning("api", "a session cannot be prolonged: {}", prolonged.message());
  }
  if (renewed) {
    entry.expires = now + kLife;
    entry.renew_at = now + kRenewEvery;
  }
  if (!renewed && entry.expires <= now)
    entry.expires = now + kRemembered;  // the store knows better
  remember(hash, entry);
  return Found{std::move(user).value(), renewed};
}

Status Sessions::ended(const std::string& hash) {
  entries_.lock()->erase(hash);
  return unknown_session();
}

void Sessions::remember(const std::string& hash, const Entry& entry) {
  auto entries = entries_.lock();
  if (entries->size() >= kMostRemembered && entries->count(hash) == 0) {
    entries->erase(std::min_element(
        entries->begin(), entries->end(),
        [](const auto& a, const auto& b) { return a.second.check_again < b.second.check_again; }));
  }
  entries->insert_or_assign(hash, entry);
}

Status Sessions::end(store::Accounts& accounts, std::string_view token) {
  const std::string hash = sha256(token);
  std::lock_guard writing(writing_);
  entries_.lock()->erase(hash);
  Status ended = accounts.end_session(hash);
  return ended.code() == Code::kNotFound ? Status::ok() : ended;
}

Status Sessions::end_all(store::Accounts& accounts, UserId user) {
  RETURN_IF_ERROR(accounts.end_sessions(user));
  forget(user);
  return Status::ok();
}

void Sessions::forget(UserId user) {
  std::lock_guard writing(writing_);
  std::erase_if(*entries_.lock(), [&](const auto& entry) { return entry.second.user.id == user; });
}

std::string session_cookie(std::string_view token, bool secure) {
  return cookie(token, std::chrono::seconds(Sessions::kLife).count(), secure);
}

std::string ended_session_cookie(bool secure) { return cookie({}, 0, secure); }

std::string session_token(std::string_view cookie_header) {
  while (!cookie_header.empty()) {
    const std::string_view pair = trim(cookie_header.substr(0, cookie_header.find(';')));
    cookie_header.remove_prefix(std::min(
        cookie_header.size(), std::min(cookie_header.find(';'), cookie_header.size()) + 1));
    const size_t equals = pair.find('=');
    if (pair.substr(0, equals) != kCookie || equals == std::string_view::npos) continue;
    const std::string_view value = pair.substr(equals + 1);
    const bool plausible = value.size() == kTokenCharacters &&
                           std::all_of(value.begin(), value.end(), is_token_character);
    if (plausible) return std::string(value);
  }
  return {};
}

}  // namespace flawless::api
