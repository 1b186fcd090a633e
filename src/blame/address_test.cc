#include "blame/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flawless::blame {
namespace {

using ::testing::HasSubstr;

std::string address(std::string_view author, const AddressRules& rules = {}) {
  return developer_address(author, rules).address;
}

TEST(DeveloperAddress, IsTheAuthorsUnlessSomethingSaysOtherwise) {
  EXPECT_EQ(address("Ada@Shop.Example"), "ada@shop.example");
  AddressRules rules;
  rules.domain = "corp.example";
  EXPECT_EQ(address("ada@shop.example", rules), "ada@shop.example");
}

TEST(DeveloperAddress, WithoutAnAtIsNobody) {
  AddressRules rules;
  rules.domain = "corp.example";
  rules.ignore_domain = true;
  EXPECT_EQ(address("root", rules), "");
  EXPECT_THAT(developer_address("", rules).problem, HasSubstr("no address"));
}

TEST(DeveloperAddress, AMachinesNameBecomesTheDomain) {
  AddressRules rules;
  EXPECT_THAT(developer_address("ada@laptop", rules).problem, HasSubstr("blame.email_domain_name"));
  rules.domain = "Corp.example";
  EXPECT_EQ(address("ada@laptop", rules), "ada@corp.example");
  rules.ignore_domain = true;
  EXPECT_EQ(address("ada@home.example", rules), "ada@corp.example");
}

TEST(DeveloperAddress, RemappingGoesByAddressThenByUser) {
  AddressRules rules;
  rules.domain = "corp.example";
  rules.ignore_domain = true;
  rules.remapping = {{"ada", "countess"}, {"Ada@Old.example", "ada@new.example"}};
  EXPECT_EQ(address("ada@old.example", rules), "ada@new.example");
  EXPECT_EQ(address("ada@laptop", rules), "countess@corp.example");
  EXPECT_EQ(address("adam@laptop", rules), "adam@corp.example");
  rules.domain.clear();
  EXPECT_EQ(address("ada@laptop", rules), "");
}

TEST(DeveloperAddress, InventedAddressesAreNotMailed) {
  for (const char* invented : {"123+ada@users.noreply.github.com", "ada@users.noreply.github.com",
                               "77-ada@users.noreply.gitlab.example", "ada@noreply.codeberg.org"}) {
    const auto found = developer_address(invented, {});
    EXPECT_EQ(found.address, "") << invented;
    EXPECT_THAT(found.problem, HasSubstr("\"ada=their address\" to blame.email_remapping"));
    AddressRules rules;
    rules.remapping = {{"ada", "ada@shop.example"}};
    EXPECT_EQ(address(invented, rules), "ada@shop.example") << invented;
  }
  AddressRules rules;
  rules.domain = "corp.example";
  rules.ignore_domain = true;
  EXPECT_EQ(address("123+ada@users.noreply.github.com", rules), "ada@corp.example");
  EXPECT_EQ(address("noreply@github.com", rules), "");
}

TEST(DeveloperAddress, WhatWouldBreakAnEnvelopeIsRefused) {
  for (const char* bad :
       {"ada@shop.example\r\nBcc: eve@evil.example", "ada <ada@shop.example", "a@b@c.example",
        "ada@shop.example,eve@evil.example", "@shop.example", "ada@", "ad\xc3\xa4@shop.example"}) {
    EXPECT_EQ(address(bad), "") << bad;
    EXPECT_NE(developer_address(bad, {}).problem, "") << bad;
  }
  EXPECT_FALSE(is_address(std::string(250, 'a') + "@b.example"));
}

}  // namespace
}  // namespace flawless::blame
