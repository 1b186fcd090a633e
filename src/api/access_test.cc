#include "api/access.h"

#include <gmock/gmock.h>

#include "api/secrets.h"
#include "api/test_support.h"

namespace flawless::api {
namespace {

using store::Scope;
using testing::ElementsAre;
using testing::HasSubstr;

class AccessTest : public testing::Test {
 protected:
  AccessTest() {
    add(1, {3}, Scope::kRead, "reader");
    add(2, {3}, Scope::kWrite, "writer");
    add(3, {3}, Scope::kPostServerItem, "poster");
    add(4, {}, Scope::kRead, "global");
    add(5, {3}, Scope::kRead, "disabled", false);
    FLAWLESS_CHECK(access_.refresh(store_).is_ok());
  }
  void add(int64_t id, ProjectId project, Scope scope, const std::string& value,
           bool enabled = true) {
    store::Token token;
    token.id = {id};
    token.project = project;
    token.scope = scope;
    token.name = id == 2 ? "deploy bot" : "";
    token.hash = sha256(value);
    token.enabled = enabled;
    store_.known_tokens.push_back(token);
  }
  static http::Request with(std::string name, std::string value) {
    http::Request request;
    request.headers.push_back({std::move(name), std::move(value)});
    return request;
  }
  std::variant<Caller, http::Response> check(const std::string& token, Scope needed) {
    return access_.check(with("Authorization", "Bearer " + token), needed);
  }
  static http::Response refused(std::variant<Caller, http::Response> verdict) {
    FLAWLESS_CHECK(std::holds_alternative<http::Response>(verdict));
    return std::get<http::Response>(std::move(verdict));
  }

  BrokenStore store_{Status(Code::kUnavailable, "no store")};
  Access access_;
};

TEST_F(AccessTest, AProjectsTokenSeesThatProjectOnly) {
  auto verdict = check("reader", Scope::kRead);
  ASSERT_TRUE(std::holds_alternative<Caller>(verdict));
  const Caller& caller = std::get<Caller>(verdict);
  EXPECT_FALSE(caller.visible.all);
  EXPECT_THAT(caller.visible.projects, ElementsAre(ProjectId{3}));
}

TEST_F(AccessTest, KnowsTokensForReadingByTheirValue) {
  for (const char* token : {"reader", "writer", "global"}) {
    EXPECT_TRUE(access_.is_for_reading(token)) << token;
  }
  for (const char* token : {"poster", "disabled", "unknown", ""}) {
    EXPECT_FALSE(access_.is_for_reading(token)) << token;
  }
}

TEST_F(AccessTest, AGlobalTokenSeesAll) {
  auto verdict = check("global", Scope::kRead);
  ASSERT_TRUE(std::holds_alternative<Caller>(verdict));
  EXPECT_TRUE(std::get<Caller>(verdict).visible.all);
}

TEST_F(AccessTest, WriteIncludesRead) {
  auto verdict = check("writer", Scope::kRead);
  ASSERT_TRUE(std::holds_alternative<Caller>(verdict));
  EXPECT_EQ(std::get<Caller>(verdict).name, "token 2 (deploy bot)");
  EXPECT_TRUE(std::holds_alternative<Caller>(check("writer", Scope::kWrite)));
}

TEST_F(AccessTest, ReadDoesNotIncludeWrite) {
  http::Response reply = refused(check("reader", Scope::kWrite));
  EXPECT_EQ(reply.status, 403);
  EXPECT_THAT(reply.body, HasSubstr("needs a token of scope write"));
}

TEST_F(AccessTest, PostTokensNeitherReadNorWrite) {
  http::Response reply = refused(check("poster", Scope::kRead));
  EXPECT_EQ(reply.status, 403);
  EXPECT_THAT(reply.body, HasSubstr("scope read"));
  EXPECT_THAT(reply.body, HasSubstr("post_server_item"));
  EXPECT_EQ(refused(check("poster", Scope::kWrite)).status, 403);
}

TEST_F(AccessTest, UnknownAndDisabledLookAlike) {
  http::Response unknown = refused(check("nobody", Scope::kRead));
  EXPECT_EQ(unknown.status, 403);
  EXPECT_EQ(unknown.body, refused(check("disabled", Scope::kRead)).body);
}

TEST_F(AccessTest, NoTokenIs401WithAChallenge) {
  for (const char* authorization : {"", "Bearer ", "Basic cmVhZGVy"}) {
    http::Response reply =
        refused(access_.check(with("Authorization", authorization), Scope::kRead));
    EXPECT_EQ(reply.status, 401) << authorization;
    EXPECT_EQ(header_of(reply, "WWW-Authenticate"), "Bearer") << authorization;
  }
}

TEST_F(AccessTest, ThreePlacesForTheToken) {
  auto admitted = [&](const http::Request& request) {
    return std::holds_alternative<Caller>(access_.check(request, Scope::kRead));
  };
  EXPECT_TRUE(admitted(with("authorization", "bearer  reader ")));
  EXPECT_TRUE(admitted(with("X-Rollbar-Access-Token", "reader")));
  http::Request in_query;
  in_query.query = "limit=3&access_token=reader";
  EXPECT_TRUE(admitted(in_query));
}

TEST_F(AccessTest, ARefreshTakesDisabledTokensOut) {
  store_.known_tokens[0].enabled = false;
  EXPECT_TRUE(std::holds_alternative<Caller>(check("reader", Scope::kRead)));
  ASSERT_TRUE(access_.refresh(store_).is_ok());
  EXPECT_EQ(refused(check("reader", Scope::kRead)).status, 403);
}

TEST(Access, BeforeTheFirstRefreshItIs503) {
  http::Request request;
  request.headers.push_back({"Authorization", "Bearer x"});
  auto verdict = Access().check(request, Scope::kRead);
  ASSERT_TRUE(std::holds_alternative<http::Response>(verdict));
  EXPECT_EQ(std::get<http::Response>(verdict).status, 503);
}

}  // namespace
}  // namespace flawless::api
