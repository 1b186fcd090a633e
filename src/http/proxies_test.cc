#include "http/proxies.h"

#include <gmock/gmock.h>

namespace flawless::http {
namespace {

TrustedProxies trusted(const std::vector<std::string>& blocks) {
  auto proxies = TrustedProxies::parse(blocks);
  EXPECT_TRUE(proxies.is_ok()) << proxies.message();
  return proxies.value_or({});
}

bool contains(const TrustedProxies& proxies, const char* address) {
  return proxies.contains(*parse_address(address));
}

TEST(ProxiesTest, BlocksContainWhatTheyShould) {
  const auto proxies = trusted({"10.0.0.0/9", "192.0.2.7", "2001:db8::/33", "0.0.0.0/32"});
  EXPECT_TRUE(contains(proxies, "10.127.255.255"));
  EXPECT_FALSE(contains(proxies, "10.128.0.0"));
  EXPECT_TRUE(contains(proxies, "192.0.2.7"));
  EXPECT_FALSE(contains(proxies, "192.0.2.6"));
  EXPECT_TRUE(contains(proxies, "2001:db8:7fff::1"));
  EXPECT_FALSE(contains(proxies, "2001:db8:8000::1"));
  EXPECT_TRUE(contains(proxies, "::ffff:10.1.1.1"));
  EXPECT_FALSE(trusted({}).contains({}));
  EXPECT_TRUE(contains(trusted({"0.0.0.0/0"}), "8.8.8.8"));
  EXPECT_FALSE(contains(trusted({"0.0.0.0/0"}), "2001:db8::1"));
}

TEST(ProxiesTest, NonsenseIsNamed) {
  for (const char* bad :
       {"", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/8x", "10.0.0.0/", "h"}) {
    const auto proxies = TrustedProxies::parse({bad});
    EXPECT_EQ(proxies.code(), Code::kInvalid) << bad;
    EXPECT_THAT(proxies.message(), ::testing::HasSubstr('"' + std::string(bad) + '"'));
  }
}

TEST(ProxiesTest, TheClientIsTheRightMostUntrustedAddress) {
  const auto proxies = trusted({"10.0.0.0/8", "::1"});
  const auto peer = [&](const std::vector<Header>& headers) {
    return proxies.client_behind(*parse_address("10.0.0.1"), headers).peer;
  };
  EXPECT_EQ(peer({}), "10.0.0.1");
  EXPECT_EQ(peer({{"X-Forwarded-For", "6.6.6.6, 1.2.3.4"}}), "1.2.3.4");
  EXPECT_EQ(peer({{"x-forwarded-for", "6.6.6.6, 1.2.3.4,10.2.2.2 , ::1"}}), "1.2.3.4");
  EXPECT_EQ(peer({{"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-For", "1.2.3.4, 10.2.2.2"}}),
            "1.2.3.4");
  EXPECT_EQ(peer({{"X-Forwarded-For", "1.2.3.4"}, {"X-Forwarded-For", "10.2.2.2"}}), "1.2.3.4");
  EXPECT_EQ(peer({{"X-Forwarded-For", "[2001:db8::5]:4711"}}), "2001:db8::5");
  EXPECT_EQ(peer({{"X-Forwarded-For", "1.2.3.4:80"}}), "1.2.3.4");
  EXPECT_EQ(peer({{"X-Forwarded-For", "6.6.6.6, unknown, 10.2.2.2"}}), "10.2.2.2");
  EXPECT_EQ(peer({{"X-Forwarded-For", "10.3.3.3, 10.2.2.2"}}), "10.3.3.3");
}

TEST(ProxiesTest, TheNearestProxySaysWhetherItWasSecure) {
  const auto proxies = trusted({"10.0.0.0/8"});
  const auto secure = [&](const char* value) {
    return proxies.client_behind(*parse_address("10.0.0.1"), {{"X-Forwarded-Proto", value}}).secure;
  };
  EXPECT_TRUE(secure("https"));
  EXPECT_TRUE(secure("http, HTTPS"));
  EXPECT_FALSE(secure("https, http"));
  EXPECT_FALSE(secure(""));
}

}  // namespace
}  // namespace flawless::http
