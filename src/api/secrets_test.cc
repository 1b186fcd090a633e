#include "api/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"

namespace flawless::api {
namespace {

using ::testing::StartsWith;

TEST(Password, MatchesOnlyItself) {
  const auto hash = hash_password("correct horse");
  ASSERT_TRUE(hash) << hash.message();
  EXPECT_THAT(*hash, StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_TRUE(password_matches(*hash, "correct horse"));
  EXPECT_FALSE(password_matches(*hash, "correct horse "));
  EXPECT_FALSE(password_matches(*hash, ""));
}

TEST(Password, IsSaltedAndBounded) {
  EXPECT_NE(*hash_password("correct horse"), *hash_password("correct horse"));
  EXPECT_EQ(hash_password("123456789").code(), Code::kInvalid);
  EXPECT_EQ(hash_password("äöüäöüäöü").code(), Code::kInvalid);  // nine, though 18 bytes
  EXPECT_TRUE(hash_password("1234567890"));
  EXPECT_TRUE(hash_password("äöüäöüäöüß"));
  EXPECT_EQ(hash_password(std::string(1025, 'a')).code(), Code::kInvalid);
}

TEST(Password, UnusableHashesMatchNothing) {
  for (const char* hash : {"", "plain text", "$argon2id$v=19$m=19456,t=2,p=1$"}) {
    EXPECT_FALSE(password_matches(hash, "")) << hash;
    EXPECT_FALSE(password_matches(hash, "plain text")) << hash;
  }
}

TEST(Sha256, IsTheStandardOne) {
  EXPECT_EQ(to_hex(as_bytes(sha256("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace flawless::api
