#include "render/link_signer.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace flawless::render {
namespace {

using namespace std::chrono_literals;

const Time kNow = from_unix_ms(1'763'800'000'000);
const Grant kGrant{{3}, 49, {123456789}, {17}, "ada@shop.example", kNow + kGrantLife};

LinkSigner signer(char fill = 'k') { return LinkSigner(std::string(32, fill)); }

TEST(LinkSigner, GivesBackWhatWasSigned) {
  const auto grant = signer().verify(signer().sign(kGrant), kNow);
  ASSERT_TRUE(grant.is_ok()) << grant.message();
  EXPECT_EQ(*grant, kGrant);
}

TEST(LinkSigner, CarriesEveryNumber) {
  Grant odd{{std::numeric_limits<int64_t>::max()}, 0,  {-1},
            {std::numeric_limits<int64_t>::min()}, "", kNow + 1h};
  const auto grant = signer().verify(signer().sign(odd), kNow);
  ASSERT_TRUE(grant.is_ok()) << grant.message();
  EXPECT_EQ(*grant, odd);
}

TEST(LinkSigner, IsSafeInAUrlAndShort) {
  const std::string token = signer().sign(kGrant);
  EXPECT_EQ(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      token.npos);
  EXPECT_LT(token.size(), 80u);
}

TEST(LinkSigner, ExpiresToTheSecond) {
  const std::string token = signer().sign(kGrant);
  EXPECT_TRUE(signer().verify(token, kGrant.expires - 1ms).is_ok());
  EXPECT_EQ(signer().verify(token, kGrant.expires).code(), Code::kDenied);
}

TEST(LinkSigner, AnotherKeyVoidsWhatWasSigned) {
  LinkSigner changing(std::string(32, 'k'));
  const std::string before = changing.sign(kGrant);
  changing.set_key(std::string(32, 'n'));
  EXPECT_EQ(changing.verify(before, kNow).code(), Code::kDenied);
  EXPECT_TRUE(changing.verify(changing.sign(kGrant), kNow).is_ok());
  EXPECT_TRUE(signer('n').verify(changing.sign(kGrant), kNow).is_ok());
}

TEST(LinkSigner, AnyChangeVoidsIt) {
  const std::string token = signer().sign(kGrant);
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char other : {'A', 'z', '-', '=', '\n'}) {
      if (token[i] == other) continue;
      std::string changed = token;
      changed[i] = other;
      EXPECT_EQ(signer().verify(changed, kNow).code(), Code::kDenied) << i << other;
    }
    EXPECT_EQ(signer().verify(token.substr(0, i), kNow).code(), Code::kDenied) << i;
  }
  EXPECT_EQ(signer().verify(token + "A", kNow).code(), Code::kDenied);
  EXPECT_EQ(signer().verify(std::string(1 << 20, 'A'), kNow).code(), Code::kDenied);
}

TEST(LinkSigner, AnotherKeyVoidsIt) {
  EXPECT_EQ(signer('x').verify(signer().sign(kGrant), kNow).code(), Code::kDenied);
}

TEST(LinkSigner, EveryFieldIsSigned) {
  std::set<std::string> tokens{signer().sign(kGrant)};
  Grant other = kGrant;
  other.project = {4};
  tokens.insert(signer().sign(other));
  other = kGrant;
  other.item_number = 50;
  tokens.insert(signer().sign(other));
  other = kGrant;
  other.occurrence = {1};
  tokens.insert(signer().sign(other));
  other = kGrant;
  other.line = {18};
  tokens.insert(signer().sign(other));
  other = kGrant;
  other.email = "eve@shop.example";
  tokens.insert(signer().sign(other));
  std::set<std::string> macs;
  for (const std::string& token : tokens) macs.insert(token.substr(0, 20));
  EXPECT_EQ(macs.size(), 6u);
}

}  // namespace
}  // namespace flawless::render
