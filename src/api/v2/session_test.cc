// Signing in, on a real store.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "api/v2/route.h"
#include "api/v2/world.h"

namespace flawless::api {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;

constexpr char kSession[] = "/api/2/session";
constexpr char kFirst[] = "/api/2/session/first";

// "flawless_session=TOKEN" of a reply's Set-Cookie.
std::string cookie_of(const http::Response& reply) {
  const std::string header = header_of(reply, "Set-Cookie");
  return header.substr(0, header.find(';'));
}

std::string credentials(std::string_view email, std::string_view password) {
  return fmt::format(R"({{"email":"{}","password":"{}"}})", email, password);
}

std::string account(std::string_view link, std::string_view password = World::kPassword,
                    std::string_view email = "Ada@Shop.example") {
  return fmt::format(R"({{"link":"{}","email":"{}","name":"Ada","password":"{}"}})", link, email,
                     password);
}

class SessionTest : public testing::Test {
 protected:
  http::Response sign_in(std::string_view password = World::kPassword) {
    return world_.browse(Method::kPost, kSession, "", credentials("ada@shop.example", password));
  }
  http::Response get(std::string_view target, std::string_view cookie) {
    return world_.browse(Method::kGet, target, cookie, "", "");
  }
  World world_;
};

TEST_F(SessionTest, FromTheFirstLinkToSigningOut) {
  http::Response nobody = get(kSession, "");
  EXPECT_EQ(nobody.status, 401);
  EXPECT_THAT(nobody.body, HasSubstr("\"first_use\":true"));

  const std::string link = world_.first_link.issue();
  EXPECT_EQ(get(std::string(kFirst) + "?link=" + link, "").body, R"({"valid":true})");
  http::Response made = world_.browse(Method::kPost, kFirst, "", account(link));
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_THAT(header_of(made, "Set-Cookie"), HasSubstr("; HttpOnly; SameSite=Lax; Secure"));
  Json who(made.body);
  EXPECT_EQ(who.text("user.email"), "ada@shop.example");
  EXPECT_EQ(who.text("user.role"), "admin");
  EXPECT_EQ(get(kSession, cookie_of(made)).body, made.body);

  EXPECT_EQ(get(std::string(kFirst) + "?link=" + link, "").status, 404);
  EXPECT_EQ(world_.browse(Method::kPost, kFirst, "", account(link)).status, 404);

  http::Response again = sign_in();
  ASSERT_EQ(again.status, 200) << again.body;
  const std::string cookie = cookie_of(again);
  http::Response out = world_.browse(Method::kDelete, kSession, cookie);
  EXPECT_EQ(out.status, 204);
  EXPECT_THAT(header_of(out, "Set-Cookie"), HasSubstr("flawless_session=; Path=/; Max-Age=0"));
  http::Response after = get(kSession, cookie);
  EXPECT_EQ(after.status, 401);
  EXPECT_THAT(after.body, Not(HasSubstr("first_use")));
  EXPECT_EQ(get("/api/2/projects", cookie).status, 401);
  EXPECT_EQ(get("/api/2/projects", cookie_of(made)).status, 200);
}

TEST_F(SessionTest, SigningOutEverywhereEndsOnesOwnSessions) {
  const std::string here = world_.browser("ada@shop.example");
  const std::string there = cookie_of(sign_in());
  const std::string other = world_.browser("grace@shop.example", "member");
  http::Response out = world_.browse(Method::kDelete, "/api/2/sessions", here);
  EXPECT_EQ(out.status, 204);
  EXPECT_THAT(header_of(out, "Set-Cookie"), HasSubstr("flawless_session=; Path=/; Max-Age=0"));
  EXPECT_EQ(get("/api/2/projects", here).status, 401);
  EXPECT_EQ(get("/api/2/projects", there).status, 401);
  EXPECT_EQ(get("/api/2/projects", other).status, 200);
  EXPECT_EQ(world_.browse(Method::kDelete, "/api/2/sessions", here).status, 401);
  EXPECT_EQ(world_.browse(Method::kDelete, "/api/2/sessions", "").status, 401);
}

TEST_F(SessionTest, ABadFirstAccountLeavesTheLinkAlone) {
  const std::string link = world_.first_link.issue();
  for (const std::string& bad :
       {account(link, "123456789"), account(link, "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"),
        account(link, World::kPassword, "nobody"), account(link, std::string(2000, 'x')),
        std::string("{"), std::string("[]")}) {
    EXPECT_EQ(world_.browse(Method::kPost, kFirst, "", bad).status, 400) << bad;
  }
  EXPECT_EQ(world_.browse(Method::kPost, kFirst, "", account("wrong")).status, 404);
  EXPECT_EQ(world_.browse(Method::kPost, kFirst, "", account(link)).status, 200);
}

TEST_F(SessionTest, TheLinkIsVoidOnceThereIsAnAccount) {
  const std::string link = world_.first_link.issue();
  world_.browser("grace@shop.example");
  EXPECT_EQ(get(std::string(kFirst) + "?link=" + link, "").status, 404);
  EXPECT_EQ(world_.browse(Method::kPost, kFirst, "", account(link)).status, 409);
}

TEST_F(SessionTest, TenWrongPasswordsAreEnough) {
  world_.browser("ada@shop.example");
  for (int i = 0; i < 10; ++i) {
    http::Response wrong = sign_in("wrong wrong wrong");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(header_of(wrong, "Set-Cookie"), "");
  }
  http::Response refused = sign_in();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header_of(refused, "Retry-After"), "600");
  world_.clock.advance(std::chrono::minutes(10));
  EXPECT_EQ(sign_in().status, 200);
}

