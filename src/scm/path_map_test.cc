#include "scm/path_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flawless::scm {
namespace {

using How = MappedPath::How;
using testing::ElementsAre;
using testing::IsEmpty;

std::string joined(std::initializer_list<std::string_view> paths) {
  std::string text;
  for (std::string_view path : paths) (text += path) += '\0';
  return text;
}

const FileList kFiles(joined({"app.py", "shop/__init__.py", "shop/cart.py", "shop/pay/util.py",
                              "shop/util.py", "src/tools/report.py", "tests/cart_test.py",
                              "web/src/main.ts", "web/old/src/main.ts", "examples/app.py",
                              "java/src/com/shop/Order.java", "docs/a b/-x.py", "random.py"}));

MappedPath map(std::string_view path, const std::vector<PathRule>& rules = {},
               std::string_view module = {}) {
  return map_path({path, module}, rules, kFiles);
}

void expect(const MappedPath& mapped, How how, std::string_view path) {
  EXPECT_EQ(mapped.how, how);
  EXPECT_EQ(mapped.path, path);
}

TEST(MapPath, ConfiguredRulesComeFirst) {
  expect(map("/app/shop/cart.py", {{"/app/", ""}}), How::kRule, "shop/cart.py");
  expect(map("/app/shop/cart.py", {{"/app", ""}}), How::kRule, "shop/cart.py");
  expect(map("/usr/lib/python3/site-packages/shop/cart.py", {{"site-packages/shop/", "shop/"}}),
         How::kRule, "shop/cart.py");
  expect(map("C:\\app\\tools\\report.py", {{"C:\\app", "src"}}), How::kRule, "src/tools/report.py");
  expect(map("report.py", {{"", "src/tools"}}), How::kRule, "src/tools/report.py");
  expect(map("/report.py", {{"/", "src/tools"}}), How::kRule, "src/tools/report.py");
}

TEST(MapPath, TheLongestRuleWins) {
  const std::vector<PathRule> rules = {{"/app", "shop"}, {"/app/pay", "shop/pay"}};
  expect(map("/app/pay/util.py", rules), How::kRule, "shop/pay/util.py");
  expect(map("/app/util.py", rules), How::kRule, "shop/util.py");
}

TEST(MapPath, RulesMeanWholeDirectories) {
  expect(map("/app2/shop/cart.py", {{"/app", "docs"}}), How::kGuess, "shop/cart.py");
  expect(map("/srv/app/shop/cart.py", {{"/app", "docs"}}), How::kGuess, "shop/cart.py");
}

TEST(MapPath, GuessesNothingWhereARuleFitsButTheFileIsMissing) {
  const auto mapped = map("/app/other/cart.py", {{"/app", ""}});
  expect(mapped, How::kNone, "");
  EXPECT_THAT(mapped.candidates, IsEmpty());
}

TEST(MapPath, GuessesByTheLongestCommonEndAndShowsTheRule) {
  const auto app = map("/srv/releases/42/shop/pay/util.py");
  expect(app, How::kGuess, "shop/pay/util.py");
  EXPECT_EQ(app.rule.deployed, "/srv/releases/42/");
  EXPECT_EQ(app.rule.repository, "");
  const auto tool = map("/opt/tools/report.py");
  expect(tool, How::kGuess, "src/tools/report.py");
  EXPECT_EQ(tool.rule.deployed, "/opt/");
  EXPECT_EQ(tool.rule.repository, "src/");
  expect(map("webpack:///./web/src/main.ts"), How::kGuess, "web/src/main.ts");
  expect(map("file:///srv/shop/cart.py"), How::kGuess, "shop/cart.py");
}

TEST(MapPath, TheGuessedRuleMapsTheSamePathAgain) {
  for (std::string_view path : {"/srv/shop/pay/util.py", "/opt/tools/report.py", "/app/app.py"}) {
    const auto guessed = map(path);
    ASSERT_EQ(guessed.how, How::kGuess) << path;
    expect(map(path, {guessed.rule}), How::kRule, guessed.path);
  }
}

TEST(MapPath, TakesARelativePathAsItIs) {
  expect(map("shop/cart.py"), How::kExact, "shop/cart.py");
  expect(map("./shop/cart.py"), How::kExact, "shop/cart.py");
  expect(map("docs/a b/-x.py"), How::kExact, "docs/a b/-x.py");
  expect(map("app.py"), How::kExact, "app.py");
}

TEST(MapPath, PrefersAWholePathAmongEquals) { expect(map("/app/app.py"), How::kGuess, "app.py"); }

TEST(MapPath, DoesNotGuessOnANameAlone) {
  expect(map("/srv/lib/cart.py"), How::kNone, "");
  EXPECT_THAT(map("/srv/lib/cart.py").candidates, ElementsAre("shop/cart.py"));
  expect(map("/srv/lib/none.py"), How::kNone, "");
}

TEST(MapPath, SaysWhatCouldBeMeantWhenItIsUnclear) {
  const auto mapped = map("/build/src/main.ts");
  expect(mapped, How::kNone, "");
  EXPECT_THAT(mapped.candidates, ElementsAre("web/old/src/main.ts", "web/src/main.ts"));
  expect(map("/build/old/src/main.ts"), How::kGuess, "web/old/src/main.ts");
}

TEST(MapPath, DoesNotTakeLibrariesForOurs) {
  expect(map("/usr/lib/python3.11/random.py"), How::kNone, "");
  expect(map("/v/site-packages/other/shop/util.py"), How::kNone, "");
  expect(map("/v/site-packages/random.py"), How::kNone, "");
  expect(map("/v/site-packages/shop/util.py"), How::kGuess, "shop/util.py");
  expect(map("/v/site-packages/tools/report.py"), How::kGuess, "src/tools/report.py");
}

TEST(MapPath, FindsModules) {
  expect(map("", {}, "shop.cart"), How::kGuess, "shop/cart.py");
  expect(map("", {}, "tools.report"), How::kGuess, "src/tools/report.py");
  EXPECT_EQ(map("", {}, "tools.report").rule.repository, "src/");
  expect(map("shop.pay.util"), How::kGuess, "shop/pay/util.py");
  expect(map("Order.java", {}, "com.shop.Order"), How::kGuess, "java/src/com/shop/Order.java");
  expect(map("Order.java", {}, "com.shop.Order$Line"), How::kGuess, "java/src/com/shop/Order.java");
  expect(map("", {}, "shop"), How::kGuess, "shop/__init__.py");
  expect(map("util.py", {}, "shop.util"), How::kExact, "shop/util.py");
  expect(map("", {}, "cart"), How::kNone, "");
  expect(map("", {}, "a/../b"), How::kNone, "");
}

TEST(MapPath, SurvivesHostilePaths) {
  for (std::string_view path : {"/", "//", "..", "../../etc/passwd", "/./././", "://", "a://",
                                "\\\\", "C:", "\xff\xfe", "shop/../../shop/", "."}) {
    EXPECT_EQ(map(path).how, How::kNone) << path;
    map(path, {{"/", ""}, {"", ""}, {"..", "x"}});
  }
  expect(map(""), How::kNone, "");
  EXPECT_EQ(map(std::string(100'000, '/') + "shop/cart.py").path, "shop/cart.py");
}

TEST(FileListTest, FindsByNameAndWholePath) {
  EXPECT_EQ(kFiles.size(), 13U);
  EXPECT_TRUE(kFiles.contains("shop/pay/util.py"));
  EXPECT_FALSE(kFiles.contains("pay/util.py"));
  EXPECT_FALSE(kFiles.contains("shop"));
  EXPECT_THAT(kFiles.named("util.py"), ElementsAre("shop/pay/util.py", "shop/util.py"));
  EXPECT_THAT(kFiles.named("til.py"), IsEmpty());
  EXPECT_EQ(FileList("a\0b"  // the last one is not ended
                     "")
                .size(),
            0U);
  EXPECT_EQ(FileList(joined({"a", "b", "c"}), 2).size(), 2U);
}

}  // namespace
}  // namespace flawless::scm
