#include "notify/address.h"

#include <gtest/gtest.h>

namespace flawless::notify {
namespace {

TEST(Address, TakesWhatPeopleHave) {
  for (const char* good : {"ada@shop.example", "ada.l+x@mail.shop.example", "o'neil@shop.museum",
                           "ops@localhost", "flawless@127.0.0.1", "a_b-c@x-y.example"}) {
    EXPECT_TRUE(is_address(good)) << good;
  }
}

TEST(Address, RefusesWhatCouldBeMoreThanOne) {
  for (const char* bad :
       {"", "ada", "@shop.example", "ada@", "ada@shop..example", "ada@-shop.example",
        ".ada@shop.example", "a..b@shop.example", "ada @shop.example", "ada@shop.example\r\nBcc: x",
        "ada@shop.example,eve@evil.example", "<ada@shop.example>", "\"a b\"@shop.example",
        "ad\xc3\xa4@shop.example", "a@b@shop.example", "ada@shop.example ", "ada@[127.0.0.1]"}) {
    EXPECT_FALSE(is_address(bad)) << bad;
  }
  EXPECT_FALSE(is_address(std::string(65, 'a') + "@shop.example"));
  EXPECT_FALSE(is_address("a@" + std::string(250, 'a')));
}

TEST(Mailbox, WithAndWithoutName) {
  EXPECT_EQ(parse_mailbox("ops@x.example")->address, "ops@x.example");
  const auto named = parse_mailbox(" \"Shop errors\" <errors@x.example> ");
  ASSERT_TRUE(named.is_ok()) << named.message();
  EXPECT_EQ(named->name, "Shop errors");
  EXPECT_EQ(named->address, "errors@x.example");
  EXPECT_EQ(parse_mailbox("Shop <errors>").code(), Code::kInvalid);
  EXPECT_EQ(parse_mailbox("a@x.example> <b@x.example>").code(), Code::kInvalid);
}

TEST(HostOf, OfAUrl) {
  EXPECT_EQ(host_of("https://errors.shop.example:8443/flawless?x"), "errors.shop.example");
  EXPECT_EQ(host_of("http://127.0.0.1:8080"), "127.0.0.1");
  EXPECT_EQ(host_of("https://user:p@errors.example"), "errors.example");
  EXPECT_EQ(host_of("http://[::1]:8080"), "localhost");
  EXPECT_EQ(host_of(""), "localhost");
}

TEST(SameAddress, LetterCaseAside) {
  EXPECT_TRUE(same_address("Ada@Shop.example", "ada@shop.EXAMPLE"));
  EXPECT_FALSE(same_address("ada@shop.example", "ada@shop.exampl"));
}

}  // namespace
}  // namespace flawless::notify
