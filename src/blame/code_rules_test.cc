#include "blame/code_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flawless::blame {
namespace {

using store::RuleKind;
using ::testing::SizeIs;

store::Rule rule(RuleKind kind, const std::string& path, const std::string& function = {}) {
  store::Rule rule;
  rule.kind = kind;
  rule.path = path;
  rule.function = function;
  return rule;
}

TEST(SortRules, ByKindAndWithoutThoseThatNameNoFile) {
  const std::vector<store::Rule> configured = {rule(RuleKind::kKnownError, "a.py"),
                                               rule(RuleKind::kLibraryCode, "b.py"),
                                               rule(RuleKind::kThirdParty, "")};
  const std::vector<store::Rule> stored = {rule(RuleKind::kKnownError, "c.py"),
                                           rule(RuleKind::kThirdParty, "d.py")};
  const CodeRules rules = sort_rules(configured, stored);
  ASSERT_THAT(rules.known_errors, SizeIs(2));
  EXPECT_EQ(rules.known_errors[0].path, "a.py");
  ASSERT_THAT(rules.library_code, SizeIs(1));
  ASSERT_THAT(rules.third_party, SizeIs(1));
  EXPECT_EQ(rules.third_party[0].path, "d.py");
}

TEST(KnownError, IsTheRuleThatSaysMost) {
  const std::vector<store::Rule> stored = {rule(RuleKind::kKnownError, "shop/cart.py"),
                                           rule(RuleKind::kKnownError, "shop/cart.py", "total")};
  const CodeRules rules = sort_rules({}, stored);
  Frame frame;
  frame.path = "shop/cart.py";
  frame.function = "total";
  EXPECT_EQ(known_error(rules, NamedFrame{frame, {}}), &rules.known_errors[1]);
  frame.function = "mean";
  EXPECT_EQ(known_error(rules, NamedFrame{frame, {}}), &rules.known_errors[0]);
  frame.path = "shop/banner.py";
  EXPECT_EQ(known_error(rules, NamedFrame{frame, {}}), nullptr);
}

TEST(KnownError, IsFoundByTheNameInTheRepositoryToo) {
  const std::vector<store::Rule> stored = {rule(RuleKind::kKnownError, "shop/race.py")};
  const CodeRules rules = sort_rules({}, stored);
  Frame frame;
  frame.path = "deploy/shop/race.py";
  EXPECT_EQ(known_error(rules, NamedFrame{frame, {}}), nullptr);
  EXPECT_EQ(known_error(rules, NamedFrame{frame, "shop/race.py"}), &rules.known_errors[0]);
}

TEST(DeployedPath, IsWhatAMappingMakesOfAPathInTheRepository) {
  EXPECT_EQ(deployed_path("shop/race.py", {"deploy/", ""}), "deploy/shop/race.py");
  EXPECT_EQ(deployed_path("src/shop/race.py", {"/app", "src/"}), "/app/shop/race.py");
  EXPECT_EQ(deployed_path("src/*.py", {"/app", "src"}), "/app/*.py");
  EXPECT_EQ(deployed_path("src/", {"/app", "src/shop"}), "/app") << "all of it";
  EXPECT_EQ(deployed_path("src/shop/race.py", {"", "src"}), "shop/race.py");
  EXPECT_EQ(deployed_path("srcs/race.py", {"/app", "src"}), std::nullopt);
  EXPECT_EQ(deployed_path("/srv/race.py", {"/app", ""}), std::nullopt);
  EXPECT_EQ(deployed_path("src", {"", "src"}), std::nullopt) << "a rule for everything";
}

TEST(CulpritFrame, IsTheInnermostOneThatLooksLikeTheSite) {
  store::Decision decision;
  decision.path = "shop.cart";  // the client names modules only
  decision.function = "total";
  decision.text = "x = 1";
  decision.line_number = 7;
  Frame other;
  other.path = "shop/cart.py";
  other.line = 7;
  Frame site;
  site.module = "shop.cart";
  site.function = "total";
  site.code = "x = 1";
  site.line = 7;
  Event event;
  event.exceptions.resize(2);
  event.exceptions[0].frames = {other};
  EXPECT_EQ(culprit_frame(event, decision), nullptr);
  event.exceptions[1].frames = {site, other, site, other};  // recursion, in the cause
  EXPECT_EQ(culprit_frame(event, decision), &event.exceptions[1].frames[2]);
}

TEST(FrameOfSite, HasWhatTheSiteHas) {
  store::Decision decision;
  decision.path = "shop/cart.py";
  decision.function = "total";
  decision.text = "x = 1";
  decision.line_number = 7;
  Event event;
  event.exceptions.resize(1);
  event.exceptions[0].frames = {frame_of_site(decision)};
  EXPECT_NE(culprit_frame(event, decision), nullptr);
}

}  // namespace
}  // namespace flawless::blame
