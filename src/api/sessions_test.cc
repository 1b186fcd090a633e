#include "api/sessions.h"

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <utility>

#include "api/secrets.h"
#include "api/test_support.h"

namespace flawless::api {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr char kEmail[] = "ada@shop.example";
constexpr char kPassword[] = "correct horse battery";

// One account, sessions in memory, and how often it was asked.
class FakeAccounts final : public store::Accounts {
 public:
  struct Row {
    Time expires;
  };
  store::User user{{7}, kEmail, "Ada", "admin", {}};
  std::string hash = must_hash();
  std::map<std::string, Row, std::less<>> rows;
  int looks = 0, writes = 0;
  bool gone = false, read_only = false;
  bool changed_meanwhile = false;         // between a look at the password and the session
  std::function<void()> after_look = {};  // once, after a session was read

  Result<std::vector<store::User>> users() override { return std::vector{user}; }
  Result<Credentials> credentials(std::string_view email) override {
    if (email != kEmail) return Status(Code::kNotFound, "no such account");
    return Credentials{user, hash};
  }
  Result<store::User> create_first_user(std::string_view, std::string_view, std::string_view,
                                        Time) override {
    return Status(Code::kConflict, "there is one");
  }
  Status set_role(UserId, std::string_view) override { return Status::ok(); }
  Status set_password(UserId, std::string_view) override { return end_sessions(user.id); }
  Status set_user_enabled(UserId, bool enabled) override {
    user.enabled = enabled;
    return end_sessions(user.id);
  }
  Status add_session(std::string_view token_hash, const Credentials&, Time, Time expires) override {
    if (read_only) return {Code::kUnavailable, "the disk is full"};
    if (changed_meanwhile) return {Code::kDenied, "changed"};
    ++writes;
    FLAWLESS_CHECK(rows.emplace(std::string(token_hash), Row{expires}).second);
    return Status::ok();
  }
  Result<store::User> session(std::string_view token_hash, Time now) override {
    ++looks;
    const auto found = rows.find(token_hash);
    if (found == rows.end() || found->second.expires <= now || gone) {
      return Status(Code::kNotFound, "no such session");
    }
    const store::User found_user = user;
    if (after_look) std::exchange(after_look, {})();
    return found_user;
  }
  Status prolong_session(std::string_view token_hash, Time expires) override {
    if (read_only) return {Code::kUnavailable, "the disk is full"};
    const auto found = rows.find(token_hash);
    if (found == rows.end()) return {Code::kNotFound, "no such session"};
    ++writes;
    found->second.expires = expires;
    return Status::ok();
  }
  Status end_session(std::string_view token_hash) override {
    if (read_only) return {Code::kUnavailable, "the disk is full"};
    if (const auto found = rows.find(token_hash); found != rows.end()) rows.erase(found);
    return Status::ok();
  }
  Status end_sessions(UserId) override {
    rows.clear();
    return Status::ok();
  }
  Status drop_expired_sessions(Time now) override {
    std::erase_if(rows, [&](const auto& row) { return row.second.expires <= now; });
    return Status::ok();
  }
  Result<std::string> secret(std::string_view) override { return std::string(); }
  Status rotate_secret(std::string_view) override { return Status::ok(); }

 private:
  static std::string must_hash() {
    auto made = hash_password(kPassword);
    FLAWLESS_CHECK(made.is_ok());
    return std::move(made).value();
  }
};

class SessionsTest : public testing::Test {
 protected:
  std::string sign_in() {
    auto done = sessions_.sign_in(accounts_, kEmail, kPassword, "192.0.2.1");
    FLAWLESS_CHECK(done.status.is_ok());
    return done.token;
  }
  bool is_known(const std::string& token) { return sessions_.find(accounts_, token).is_ok(); }

