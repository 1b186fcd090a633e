#include "notify/composer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "notify/test_world.h"

namespace flawless::notify {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ComposerTest : public testing::Test {
 protected:
  [[nodiscard]] Composer composer(std::string key = kKey) const {
    return Composer({{"", "errors@f.example"}, "https://f.example", std::move(key)}, *world_.store,
                    world_.bodies);
  }
  Outgoing compose(const std::string& key) {
    auto mail = composer().compose(std::vector{world_.row(key)}, world_.clock.now());
    FLAWLESS_CHECK(mail.is_ok());
    return std::move(*mail);
  }
  static std::string key_of(const std::string& text, const std::string& page) {
    const size_t at = text.find("&key=", text.find(page)) + 5;
    return text.substr(at, text.find('\n', at) - at);
  }

  World world_;
};

TEST_F(ComposerTest, IdsAreTheSameForTheSameRowAndNobodyElseCanGuessThem) {
  const store::Message row = world_.row(world_.fail("a.py"));
  EXPECT_EQ(composer().message_id(row), composer().message_id(row));
  EXPECT_NE(composer().message_id(row), composer(std::string(32, 'x')).message_id(row));
  EXPECT_THAT(composer().message_id(row), testing::MatchesRegex("<[0-9a-f]{32}@errors.*>|<[0-9a-f]"
                                                                "+@f\\.example>"));
}

TEST_F(ComposerTest, LinksCarryAGrantForWhatTheMailIsAbout) {
  const Outgoing mail = compose(world_.fail("shop/banner.py"));
  const auto grant = render::LinkSigner(kKey).verify(key_of(mail.text, "/view_traceback"),
                                                     world_.clock.now() + std::chrono::hours(700));
  ASSERT_TRUE(grant.is_ok()) << grant.message();
  EXPECT_EQ(grant->project, world_.project());
  EXPECT_EQ(grant->item_number, 1);
  EXPECT_TRUE(grant->occurrence);
  EXPECT_EQ(grant->line.v, 1);
  EXPECT_EQ(grant->email, "ada@shop.example");
  EXPECT_THAT(mail.text,
              HasSubstr("https://f.example/view_traceback?filename=shop%2Fbanner.py&function_name="
                        "pick_banner&line_number=17&text=%20%20%20%20return%20random.choice%28"
                        "banners%29&key="));
  EXPECT_THAT(mail.text, HasSubstr("#ada@shop.example"));
}

TEST_F(ComposerTest, AMailWithoutALineLeadsToItsItemWithoutAnAccount) {
  store::Message row = world_.row(world_.fail("a.py"));
  row.key = "undeliverable:1";
  row.kind = "undeliverable";
  row.payload = R"({"project":1,"item_number":1,"recipient":"x@y.example","subject":"s","reason":"r"})";
  auto mail = composer().compose(std::vector{row}, world_.clock.now());
  ASSERT_TRUE(mail.is_ok());
  const size_t page = mail->text.find("https://f.example/view_traceback?key=");
  ASSERT_NE(page, std::string::npos);
  EXPECT_LT(page, mail->text.find("in the app (with an account)"));
}

TEST_F(ComposerTest, WhoStandsInForTheDeveloperIsNotShownTheirList) {
  const std::string key = world_.fail("a.py");
  store::Message row = world_.row(key);
  row.recipient = "oncall@shop.example";
  auto mail = composer().compose(std::vector{row}, world_.clock.now());
  ASSERT_TRUE(mail.is_ok());
  EXPECT_THAT(mail->text, Not(HasSubstr("get_weekly_error_report")));
}

TEST_F(ComposerTest, ListIdIsAName) {
  for (const auto& [name, list] : std::vector<std::pair<std::string, std::string>>{
           {"Shop & Café (EU)", "<shop-cafe-eu.flawless.f.example>"},
           {"Ünï Shop", "<uni-shop.flawless.f.example>"},
           {"日本", "<project.flawless.f.example>"}}) {
    JsonWriter json;
    json.object().field("project_name", name).end();
    store::Message row;
    row.key = "line:1:0";
    row.kind = "line";
    row.recipient = "ada@shop.example";
    row.payload = json.take();
    auto mail = composer().compose(std::vector{row}, world_.clock.now());
    ASSERT_TRUE(mail.is_ok());
    EXPECT_THAT(mail->headers, testing::Contains(testing::Pair("List-Id", list)));
  }
}

TEST_F(ComposerTest, RollUpIsOfOneProjectOrNamesThemAll) {
  std::vector<store::Message> rows{world_.row(world_.fail("a.py")),
                                   world_.row(world_.fail("b.py"))};
  auto one = composer().compose(rows, world_.clock.now());
  ASSERT_TRUE(one.is_ok());
  EXPECT_EQ(one->subject, "[shop] 2 new errors in your code");
  EXPECT_EQ(one->thread_id, "");
  rows[1].payload = R"({"project":77,"project_name":"web","path":"web/x.py"})";
  auto both = composer().compose(rows, world_.clock.now());
  ASSERT_TRUE(both.is_ok());
  EXPECT_EQ(both->subject, "2 new errors") << "one of them is nobody's";
  EXPECT_THAT(both->text, AllOf(HasSubstr("shop #1"), HasSubstr("web")));
}

}  // namespace
}  // namespace flawless::notify
