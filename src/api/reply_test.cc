#include "api/reply.h"

#include <gmock/gmock.h>

namespace flawless::api {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

std::string_view header(const http::Response& response, std::string_view name) {
  for (const auto& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

TEST(Reply, EveryCodeHasItsStatus) {
  const std::pair<Code, int> expected[] = {
      {Code::kInvalid, 400},  {Code::kDenied, 403},   {Code::kNotFound, 404},
      {Code::kConflict, 409}, {Code::kTooLarge, 413}, {Code::kExhausted, 429},
      {Code::kCorrupt, 500},  {Code::kInternal, 500}, {Code::kUnavailable, 503}};
  for (auto [code, status] : expected) {
    http::Response reply = error_reply(Status(code, "why"));
    EXPECT_EQ(reply.status, status) << code_name(code);
    EXPECT_EQ(header(reply, "Cache-Control"), "no-store") << code_name(code);
    EXPECT_EQ(header(reply, "Retry-After"), status == 429 || status == 503 ? "1" : "")
        << code_name(code);
  }
}

TEST(Reply, ErrorsHaveOneForm) {
  EXPECT_EQ(error_reply(Status(Code::kTooLarge, "too \"big\"")).body,
            R"({"error":{"code":"too_large","message":"too \"big\""}})");
}

TEST(Reply, InternalErrorsTellAReferenceAndNoDetails) {
  http::Response reply = error_reply(Status(Code::kInternal, "SELECT secret FROM token"));
  EXPECT_THAT(reply.body, Not(HasSubstr("SELECT")));
  EXPECT_THAT(reply.body, MatchesRegex(R"re(.*"reference":"[0-9a-f]{16}"}})re"));
  EXPECT_NE(reply.body, error_reply(Status(Code::kInternal, "SELECT secret FROM token")).body);
}

}  // namespace
}  // namespace flawless::api
