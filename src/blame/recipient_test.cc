#include "blame/recipient.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flawless::blame {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using List = std::vector<std::string>;

TEST(AllowedAddresses, AreTheConfiguredOnes) {
  const List allowed = allowed_addresses(List{"Shop.example", "@corp.example", "eve@out.example"},
                                         List{"u@x.example"}, "ops@help.example");
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
  const List allowed = allowed_addresses({}, List{"Ada@x.example"}, "ops@shop.example");
  EXPECT_TRUE(may_mail("ada@x.example", allowed));
  EXPECT_TRUE(may_mail("anyone@shop.example", allowed));
  EXPECT_FALSE(may_mail("bob@x.example", allowed));
  EXPECT_FALSE(may_mail("bob@x.example", allowed_addresses({}, {}, "")));
}

TEST(ChooseRecipient, SendsElsewhereWhatMayNotBeSentAndSaysSo) {
  const List allowed = {"shop.example"};
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
  EXPECT_THAT(further_recipients(wished, List{"shop.example"}, "ada@shop.example", refused),
              ElementsAre("bob@shop.example"));
  EXPECT_THAT(refused, ElementsAre("eve@evil.example", "not an address"));
}

}  // namespace
}  // namespace flawless::blame
