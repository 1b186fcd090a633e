#include "api/origin.h"

#include <gmock/gmock.h>

namespace flawless::api {
namespace {

constexpr char kOurs[] = "https://flawless.example";

http::Request with(std::vector<http::Header> headers, bool secure = false) {
  http::Request request;
  request.headers = std::move(headers);
  request.secure = secure;
  return request;
}

TEST(Origin, OfAnAddress) {
  EXPECT_EQ(origin_of("https://Flawless.Example/p/1?x#y"), "https://flawless.example");
  EXPECT_EQ(origin_of("HTTPS://flawless.example:443"), "https://flawless.example");
  EXPECT_EQ(origin_of("http://flawless.example:80/"), "http://flawless.example");
  EXPECT_EQ(origin_of("http://flawless.example:443/"), "http://flawless.example:443");
  EXPECT_EQ(origin_of("http://[::1]:8080/x"), "http://[::1]:8080");
  EXPECT_EQ(origin_of("http://[::80]"), "http://[::80]");
  for (const char* none : {"", "null", "flawless.example", "ftp://x", "https://", "https:///x",
                           "https://flawless.example@evil.example", "javascript://x"}) {
    EXPECT_EQ(origin_of(none), "") << none;
  }
}

TEST(Origin, OursIsThePublicAddress) {
  EXPECT_TRUE(is_same_origin(with({{"Origin", "https://flawless.example"}}), kOurs));
  EXPECT_TRUE(is_same_origin(with({{"Referer", "https://flawless.example/p/1"}}), kOurs));
  for (const char* other :
       {"http://flawless.example", "https://flawless.example:8443", "https://flawless.example.evil",
        "https://evil.example", "null", "https://evil.example/?https://flawless.example"}) {
    EXPECT_FALSE(is_same_origin(with({{"Origin", other}}), kOurs)) << other;
    EXPECT_FALSE(is_not_cross_origin(with({{"Origin", other}}), kOurs)) << other;
  }
}

TEST(Origin, TheOriginCountsMoreThanTheReferer) {
  EXPECT_FALSE(is_same_origin(
      with({{"Origin", "https://evil.example"}, {"Referer", "https://flawless.example/"}}), kOurs));
}

TEST(Origin, NeitherHeaderIsNotOurs) {
  EXPECT_FALSE(is_same_origin(with({}), kOurs));
  EXPECT_TRUE(is_not_cross_origin(with({}), kOurs));
}

TEST(Origin, OnThisMachineByALoopbackNameOnly) {
  const auto from = [](std::string origin, std::string host, bool secure = false) {
    return with({{"Origin", std::move(origin)}, {"Host", std::move(host)}}, secure);
  };
  EXPECT_TRUE(is_same_origin(from("http://localhost:8080", "localhost:8080"), kOurs));
  EXPECT_TRUE(is_same_origin(from("http://127.0.0.1:8080", "127.0.0.1:8080"), kOurs));
  EXPECT_TRUE(is_same_origin(from("http://[::1]:8080", "[::1]:8080"), kOurs));
  EXPECT_TRUE(is_same_origin(from("https://localhost", "localhost:443", true), kOurs));
  EXPECT_FALSE(is_same_origin(from("http://localhost:9000", "localhost:8080"), kOurs));
  EXPECT_FALSE(is_same_origin(from("https://localhost:8080", "localhost:8080"), kOurs));
  // A name that its owner lets point at this machine.
  EXPECT_FALSE(is_same_origin(from("http://evil.example:8080", "evil.example:8080"), kOurs));
  EXPECT_FALSE(
      is_same_origin(from("http://localhost.evil.example", "localhost.evil.example"), kOurs));
}

}  // namespace
}  // namespace flawless::api