TEST_F(SessionTest, NoOtherSiteSignsPeopleIn) {
  world_.browser("ada@shop.example");
  const std::string body = credentials("ada@shop.example", World::kPassword);
  EXPECT_EQ(world_.browse(Method::kPost, kSession, "", body, "https://evil.example").status, 403);
  EXPECT_EQ(world_.browse(Method::kPost, kSession, "", body, "null").status, 403);
  EXPECT_EQ(world_.browse(Method::kPost, kSession, "", body, "").status, 200);
}

// Whatever changes something by a cookie comes from our own pages, or not at all.
TEST_F(SessionTest, EveryChangeByCookieNeedsOurOrigin) {
  const World::Project shop = world_.make_project("shop");
  world_.report(shop, {.uuid = "1"});
  const std::string cookie = world_.browser("ada@shop.example");
  for (const Route& route : all_routes()) {
    if (route.method == Method::kGet) continue;
    std::string path(route.pattern);
    for (std::string name : {":project", ":number", ":id"}) {
      if (size_t at = path.find(name); at != std::string::npos) path.replace(at, name.size(), "1");
    }
    for (const char* origin : {"", "https://evil.example", "null"}) {
      http::Response reply =
          world_.browse(route.method, path, cookie, R"({"status":"resolved"})", origin);
      EXPECT_EQ(reply.status, 403) << path << " from '" << origin << "'";
    }
  }
  EXPECT_EQ(world_.read("/api/2/projects/shop/items/1", shop.read).text("status"), "active");
  EXPECT_EQ(get("/api/2/session", cookie).status, 200);
}

TEST_F(SessionTest, PeopleSeeAndActOnAllProjects) {
  const World::Project shop = world_.make_project("shop");
  world_.make_project("other");
  world_.report(shop, {.uuid = "1"});
  const std::string cookie = world_.browser("ada@shop.example", "member");
  Json projects(get("/api/2/projects", cookie).body);
  EXPECT_EQ(projects.size("projects"), 2u);
  http::Response resolved = world_.browse(Method::kPatch, "/api/2/projects/shop/items/1", cookie,
                                          R"({"status":"resolved"})");
  ASSERT_EQ(resolved.status, 200) << resolved.body;
  Json item(resolved.body);
  EXPECT_EQ(item.text("status"), "resolved");
  EXPECT_EQ(item.text("history.0.kind"), "resolved");
  EXPECT_EQ(item.text("history.0.by"), "ada@shop.example");
}

TEST_F(SessionTest, ATokenCountsMoreThanTheCookie) {
  const World::Project shop = world_.make_project("shop");
  world_.make_project("other");
  http::Request request = make_request(Method::kGet, "/api/2/projects", shop.read);
  request.headers.push_back({"Cookie", world_.browser("ada@shop.example")});
  EXPECT_EQ(Json(world_.ask(std::move(request)).body).size("projects"), 1u);
}

TEST_F(SessionTest, ARenewedSessionGetsItsCookieAgain) {
  const std::string cookie = world_.browser("ada@shop.example");
  EXPECT_EQ(header_of(get("/api/2/projects", cookie), "Set-Cookie"), "");
  world_.clock.advance(std::chrono::hours(25));
  EXPECT_EQ(cookie_of(get("/api/2/projects", cookie)), cookie);
}

