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
  UserId id = ann();
  ASSERT_TRUE(accounts().add_session(hash('a'), id, now_, now_ + hours(1)));
  ASSERT_TRUE(accounts().add_session(hash('b'), id, now_, now_ + hours(9)));
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
  EXPECT_EQ(accounts().add_session("the token itself", id, now_, now_).code(), Code::kInvalid);
  EXPECT_EQ(accounts().add_session(hash('d'), {99}, now_, now_).code(), Code::kNotFound);
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
