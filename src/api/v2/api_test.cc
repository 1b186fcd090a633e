// What the API answers, on a real store and a real journal.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "api/v2/route.h"
#include "api/v2/world.h"

namespace flawless::api {
namespace {

using std::chrono::hours;
using testing::HasSubstr;
using testing::Not;

constexpr char kFirst[] = "11111111-1111-4111-8111-111111111111";

class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    world_.report(shop_, {.uuid = kFirst});
    world_.clock.advance(hours(1));
    world_.report(shop_, {.uuid = "2", .environment = "staging", .release = "r2", .host = "web2"});
    world_.report(shop_, {.uuid = "3",
                          .message = "no stock",
                          .function = "reserve",
                          .level = "critical",
                          .person = "7"});
  }
  std::string items(std::string_view rest = "") const {
    return fmt::format("/api/2/projects/{}/items{}", shop_.id.v, rest);
  }
  std::string titles(std::string_view rest) {
    Json page = world_.read(items(rest), shop_.read);
    std::string all;
    for (size_t i = 0; i < page.size("items"); ++i) {
      all += fmt::format("{} ", page.number(fmt::format("items.{}.number", i)));
    }
    return all;
  }
  int64_t first_occurrence() {
    return world_.read(items("/1"), shop_.read).number("first_occurrence");
  }

  World world_;
  World::Project shop_ = world_.make_project("shop");
  World::Project other_ = world_.make_project("other");
};

TEST_F(ApiTest, ProjectsAreThoseOfTheToken) {
  Json mine = world_.read("/api/2/projects", shop_.read);
  ASSERT_EQ(mine.size("projects"), 1u);
  EXPECT_EQ(mine.text("projects.0.name"), "shop");
  EXPECT_TRUE(mine.at("next").is_null());
  std::string all = world_.make_token({}, store::Scope::kRead);
  EXPECT_EQ(world_.read("/api/2/projects", all).size("projects"), 2u);
  EXPECT_EQ(world_.read("/api/2/projects/shop", all).number("id"), shop_.id.v);
  EXPECT_EQ(world_.read(fmt::format("/api/2/projects/{}", shop_.id.v), all).text("name"), "shop");
}

TEST_F(ApiTest, ListedItemHasWhatAListShows) {
  Json page = world_.read(items("?sort=first_seen"), shop_.read);
  ASSERT_EQ(page.size("items"), 2u);
  EXPECT_EQ(page.number("items.0.number"), 1);
  EXPECT_EQ(page.text("items.0.title"), "IndexError: list index out of range");
  EXPECT_EQ(page.text("items.0.status"), "active");
  EXPECT_EQ(page.text("items.0.level"), "error");
  EXPECT_EQ(page.number("items.0.count"), 2);
  EXPECT_EQ(page.number("items.0.people"), 1);
  EXPECT_EQ(page.size("items.0.environments"), 2u);
  EXPECT_EQ(page.text("items.0.first_release"), "r1");
  EXPECT_EQ(page.text("items.0.last_release"), "r2");
  EXPECT_THAT(page.text("items.0.culprit"), HasSubstr("pick_banner"));
  ASSERT_EQ(page.size("items.0.trend"), 24u);
  EXPECT_EQ(page.number("items.0.trend.22") + page.number("items.0.trend.23"), 2);
}

TEST_F(ApiTest, ItemFiltersAndSorts) {
  EXPECT_EQ(titles("?level=critical"), "2 ");
  EXPECT_EQ(titles("?level=critical,error&sort=-level"), "2 1 ");
  EXPECT_EQ(titles("?level=error&level=critical&sort=level"), "1 2 ");
  EXPECT_EQ(titles("?level=info"), "");
  EXPECT_EQ(titles("?status=resolved,muted"), "");
  EXPECT_EQ(titles("?status=active&sort=-count"), "1 2 ");
  EXPECT_EQ(titles("?environment=staging"), "1 ");
  EXPECT_EQ(titles("?release=r2"), "1 ");
  EXPECT_EQ(titles("?q=stock"), "2 ");
  EXPECT_EQ(titles("?q=pick_ban"), "1 ");
  EXPECT_EQ(titles("?seen_after=2036-01-01T00:00:00Z"), "");
  EXPECT_EQ(titles("?seen_after=2020-01-01T00:00:00Z&sort=first_seen"), "1 2 ");
}