  ManualClock clock_{from_unix_ms(1'763'800'000'000)};
  FakeAccounts accounts_;
  Sessions sessions_{clock_};
};

TEST_F(SessionsTest, TheStoreKnowsOnlyTheHash) {
  const std::string token = sign_in();
  ASSERT_EQ(accounts_.rows.size(), 1u);
  EXPECT_EQ(accounts_.rows.begin()->first, sha256(token));
  EXPECT_EQ(accounts_.rows.begin()->second.expires, clock_.now() + hours(24 * 30));
}

TEST_F(SessionsTest, WrongPasswordAndUnknownAddressLookAlike) {
  auto wrong = sessions_.sign_in(accounts_, kEmail, "correct horse batterz", "p");
  auto unknown = sessions_.sign_in(accounts_, "eve@shop.example", kPassword, "p");
  EXPECT_EQ(wrong.status.code(), Code::kDenied);
  EXPECT_EQ(unknown.status.code(), Code::kDenied);
  EXPECT_EQ(wrong.status.message(), unknown.status.message());
  EXPECT_TRUE(accounts_.rows.empty());
}

TEST_F(SessionsTest, AnAccountWithoutPasswordHasNone) {
  accounts_.hash.clear();
  EXPECT_EQ(sessions_.sign_in(accounts_, kEmail, "", "p").status.code(), Code::kDenied);
}

TEST_F(SessionsTest, ADisabledAccountLooksLikeAWrongPassword) {
  auto wrong = sessions_.sign_in(accounts_, kEmail, "correct horse batterz", "p");
  accounts_.user.enabled = false;
  auto disabled = sessions_.sign_in(accounts_, kEmail, kPassword, "p");
  EXPECT_EQ(disabled.status.code(), Code::kDenied);
  EXPECT_EQ(disabled.status.message(), wrong.status.message());
  accounts_.user.enabled = true;
  accounts_.changed_meanwhile = true;
  auto late = sessions_.sign_in(accounts_, kEmail, kPassword, "p");
  EXPECT_EQ(late.status.message(), wrong.status.message());
  EXPECT_EQ(late.token, "");
  EXPECT_TRUE(accounts_.rows.empty());
}

TEST_F(SessionsTest, TheEleventhFailureMustWaitEvenWithTheRightPassword) {
  for (int i = 0; i < 10; ++i) (void)sessions_.sign_in(accounts_, kEmail, "wrong", "p");
  auto refused = sessions_.sign_in(accounts_, kEmail, kPassword, "p");
  EXPECT_EQ(refused.status.code(), Code::kExhausted);
  EXPECT_EQ(refused.retry_after, seconds(600));
  clock_.advance(minutes(10));
  EXPECT_TRUE(sessions_.sign_in(accounts_, kEmail, kPassword, "p").status.is_ok());
}

TEST_F(SessionsTest, ARequestDoesNotAskTheStore) {
  const std::string token = sign_in();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(is_known(token));
  EXPECT_EQ(accounts_.looks, 0);
}

TEST_F(SessionsTest, SigningOutHoldsAtOnce) {
  const std::string token = sign_in();
  const std::string other = sign_in();
  ASSERT_TRUE(sessions_.end(accounts_, token).is_ok());
  EXPECT_FALSE(is_known(token));
  EXPECT_TRUE(is_known(other));
  EXPECT_TRUE(sessions_.end(accounts_, token).is_ok());
}

TEST_F(SessionsTest, SigningOutEverywhereHoldsAtOnce) {
  const std::string token = sign_in();
  const std::string other = sign_in();
  ASSERT_TRUE(sessions_.end_all(accounts_, accounts_.user.id).is_ok());
  EXPECT_FALSE(is_known(token));
  EXPECT_FALSE(is_known(other));
  EXPECT_TRUE(is_known(sign_in()));
}

TEST_F(SessionsTest, WhatAnAccountHasBecomeHoldsOnceItIsForgotten) {
  const std::string token = sign_in();
  accounts_.user.role = "member";
  sessions_.forget({8});
  EXPECT_EQ(sessions_.find(accounts_, token)->user.role, "admin") << "it was somebody else";
  sessions_.forget(accounts_.user.id);
  EXPECT_EQ(sessions_.find(accounts_, token)->user.role, "member");
}

// Disabled by a command while a request is on its way.
TEST_F(SessionsTest, ASessionThatEndsWhileItIsRenewedStaysEnded) {
  const std::string token = sign_in();
  clock_.advance(hours(25));
  accounts_.after_look = [this] { accounts_.rows.clear(); };
  EXPECT_FALSE(is_known(token));
  EXPECT_FALSE(is_known(token));
  EXPECT_TRUE(accounts_.rows.empty());
}

TEST_F(SessionsTest, ARemovedAccountIsNoticedWithinAMinute) {
  const std::string token = sign_in();
  accounts_.gone = true;
  clock_.advance(seconds(60));
  EXPECT_FALSE(is_known(token));
}

TEST_F(SessionsTest, ExpiryHoldsAtOnce) {
  const std::string token = sign_in();
  clock_.advance(hours(24 * 30) - seconds(1));
  EXPECT_TRUE(sessions_.look(accounts_, token).is_ok());
  clock_.advance(seconds(1));
  EXPECT_FALSE(sessions_.look(accounts_, token).is_ok());
  EXPECT_FALSE(is_known(token));
}

TEST_F(SessionsTest, UseProlongsItOnceADay) {
  const std::string token = sign_in();
  clock_.advance(hours(23));
  EXPECT_FALSE(sessions_.find(accounts_, token)->renewed);
  clock_.advance(hours(1));
  EXPECT_TRUE(sessions_.find(accounts_, token)->renewed);
  EXPECT_FALSE(sessions_.find(accounts_, token)->renewed);
  EXPECT_EQ(accounts_.rows.at(sha256(token)).expires, clock_.now() + hours(24 * 30));
  clock_.advance(hours(24 * 29));
  EXPECT_TRUE(is_known(token));
}

TEST_F(SessionsTest, LookingDoesNotProlongIt) {
  const std::string token = sign_in();
  clock_.advance(hours(24 * 20));
  EXPECT_TRUE(sessions_.look(accounts_, token).is_ok());
  EXPECT_EQ(accounts_.writes, 1);
}

TEST_F(SessionsTest, OutlivesARestart) {
  const std::string token = sign_in();
  clock_.advance(hours(24 * 29));
  Sessions after(clock_);
  auto found = after.find(accounts_, token);
  ASSERT_TRUE(found.is_ok());
  EXPECT_EQ(found->user.email, kEmail);
  EXPECT_TRUE(found->renewed);
  clock_.advance(hours(24 * 2));
  EXPECT_TRUE(after.find(accounts_, token).is_ok());
}

TEST_F(SessionsTest, AFullDiskSignsNobodyOut) {
  const std::string token = sign_in();
  accounts_.read_only = true;
  clock_.advance(hours(25));
  auto found = sessions_.find(accounts_, token);
  ASSERT_TRUE(found.is_ok());
  EXPECT_FALSE(found->renewed);
}

TEST_F(SessionsTest, WhatIsRememberedIsBounded) {
  const std::string first = sign_in();
  for (size_t i = 0; i < Sessions::kMostRemembered; ++i) {
    ASSERT_TRUE(sessions_.open(accounts_, {accounts_.user, accounts_.hash}).is_ok());
  }
  const int before = accounts_.looks;
  EXPECT_TRUE(is_known(first));
  EXPECT_LE(accounts_.looks, before + 1);
}

TEST(SessionCookie, IsForThisSiteAndNotForScripts) {
  const std::string cookie = session_cookie("T", true);
  EXPECT_EQ(cookie, "flawless_session=T; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure");
  EXPECT_THAT(session_cookie("T", false), Not(HasSubstr("Secure")));
  EXPECT_THAT(ended_session_cookie(false), HasSubstr("flawless_session=; Path=/; Max-Age=0;"));
}

TEST(SessionCookie, IsFoundAmongOthers) {
  const std::string token(43, 'x');
  EXPECT_EQ(session_token("flawless_session=" + token), token);
  EXPECT_EQ(session_token("a=b; flawless_session=" + token + "; c"), token);
  EXPECT_EQ(session_token("flawless_session=old; flawless_session=" + token), token);
  for (const std::string& none :
       {std::string(), std::string("a=b"), "not_flawless_session=" + token,
        "flawless_session=" + token + "x", "flawless_session=" + std::string(42, 'x') + "'",
        std::string(";;;=;")}) {
    EXPECT_EQ(session_token(none), "") << none;
  }
}

}  // namespace
}  // namespace flawless::api