TEST_F(SessionTest, OnlyAdministratorsAndTokensOfAllProjectsMakeProjects) {
  const World::Project shop = world_.make_project("shop");
  const std::string body = R"({"name":"cellar"})";
  const auto with_token = [&](const std::string& token) {
    return world_.ask(make_request(Method::kPost, "/api/2/projects", token, body)).status;
  };
  EXPECT_EQ(with_token(shop.write), 403);
  EXPECT_EQ(with_token(world_.make_token({}, store::Scope::kRead)), 403);
  const std::string member = world_.browser("grace@shop.example", "member");
  EXPECT_EQ(world_.browse(Method::kPost, "/api/2/projects", member, body).status, 403);
  const std::string admin = world_.browser("ada@shop.example");
  http::Response reply = world_.browse(Method::kPost, "/api/2/projects", admin, body);
  ASSERT_EQ(reply.status, 201) << reply.body;
  Json made(reply.body);
  EXPECT_EQ(made.text("project.name"), "cellar");
  EXPECT_EQ(made.number("project.id"), made.number("id"));
  EXPECT_THAT(made.text("dsn"), testing::StartsWith("https://"));
  EXPECT_FALSE(made.text("tokens.write").empty());
  EXPECT_EQ(made.text("endpoints.rollbar"), "https://flawless.example/api/1/item/");
  // The new tokens work at once.
  EXPECT_EQ(world_.get("/api/2/projects/cellar", made.text("tokens.read")).status, 200);
  EXPECT_EQ(world_.browse(Method::kPost, "/api/2/projects", admin, body).status, 409);
  EXPECT_EQ(with_token(world_.make_token({}, store::Scope::kWrite)), 409);
}

TEST_F(SessionTest, KeysAreThoseThatPost) {
  const World::Project shop = world_.make_project("shop");
  const std::string cookie = world_.browser("ada@shop.example");
  Json keys(get("/api/2/projects/shop/keys", cookie).body);
  EXPECT_EQ(keys.text("tokens.post_server_item"), shop.post);
  EXPECT_EQ(keys.size("tokens"), 2u);
  EXPECT_EQ(keys.text("dsn"), fmt::format("https://{}@flawless.example/{}",
                                          keys.text("tokens.post_client_item"), shop.id.v));
  EXPECT_EQ(world_.get("/api/2/projects/shop/keys", shop.read).status, 403);
}

TEST_F(SessionTest, RepositoriesAreForThoseWhoSeeAll) {
  const World::Project shop = world_.make_project("shop");
  world_.repositories = {{"shop",
                          "https://git.example/shop.git",
                          "ready",
                          "",
                          "a1b2c3d",
                          world_.clock.now(),
                          "",
                          {"shop"}}};
  Json seen(get("/api/2/repositories", world_.browser("ada@shop.example", "member")).body);
  EXPECT_EQ(seen.text("repositories.0.url"), "https://git.example/shop.git");
  EXPECT_EQ(seen.text("repositories.0.projects.0"), "shop");
  EXPECT_EQ(world_.get("/api/2/repositories", shop.write).status, 403);
}

TEST_F(SessionTest, LiveChangesEndWithTheSession) {
  const World::Project shop = world_.make_project("shop");
  world_.report(shop, {.uuid = "1"});
  world_.changes = std::make_unique<Changes>(
      [this](ProjectId project, int64_t number) {
        return world_.store().item({.all = true, .projects = {}}, project, number,
                                   world_.clock.now());
      },
      world_.clock, ChangesOptions{.ping_every = std::chrono::milliseconds(20)});
  http::Router router;
  mount(router, world_.parts());
  const std::string cookie = world_.browser("ada@shop.example");
  Listener listener;
  http::Request request = make_request(Method::kGet, "/api/2/events?project=shop", "");
  request.headers.push_back({"Cookie", cookie});
  router.route(std::move(request), listener.responder());
  ASSERT_TRUE(listener.hears("event: hello"));
  http::Request patch = make_request(Method::kPatch, "/api/2/projects/shop/items/1", shop.write,
                                     R"({"status":"muted"})");
  EXPECT_EQ(ask(router, std::move(patch)).status, 200);
  EXPECT_TRUE(listener.hears("\"kind\":\"status\""));
  EXPECT_THAT(listener.text(), HasSubstr("\"status\":\"muted\""));
  EXPECT_EQ(world_.browse(Method::kDelete, kSession, cookie).status, 204);
  EXPECT_TRUE(listener.hears_the_end());
  world_.changes->stop();
}

}  // namespace
}  // namespace flawless::api