TEST_F(ApiTest, BadValuesSayWhatIsAllowed) {
  const std::pair<const char*, const char*> bad[] = {{"?level=eror", "critical"},
                                                     {"?status=open", "archived"},
                                                     {"?sort=age", "last_seen"},
                                                     {"?sort=-", "last_seen"},
                                                     {"?limit=0", "from 1 to 200"},
                                                     {"?limit=201", "from 1 to 200"},
                                                     {"?seen_after=now", "2026-"},
                                                     {"?cursor=garbage", "cursor"},
                                                     {"?limit=1&limit=2", "only once"},
                                                     {"/one", "whole number"},
                                                     {"/0", "whole number"},
                                                     {"/1/trend?hours=0", "from 1 to 2160"},
                                                     {"/1/trend?hours=9999", "2160"},
                                                     {"/1/occurrences?cursor=garbage", "cursor"},
                                                     {"/1/occurrences?level=error", "environment"}};
  for (auto [rest, hint] : bad) {
    http::Response reply = world_.get(items(rest), shop_.read);
    EXPECT_EQ(reply.status, 400) << rest << reply.body;
    EXPECT_THAT(reply.body, HasSubstr("\"code\":\"invalid\"")) << rest;
    EXPECT_THAT(reply.body, HasSubstr(hint)) << rest;
  }
  EXPECT_EQ(world_.get("/api/2/occurrences/x", shop_.read).status, 400);
}

TEST_F(ApiTest, PagesOfItemsAndOccurrencesJoinUp) {
  Json first = world_.read(items("?limit=1&sort=first_seen"), shop_.read);
  ASSERT_EQ(first.size("items"), 1u);
  Json second =
      world_.read(items("?limit=1&sort=first_seen&cursor=" + first.text("next")), shop_.read);
  EXPECT_EQ(second.number("items.0.number"), 2);
  EXPECT_TRUE(second.at("next").is_null());

  Json newest = world_.read(items("/1/occurrences?limit=1"), shop_.read);
  EXPECT_EQ(newest.text("occurrences.0.environment"), "staging");
  Json older =
      world_.read(items("/1/occurrences?limit=1&cursor=" + newest.text("next")), shop_.read);
  EXPECT_EQ(older.text("occurrences.0.uuid"), kFirst);
}

TEST_F(ApiTest, ItemDetailExplainsItself) {
  Json item = world_.read(items("/1"), shop_.read);
  ASSERT_EQ(item.size("grouping"), 1u);
  EXPECT_THAT(item.text("grouping.0.canonical"), HasSubstr("pick_banner"));
  EXPECT_FALSE(item.text("grouping.0.reason").empty());
  bool hosts = false;
  for (size_t i = 0; i < item.size("facets"); ++i) {
    if (item.text(fmt::format("facets.{}.kind", i)) != "host") continue;
    hosts = true;
    EXPECT_EQ(item.size(fmt::format("facets.{}.values", i)), 2u);
  }
  EXPECT_TRUE(hosts);
  Json latest =
      world_.read(fmt::format("/api/2/occurrences/{}", item.number("last_occurrence")), shop_.read);
  EXPECT_EQ(latest.text("environment"), "staging");
  EXPECT_EQ(world_.get(items("/99"), shop_.read).status, 404);
}

TEST_F(ApiTest, TrendEndsWithTheRunningHour) {
  Json trend = world_.read(items("/1/trend?hours=3"), shop_.read);
  EXPECT_EQ(trend.number("step_hours"), 1);
  ASSERT_EQ(trend.size("counts"), 3u);
  EXPECT_EQ(trend.number("counts.0"), 0);
  EXPECT_EQ(trend.number("counts.1"), 1);
  EXPECT_EQ(trend.number("counts.2"), 1);
  Json days = world_.read(items("/1/trend?hours=720"), shop_.read);
  EXPECT_EQ(days.number("step_hours"), 24);
  ASSERT_EQ(days.size("counts"), 30u);
  EXPECT_EQ(days.number("counts.29"), 2);
  EXPECT_EQ(world_.get(items("/99/trend"), shop_.read).status, 404);
}

TEST_F(ApiTest, OccurrenceFilters) {
  std::string path = fmt::format("/api/2/projects/{}/occurrences", shop_.id.v);
  EXPECT_EQ(world_.read(path, shop_.read).size("occurrences"), 3u);
  EXPECT_EQ(world_.read(path + "?environment=staging", shop_.read).size("occurrences"), 1u);
  EXPECT_EQ(world_.read(path + "?release=r1", shop_.read).size("occurrences"), 2u);
  EXPECT_EQ(world_.read(path + "?host=web1", shop_.read).size("occurrences"), 2u);
  EXPECT_EQ(world_.read(path + "?person=7", shop_.read).size("occurrences"), 1u);
  EXPECT_EQ(world_.read(path + "?person=nobody", shop_.read).size("occurrences"), 0u);
  EXPECT_EQ(world_.read(items("/2/occurrences"), shop_.read).size("occurrences"), 1u);
  EXPECT_EQ(world_.get(items("/99/occurrences"), shop_.read).status, 404);
}

