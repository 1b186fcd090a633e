// Contract of accounts: who signs in, for how long, and secrets.
#include <thread>

#include "store/store_contract.h"

namespace flawless::store {

using std::chrono::hours;
using testing::IsEmpty;

class AccountsContract : public StoreContract {
 protected:
  Accounts& accounts() { return store_->accounts(); }
  UserId ann() {
    auto made = store_->create_user("Ann@Shop.example", "Ann", "admin", "$argon2id$x", now_);
    EXPECT_TRUE(made) << made.message();
    return made ? made->id : UserId{};
  }
  UserId make(const std::string& email, const std::string& role) {
    auto made = store_->create_user(email, "", role, "$argon2id$x", now_);
    EXPECT_TRUE(made) << made.message();
    return made ? made->id : UserId{};
  }
  Accounts::Credentials of(const std::string& email) {
    auto found = accounts().credentials(email);
    EXPECT_TRUE(found) << found.message();
    return found.value_or({});
  }
  // A session of that account, kept under this hash.
  void sign_in(const std::string& email, char c) {
    EXPECT_TRUE(accounts().add_session(hash(c), of(email), now_, now_ + hours(1)));
  }
  bool is_signed_in(char c) { return accounts().session(hash(c), now_).is_ok(); }
  static std::string hash(char c) { return std::string(32, c); }
};

TEST_P(AccountsContract, AnAccountIsFoundByItsAddress) {
  EXPECT_THAT(*accounts().users(), IsEmpty());
  UserId id = ann();
  reopen();
  auto found = accounts().credentials("ANN@shop.EXAMPLE");
  ASSERT_TRUE(found) << found.message();
  EXPECT_EQ(found->user.id, id);
  EXPECT_EQ(found->user.email, "ann@shop.example");
  EXPECT_EQ(found->user.role, "admin");
  EXPECT_EQ(found->password_hash, "$argon2id$x");
  EXPECT_EQ(accounts().credentials("bob@shop.example").code(), Code::kNotFound);
  EXPECT_EQ(accounts().users()->size(), 1u);
}

TEST_P(AccountsContract, OnlyOneIsTheFirstUser) {
  EXPECT_EQ(accounts().create_first_user("nobody", "N", "h", now_).code(), Code::kInvalid);
  std::atomic<int> made{0}, refused{0};
  std::vector<std::thread> rivals;
  for (int i = 0; i < 8; ++i) {
    rivals.emplace_back([&, i] {
      auto user = accounts().create_first_user("u" + std::to_string(i) + "@x", "U", "h", now_);
      if (user) ++made;
      if (user.code() == Code::kConflict) ++refused;
    });
  }
  for (std::thread& rival : rivals) rival.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(refused, 7);
  auto users = accounts().users();
  ASSERT_EQ(users->size(), 1u);
  EXPECT_EQ((*users)[0].role, "admin");
  EXPECT_EQ(accounts().credentials((*users)[0].email)->password_hash, "h");
}

TEST_P(AccountsContract, ASessionEndsWhenItsTimeIsOver) {
  ann();
  const Accounts::Credentials who = of("ann@shop.example");
  ASSERT_TRUE(accounts().add_session(hash('a'), who, now_, now_ + hours(1)));
  ASSERT_TRUE(accounts().add_session(hash('b'), who, now_, now_ + hours(9)));
  reopen();
  auto user = accounts().session(hash('a'), now_);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->email, "ann@shop.example");
  EXPECT_EQ(accounts().session(hash('c'), now_).code(), Code::kNotFound);
  EXPECT_EQ(accounts().session(hash('a'), now_ + hours(1)).code(), Code::kNotFound);
  ASSERT_TRUE(accounts().drop_expired_sessions(now_ + hours(1)));
  EXPECT_EQ(accounts().session(hash('a'), now_).code(), Code::kNotFound) << "dropped";
  ASSERT_TRUE(accounts().session(hash('b'), now_));
  ASSERT_TRUE(accounts().end_session(hash('b')));
  EXPECT_EQ(accounts().session(hash('b'), now_).code(), Code::kNotFound);
  EXPECT_TRUE(accounts().end_session(hash('b')));
  EXPECT_EQ(accounts().add_session("the token itself", who, now_, now_).code(), Code::kInvalid);
  Accounts::Credentials nobody = who;
  nobody.user.id = {99};
  EXPECT_EQ(accounts().add_session(hash('d'), nobody, now_, now_).code(), Code::kNotFound);
}

TEST_P(AccountsContract, AProlongedSessionLastsLongerAndAnEndedOneStaysEnded) {
  ann();
  sign_in("ann@shop.example", 'a');
  ASSERT_TRUE(accounts().prolong_session(hash('a'), now_ + hours(5)));
  EXPECT_TRUE(accounts().session(hash('a'), now_ + hours(4)));
  ASSERT_TRUE(accounts().end_session(hash('a')));
  EXPECT_EQ(accounts().prolong_session(hash('a'), now_ + hours(9)).code(), Code::kNotFound);
  EXPECT_FALSE(is_signed_in('a'));
}

