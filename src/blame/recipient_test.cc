#include "blame/recipient.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flawless::blame {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using List = std::vector<std::string>;
using Users = std::vector<store::User>;

store::User user(const std::string& email, bool enabled = true) {
  store::User made;
  made.email = email;
  made.enabled = enabled;
  return made;
}

TEST(AllowedAddresses, AreTheConfiguredOnes) {
  const Allowed allowed =
      allowed_addresses(List{"Shop.example", "@corp.example", "eve@out.example"},
                        Users{user("u@x.example")}, "ops@help.example");
  EXPECT_TRUE(may_mail("ada@SHOP.example", allowed));
  EXPECT_TRUE(may_mail("bob@corp.example", allowed));
  EXPECT_TRUE(may_mail("Eve@out.example", allowed));
  EXPECT_TRUE(may_mail("ops@help.example", allowed));
  EXPECT_FALSE(may_mail("other@out.example", allowed));
  EXPECT_FALSE(may_mail("other@help.example", allowed));
  EXPECT_FALSE(may_mail("u@x.example", allowed));
  EXPECT_FALSE(may_mail("ada@evil-shop.example", allowed));
  EXPECT_FALSE(may_mail("ada@sub.shop.example", allowed));
  EXPECT_FALSE(may_mail("shop.example", allowed));
}

TEST(AllowedAddresses, DefaultToTheUsersAndTheContactsDomain) {
  const Allowed allowed =
      allowed_addresses({}, Users{user("Ada@x.example")}, "ops@shop.example");
  EXPECT_TRUE(may_mail("ada@x.example", allowed));
  EXPECT_TRUE(may_mail("anyone@shop.example", allowed));
  EXPECT_FALSE(may_mail("bob@x.example", allowed));
  EXPECT_FALSE(may_mail("bob@x.example", allowed_addresses({}, {}, "")));
}

TEST(AllowedAddresses, OfDisabledUsersAreThoseThatAreListed) {
  const Users users = {user("Ada@x.example", false), user("bob@shop.example", false),
                       user("ops@shop.example", false)};
  const Allowed by_default = allowed_addresses({}, users, "Ops@shop.example");
  EXPECT_FALSE(may_mail("ada@x.example", by_default));
  EXPECT_FALSE(may_mail("Bob@shop.example", by_default)) << "though the contact's domain is his";
  EXPECT_TRUE(may_mail("anyone@shop.example", by_default));
  EXPECT_TRUE(may_mail("ops@shop.example", by_default));
  const Allowed listed = allowed_addresses(List{"x.example", "bob@shop.example"}, users, "");
  EXPECT_TRUE(may_mail("ada@x.example", listed));
  EXPECT_TRUE(may_mail("bob@shop.example", listed));
}

TEST(ChooseRecipient, SendsElsewhereWhatMayNotBeSentAndSaysSo) {
  const Allowed allowed{{"shop.example"}, {}};
  const Recipient own = choose_recipient("ada@shop.example", "", allowed, "ops@shop.example");
  EXPECT_EQ(own.address, "ada@shop.example");
  EXPECT_EQ(own.intended_for, "");

  const Recipient other = choose_recipient("ada@gone.example", "", allowed, "Ops@shop.example");
  EXPECT_EQ(other.address, "ops@shop.example");
  EXPECT_EQ(other.intended_for, "ada@gone.example");
  EXPECT_THAT(other.why, HasSubstr("meant for ada@gone.example"));

  const Recipient nobody = choose_recipient("", "no repository", allowed, "ops@shop.example");
  EXPECT_EQ(nobody.address, "ops@shop.example");
  EXPECT_EQ(nobody.intended_for, "");
  EXPECT_THAT(nobody.why, HasSubstr("no repository"));

  EXPECT_EQ(choose_recipient("ada@gone.example", "", allowed, "").address, "");
}

TEST(FurtherRecipients, AreAllowedAndToldOnce) {
  List refused;
  const List wished = {"Ada@shop.example", "bob@shop.example", "BOB@shop.example",
                       "eve@evil.example", "not an address"};
  const Allowed allowed{{"shop.example"}, {}};
  EXPECT_THAT(further_recipients(wished, allowed, "ada@shop.example", refused),
              ElementsAre("bob@shop.example"));
  EXPECT_THAT(refused, ElementsAre("eve@evil.example", "not an address"));
}

}  // namespace
}  // namespace flawless::blame