TEST_F(ApiTest, OccurrenceHasTheWholeScrubbedEvent) {
  std::string path = fmt::format("/api/2/occurrences/{}", first_occurrence());
  Json one = world_.read(path, shop_.read);
  EXPECT_EQ(one.text("uuid"), kFirst);
  EXPECT_TRUE(one.at("previous").is_null());
  EXPECT_GT(one.number("next"), one.number("id"));
  EXPECT_EQ(one.text("person.email"), "ada@example.org");
  EXPECT_EQ(one.number("culprit.line"), 17);
  EXPECT_TRUE(one.at("body.available").flag);
  EXPECT_EQ(one.text("event.exceptions.0.frames.0.function"), "pick_banner");
  EXPECT_EQ(one.size("event.exceptions.0.frames.0.variables"), 2u);

  Json next = world_.read(fmt::format("/api/2/occurrences/{}", one.number("next")), shop_.read);
  EXPECT_EQ(next.number("previous"), one.number("id"));
}

TEST_F(ApiTest, SecretsAreNowhere) {
  std::string path = fmt::format("/api/2/occurrences/{}", first_occurrence());
  for (const std::string& target : {path, path + "/raw"}) {
    std::string body = world_.get(target, shop_.read).body;
    for (const char* secret :
         {"hunter2", "tok-secret", "hdr-secret", "key-secret", "ffffffffffff"}) {
      EXPECT_THAT(body, Not(HasSubstr(secret))) << target;
    }
    EXPECT_THAT(body, HasSubstr("pick_banner")) << target;
  }
}

TEST_F(ApiTest, ABodyThatIsGoneLeavesTheRow) {
  std::string path = fmt::format("/api/2/occurrences/{}", first_occurrence());
  world_.drop_bodies();
  Json one = world_.read(path, shop_.read);
  EXPECT_EQ(one.text("environment"), "production");
  EXPECT_FALSE(one.at("body.available").flag);
  EXPECT_THAT(one.text("body.reason"), HasSubstr("dropped"));
  EXPECT_TRUE(one.at("event").is_null());
  http::Response raw = world_.get(path + "/raw", shop_.read);
  EXPECT_EQ(raw.status, 410);
  EXPECT_THAT(raw.body, HasSubstr("\"code\":\"body_gone\""));
}

TEST_F(ApiTest, ReportsAreFoundByTheSendersId) {
  std::string reports = fmt::format("/api/2/projects/{}/reports/", shop_.id.v);
  int64_t id = first_occurrence();
  EXPECT_EQ(world_.read(reports + kFirst, shop_.read).number("id"), id);
  EXPECT_EQ(world_.read(reports + "11111111111141118111111111111111", shop_.read).number("id"), id);
  EXPECT_EQ(world_.read(reports + "2", shop_.read).number("previous"), id);
  http::Response missing = world_.get(reports + "unknown", shop_.read);
  EXPECT_EQ(missing.status, 404);
  EXPECT_THAT(missing.body, HasSubstr("\"code\":\"not_found\""));
}

TEST_F(ApiTest, StatusChangesByPatch) {
  http::Response reply = world_.patch(items("/1"), shop_.write, R"({"status":"resolved"})");
  ASSERT_EQ(reply.status, 200) << reply.body;
  Json item(reply.body);
  EXPECT_EQ(item.text("status"), "resolved");
  EXPECT_EQ(item.number("number"), 1);
  EXPECT_FALSE(item.at("status_changed_at").is_null());
  EXPECT_EQ(titles("?status=resolved"), "1 ");
}

