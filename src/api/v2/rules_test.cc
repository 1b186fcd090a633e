// Rules over the API, on a real store.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "api/v2/world.h"

namespace flawless::api {
namespace {

using http::Method;
using testing::HasSubstr;

class RulesTest : public testing::Test {
 protected:
  http::Response add(std::string_view body, const std::string& token) {
    return world_.ask(make_request(Method::kPost, "/api/2/rules", token, body));
  }
  size_t listed(const std::string& token, std::string_view query = "") {
    return world_.read(fmt::format("/api/2/rules{}", query), token).size("rules");
  }

  World world_;
  World::Project shop_ = world_.make_project("shop");
  World::Project other_ = world_.make_project("other");
  std::string all_ = world_.make_token({}, store::Scope::kWrite);
};

TEST_F(RulesTest, AreMadeListedAndRemoved) {
  http::Response reply = add(
      R"({"kind":"known_error","project":"shop","path":"shop/banner.py","function":"pick_banner",)"
      R"("code":"return banners[i]","max_alert_threshold":0,"alert_every_n_occurrences":null,)"
      R"("email_recipients":["ops@shop.example"],"email_header":"Known."})",
      shop_.write);
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(world_.rules_changed, 1);
  Json rule(reply.body);
  EXPECT_EQ(rule.number("project"), shop_.id.v);
  EXPECT_EQ(rule.number("max_alert_threshold"), 0);
  EXPECT_TRUE(rule.at("min_alert_threshold").is_null());
  EXPECT_EQ(rule.text("email_recipients.0"), "ops@shop.example");
  EXPECT_THAT(rule.text("created_by"), HasSubstr("token"));
  EXPECT_EQ(listed(shop_.read), 1u);
  EXPECT_EQ(listed(other_.read), 0u);
  EXPECT_EQ(listed(all_, "?project=other"), 0u);

  const std::string path = fmt::format("/api/2/rules/{}", rule.number("id"));
  EXPECT_EQ(world_.ask(make_request(Method::kDelete, path, other_.write)).status, 404);
  EXPECT_EQ(world_.ask(make_request(Method::kDelete, path, shop_.read)).status, 403);
  EXPECT_EQ(world_.ask(make_request(Method::kDelete, path, shop_.write)).status, 204);
  EXPECT_EQ(world_.rules_changed, 2);
  EXPECT_EQ(listed(all_), 0u);
  EXPECT_EQ(world_.ask(make_request(Method::kDelete, path, shop_.write)).status, 404);
}

TEST_F(RulesTest, OneForAllProjectsTakesOneWhoSeesAll) {
  const char* body = R"({"kind":"library_code","path":"shop/lib.py"})";
  EXPECT_EQ(add(body, shop_.write).status, 403);
  http::Response reply = add(body, all_);
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_TRUE(Json(reply.body).at("project").is_null());
  EXPECT_EQ(listed(shop_.read), 1u);
  const std::string path = fmt::format("/api/2/rules/{}", Json(reply.body).number("id"));
  EXPECT_EQ(world_.ask(make_request(Method::kDelete, path, shop_.write)).status, 403);
}

TEST_F(RulesTest, OtherProjectsAreNotThere) {
  const std::string body =
      fmt::format(R"({{"kind":"third_party","path":"x.py","project":{}}})", other_.id.v);
  EXPECT_EQ(add(body, shop_.write).status, 404);
  EXPECT_EQ(listed(other_.read), 0u);
  EXPECT_EQ(world_.rules_changed, 0);
}

TEST_F(RulesTest, BadOnesSayWhatIsWrong) {
  const std::pair<const char*, const char*> bad[] = {
      {R"({"kind":"known_error"})", "path"},
      {R"({"kind":"known_error","path":"  "})", "missing"},
      {R"({"kind":"whitelist","path":"x"})", "library_code"},
      {R"({"kind":"known_error","path":"x","min_alert_threshold":-1})", "min_alert_threshold"},
      {R"({"kind":"known_error","path":"x","alert_every_n_occurrences":0})", "1 at least"},
      {R"({"kind":"known_error","path":"shop/[ab.py"})", "without"},
      {R"({"kind":"known_error","path":"x","email_recipients":"a@b"})", "array"},
      {R"({"kind":"known_error","path":"x","email_recipients":["a@b\r\nBcc: c@d"]})", "address"},
      {R"({"kind":"known_error","path":"x","project":[]})", "project"},
      {R"({"kind":"known_error","path":"x","more":1})", "more"}};
  for (auto [body, hint] : bad) {
    http::Response reply = add(body, all_);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_THAT(reply.body, HasSubstr(hint)) << body;
  }
  EXPECT_EQ(listed(all_), 0u);
}

TEST_F(RulesTest, ThoseOfTheConfigurationAreShownWithoutAnId) {
  store::Rule everywhere, elsewhere;
  everywhere.path = "shop/db.py";
  everywhere.created_by = "flawless.cfg";
  elsewhere.path = "secret.py";
  elsewhere.project = other_.id;
  world_.configured_rules = {everywhere, elsewhere};
  Json seen = world_.read("/api/2/rules", shop_.read);
  ASSERT_EQ(seen.size("rules"), 1u);
  EXPECT_TRUE(seen.at("rules.0.id").is_null());
  EXPECT_EQ(seen.text("rules.0.created_by"), "flawless.cfg");
  EXPECT_EQ(listed(all_), 2u);
}

TEST_F(RulesTest, AnItemTellsItsLineAndWhoWroteIt) {
  world_.report(shop_, {.uuid = "1"});
  Json before = world_.read("/api/2/projects/shop/items/1", shop_.read);
  EXPECT_EQ(before.text("line.path"), "shop/banner.py");
  EXPECT_TRUE(before.at("line.verdict").is_null());
  EXPECT_TRUE(before.at("line.mailed_at").is_null());
  EXPECT_EQ(before.text("history.0.kind"), "created");

  world_.decide("ada@shop.example");
  Json after = world_.read("/api/2/projects/shop/items/1", shop_.read);
  EXPECT_EQ(after.text("developer"), "ada@shop.example");
  EXPECT_EQ(after.text("line.developer"), "ada@shop.example");
  EXPECT_EQ(after.text("line.verdict.author_name"), "Ada \"<b>\" Lovelace");
  EXPECT_EQ(after.text("line.verdict.confidence_word"), "high");
  EXPECT_EQ(after.size("line.verdict.source"), 1u);
  EXPECT_EQ(world_.read("/api/2/projects/shop/items?developer=ADA@shop.example", shop_.read)
                .size("items"),
            1u);
  EXPECT_EQ(world_.read("/api/2/projects/shop/items?developer=grace@shop.example", shop_.read)
                .size("items"),
            0u);
}

}  // namespace
}  // namespace flawless::api