TEST_P(AccountsContract, EndingAllSessionsEndsThoseOfOneAccount) {
  const UserId ann = this->ann();
  make("bob@shop.example", "member");
  sign_in("ann@shop.example", 'a');
  sign_in("ann@shop.example", 'b');
  sign_in("bob@shop.example", 'c');
  ASSERT_TRUE(accounts().end_sessions(ann));
  reopen();
  EXPECT_FALSE(is_signed_in('a') || is_signed_in('b'));
  EXPECT_TRUE(is_signed_in('c'));
  EXPECT_TRUE(accounts().end_sessions(ann)) << "none is left";
  EXPECT_EQ(accounts().end_sessions({99}).code(), Code::kNotFound);
}

TEST_P(AccountsContract, ADisabledAccountHasNoSessionsUntilItIsEnabled) {
  ann();
  const UserId bob = make("bob@shop.example", "member");
  sign_in("ann@shop.example", 'a');
  sign_in("bob@shop.example", 'b');
  const Accounts::Credentials checked = of("bob@shop.example");
  ASSERT_TRUE(accounts().set_user_enabled(bob, false));
  reopen();
  EXPECT_FALSE(is_signed_in('b'));
  EXPECT_TRUE(is_signed_in('a'));
  EXPECT_FALSE(of("bob@shop.example").user.enabled);
  EXPECT_EQ(accounts().add_session(hash('c'), checked, now_, now_ + hours(1)).code(),
            Code::kDenied)
      << "his password was checked just before";
  ASSERT_TRUE(accounts().set_user_enabled(bob, true));
  EXPECT_TRUE((*accounts().users())[1].enabled);
  EXPECT_FALSE(is_signed_in('b'));
  sign_in("bob@shop.example", 'd');
  EXPECT_EQ(accounts().set_user_enabled({99}, true).code(), Code::kNotFound);
}

TEST_P(AccountsContract, AnotherPasswordEndsTheSessionsOfTheOldOne) {
  const UserId id = ann();
  sign_in("ann@shop.example", 'a');
  const Accounts::Credentials old = of("ann@shop.example");
  ASSERT_TRUE(accounts().set_password(id, "$argon2id$y"));
  reopen();
  EXPECT_FALSE(is_signed_in('a'));
  EXPECT_EQ(of("ann@shop.example").password_hash, "$argon2id$y");
  EXPECT_EQ(accounts().add_session(hash('b'), old, now_, now_ + hours(1)).code(), Code::kDenied)
      << "the old password was checked just before";
  sign_in("ann@shop.example", 'c');
  EXPECT_EQ(accounts().set_password({99}, "h").code(), Code::kNotFound);
}

TEST_P(AccountsContract, OneEnabledAdministratorStays) {
  const UserId ann = this->ann(), bob = make("bob@shop.example", "admin");
  sign_in("bob@shop.example", 'b');
  ASSERT_TRUE(accounts().set_role(bob, "member"));
  EXPECT_TRUE(is_signed_in('b')) << "a role ends no session";
  EXPECT_EQ(accounts().set_role(ann, "member").code(), Code::kConflict);
  EXPECT_EQ(accounts().set_user_enabled(ann, false).code(), Code::kConflict);
  ASSERT_TRUE(accounts().set_role(bob, "admin"));
  ASSERT_TRUE(accounts().set_user_enabled(bob, false));
  EXPECT_EQ(accounts().set_user_enabled(ann, false).code(), Code::kConflict) << "bob is disabled";
  EXPECT_TRUE(accounts().set_role(bob, "member")) << "he was none any more";
  EXPECT_EQ(of("ann@shop.example").user.role, "admin");
  EXPECT_TRUE(of("ann@shop.example").user.enabled);
  EXPECT_EQ(accounts().set_role(ann, "root").code(), Code::kInvalid);
  EXPECT_EQ(accounts().set_role({99}, "admin").code(), Code::kNotFound);
}

// Two of them, each disabled by the other at the same time.
TEST_P(AccountsContract, TwoAdministratorsCannotBothGo) {
  const std::vector<UserId> ids = {ann(), make("bob@shop.example", "admin")};
  std::atomic<int> gone{0};
  std::vector<std::thread> rivals;
  for (const UserId id : ids) {
    rivals.emplace_back([&, id] { gone += accounts().set_user_enabled(id, false).is_ok() ? 1 : 0; });
  }
  for (std::thread& rival : rivals) rival.join();
  EXPECT_EQ(gone, 1);
}

TEST_P(AccountsContract, SecretsAreMadeOnceAndSurvive) {
  auto links = accounts().secret("links");
  ASSERT_TRUE(links);
  EXPECT_EQ(links->size(), 32u);
  auto other = accounts().secret("csrf");
  EXPECT_NE(*links, *other);
  reopen();
  EXPECT_EQ(*accounts().secret("links"), *links);
  ASSERT_TRUE(accounts().rotate_secret("links"));
  auto rotated = accounts().secret("links");
  EXPECT_NE(*rotated, *links);
  EXPECT_EQ(*accounts().secret("csrf"), *other);
  reopen();
  EXPECT_EQ(*accounts().secret("links"), *rotated);
}

TEST_P(AccountsContract, ASecretIsTheSameForAllWhoAskAtOnce) {
  std::vector<std::thread> askers;
  Locked<std::set<std::string>> seen;
  for (int i = 0; i < 8; ++i) {
    askers.emplace_back([&] {
      auto secret = accounts().secret("links");
      EXPECT_TRUE(secret) << secret.message();
      if (secret) seen.lock()->insert(*secret);
    });
  }
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(seen.copy().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Every, AccountsContract, testing::ValuesIn(backends()), backend_name);

}  // namespace flawless::store