TEST_F(ApiTest, BadPatchesChangeNothing) {
  const std::pair<const char*, const char*> bad[] = {
      {"", "JSON"},
      {"{", "JSON"},
      {"[]", "object"},
      {"{}", "status"},
      {R"({"status":7})", "status"},
      {R"({"status":"open"})", "archived"},
      {R"({"status":"muted","titel":"x"})", "titel"}};
  for (auto [body, hint] : bad) {
    http::Response reply = world_.patch(items("/1"), shop_.write, body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_THAT(reply.body, HasSubstr(hint)) << body;
  }
  std::string large = R"({"status":"muted"})" + std::string(64 << 10, ' ');
  EXPECT_EQ(world_.patch(items("/1"), shop_.write, large).status, 413);
  EXPECT_EQ(world_.patch(items("/99"), shop_.write, R"({"status":"muted"})").status, 404);
  EXPECT_EQ(world_.patch(items("/1"), shop_.read, R"({"status":"muted"})").status, 403);
  EXPECT_EQ(world_.read(items("/1"), shop_.read).text("status"), "active");
}

// Whatever a token of another project asks for is 404, as if it did not exist, also by right ids.
TEST_F(ApiTest, IsolationOfProjects) {
  int64_t occurrence = first_occurrence();
  store::Rule rule;
  rule.project = shop_.id;
  rule.path = "shop/banner.py";
  auto made =
      world_.store().lines().add_rule({.all = true, .projects = {}}, rule, world_.clock.now());
  ASSERT_TRUE(made.is_ok());
  int swept = 0;
  for (const Route& route : all_routes()) {
    std::string path(route.pattern);
    if (path.find(':') == std::string::npos) continue;
    auto fill = [&](std::string_view name, const std::string& value) {
      if (size_t at = path.find(name); at != std::string::npos)
        path.replace(at, name.size(), value);
    };
    fill(":project", std::to_string(shop_.id.v));
    fill(":number", "1");
    const bool of_rule = path.find("/rules/") != std::string::npos;
    fill(":id", std::to_string(of_rule ? made->id : occurrence));
    fill(":uuid", kFirst);
    auto asked_with = [&](const std::string& token) {
      return ask(world_.router(),
                 make_request(route.method, path, token, R"({"status":"resolved"})"));
    };
    http::Response foreign = asked_with(other_.write);
    EXPECT_EQ(foreign.status, 404) << path;
    EXPECT_THAT(foreign.body, Not(HasSubstr("IndexError"))) << path;
    EXPECT_EQ(asked_with(shop_.post).status, 403) << path;
    ++swept;
    EXPECT_EQ(asked_with(shop_.write).status / 100, 2) << path;
  }
  EXPECT_EQ(swept, 12);
  for (const char* path : {"/api/2/events?project=shop", "/api/2/rules?project=shop"}) {
    EXPECT_EQ(world_.get(path, other_.write).status, 404) << path;
  }
  EXPECT_EQ(world_.get("/api/2/projects/shop", other_.read).status, 404);
  EXPECT_EQ(world_.get("/api/2/projects/shop", other_.read).body,
            world_.get("/api/2/projects/shop", world_.make_project("third").read).body);
}

TEST_F(ApiTest, HealthShowsAProjectItsOwnRefusalsAndTheSystemToThoseOfAllProjects) {
  world_.health.digest.lag = 5;
  world_.health.faults = {"The disk is full."};
  Time now = world_.clock.now();
  store::Refusal refusals[] = {{shop_.id, "malformed", 3, now},
                               {other_.id, "too large", 4, now},
                               {shop_.id, "malformed", 2, now - hours(24)},
                               {shop_.id, "quota", 9, now - hours(24 * 30)}};
  ASSERT_TRUE(world_.store().add_refusals(refusals).is_ok());
  world_.unstored_refusals = {{shop_.id, "malformed", 6, now},  // a full disk keeps them waiting
                              {other_.id, "not stored", 8, now}};
  world_.health.store.items = 4711;
  world_.health.mail.last_error = "550 no such user";
  http::Response reply = world_.get("/api/2/health", shop_.read);
  EXPECT_THAT(reply.body, Not(HasSubstr("disk")));
  EXPECT_THAT(reply.body, Not(HasSubstr("4711")));
  EXPECT_THAT(reply.body, Not(HasSubstr("550")));
  Json health(reply.body);
  EXPECT_FALSE(health.at("ok").flag);
  EXPECT_EQ(health.size("faults"), 1u);
  EXPECT_EQ(health.number("digest.lag"), 5);
  ASSERT_EQ(health.size("refusals"), 1u);
  EXPECT_EQ(health.text("refusals.0.reason"), "malformed");
  EXPECT_EQ(health.number("refusals.0.count"), 11);
  EXPECT_EQ(health.number("refusals.0.project"), shop_.id.v);

  std::string all = world_.make_token({}, store::Scope::kRead);
  Json system = world_.read("/api/2/health", all);
  EXPECT_EQ(system.text("faults.0"), "The disk is full.");
  EXPECT_EQ(system.number("store.items"), 4711);
  EXPECT_EQ(system.text("mail.last_error"), "550 no such user");
  EXPECT_EQ(system.size("refusals"), 3u);

  EXPECT_EQ(world_.get("/metrics", other_.read).status, 403);
  EXPECT_THAT(world_.get("/metrics", all).body, HasSubstr("reason=\"too large\"} 4"));
  EXPECT_THAT(world_.get("/metrics", all).body, HasSubstr("reason=\"not stored\"} 8"));
  EXPECT_EQ(world_.get("/metrics", shop_.post).status, 403);
  EXPECT_EQ(world_.get("/metrics", "").status, 401);
}

TEST_F(ApiTest, NothingIsCached) {
  for (const std::string& target : {items(), items("/1"), items("/77"), std::string("/metrics"),
                                    std::string("/check_health")}) {
    http::Response reply = world_.get(target, shop_.read);
    EXPECT_EQ(header_of(reply, "Cache-Control"), "no-store") << target;
  }
}

}  // namespace
}  // namespace flawless::api
