// Lines through the life of a repository: which are the same, and who is mailed about them.
#include "blame/test_world.h"

namespace flawless::blame {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const std::string kCart =
    "import db\n"
    "\n"
    "def total(prices):\n"
    "    if not prices:\n"
    "        return 0\n"
    "    return db.sum(prices)\n";
constexpr auto kFailing = "    return db.sum(prices)";

class IdentityFlowTest : public BlameTest {
 protected:
  IdentityFlowTest() {
    options_.allow = {"shop.example"};
    first_ = remote_.commit(scm::kAda, "shop/cart.py", kCart);
  }
  static TestReport at_line(uint32_t line, const std::string& release,
                            const std::string& text = kFailing) {
    return {.path = "shop/cart.py", .text = text, .line = line, .release = release};
  }
  std::string first_;
};

TEST_F(IdentityFlowTest, TheAuthorAtTheDeployedCommitIsMailedOnce) {
  remote_.commit(scm::kBob, "shop/cart.py", "# all new\n" + kCart + "# by Bob\n");
  start();
  const store::Line line = decided(at_line(6, first_));
  const Verdict verdict = verdict_of(line);
  EXPECT_EQ(line.developer, "ada@shop.example");
  EXPECT_EQ(verdict.repository, "shop");
  EXPECT_EQ(verdict.path, "shop/cart.py");
  EXPECT_EQ(verdict.line, 6U);
  EXPECT_EQ(verdict.revision, first_);
  EXPECT_EQ(verdict.commit, first_);
  EXPECT_TRUE(verdict.at_release);
  EXPECT_EQ(verdict.confidence_word(), "high");
  EXPECT_EQ(verdict.problem, "");
  ASSERT_THAT(verdict.source, SizeIs(3));
  EXPECT_EQ(verdict.source[2].text, kFailing);
  ASSERT_FALSE(verdict.reasons.empty());
  EXPECT_THAT(verdict.reasons[0],
              HasSubstr("Ada last changed this line in " + first_.substr(0, 7)));
  EXPECT_THAT(verdict.reasons[0], HasSubstr("blamed at the deployed commit"));
  EXPECT_EQ(line.changed_at, from_unix_ms(1'700'000'001'000));
  EXPECT_TRUE(line.mailed_at);

  for (int i = 0; i < 5; ++i) report(at_line(6, first_));
  settle();
  restart();
  settle();
  ASSERT_THAT(mails(), SizeIs(1));
  EXPECT_EQ(mails()[0].recipient, "ada@shop.example");
  EXPECT_EQ(mails()[0].key, "line:" + std::to_string(line.id.v) + ":0");
  std::lock_guard guard(mutex_);
  ASSERT_FALSE(concluded_.empty());
  EXPECT_TRUE(concluded_[0].mailed);
  EXPECT_EQ(concluded_[0].line, line.id);
  EXPECT_EQ(concluded_[0].developer, "ada@shop.example");
}

TEST_F(IdentityFlowTest, AShiftedLineIsTheSame) {
  const std::string shifted = remote_.commit(scm::kBob, "shop/cart.py", "# one\n# two\n" + kCart);
  start();
  const store::Line before = decided(at_line(6, first_));
  const store::Line after = decided(at_line(8, shifted));
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(after.count, 2U);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example"));
}

TEST_F(IdentityFlowTest, ALineInARenamedFileIsTheSame) {
  remote_.git({"mv", "shop", "store"});
  const std::string renamed = remote_.commit(scm::kBob, "rename");
  start();
  const store::Line before = decided(at_line(6, first_));
  TestReport report = at_line(6, renamed);
  report.path = "store/cart.py";
  EXPECT_EQ(decided(report).id, before.id);
  EXPECT_THAT(recipients(), SizeIs(1));
}

TEST_F(IdentityFlowTest, AnEditedLineIsAnotherAndGoesToWhoEditedIt) {
  std::string text = kCart;
  text.replace(text.find("db.sum(prices)"), 14, "db.sum(prices or [])");
  const std::string edited = remote_.commit(scm::kBob, "shop/cart.py", text);
  start();
  const store::Line before = decided(at_line(6, first_));
  const store::Line after = decided(at_line(6, edited, "    return db.sum(prices or [])"));
  EXPECT_NE(after.id, before.id);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example", "bob@shop.example"));
}

TEST_F(IdentityFlowTest, AReformattedLineIsTheSame) {
  std::string text = kCart;
  text.replace(text.find(kFailing), std::string(kFailing).size(), "  return  db.sum(prices)");
  const std::string reformatted = remote_.commit(scm::kBob, "shop/cart.py", text);
  start();
  const store::Line before = decided(at_line(6, first_));
  const store::Line after = decided(at_line(6, reformatted, "  return  db.sum(prices)"));
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(after.developer, "bob@shop.example");  // as git says; the mail was sent already
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example"));
}

TEST_F(IdentityFlowTest, AListedReformattingKeepsLineAndAuthorThoughTheTextIsAnother) {
  std::string text = kCart;
  text.replace(text.find("db.sum(prices)"), 14, "db.sum( prices )");
  const std::string reformatted = remote_.commit(scm::kBob, "shop/cart.py", text);
  remote_.commit(scm::kBob, ".git-blame-ignore-revs", reformatted + "\n");
  start();
  const store::Line before = decided(at_line(6, first_));
  const store::Line after = decided(at_line(6, reformatted, "    return db.sum( prices )"));
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(after.developer, "ada@shop.example");
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example"));
  EXPECT_THAT(verdict_of(after).reasons[1], HasSubstr("is passed over"));
}

TEST_F(IdentityFlowTest, ARevertIsTheSameLine) {
  std::string text = kCart;
  text.replace(text.find("db.sum(prices)"), 14, "db.sum(prices or [])");
  const std::string edited = remote_.commit(scm::kBob, "shop/cart.py", text);
  const std::string reverted = remote_.commit(scm::kCyd, "shop/cart.py", kCart);
  start();
  const store::Line before = decided(at_line(6, first_));
  decided(at_line(6, edited, "    return db.sum(prices or [])"));
  EXPECT_EQ(decided(at_line(6, reverted)).id, before.id);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example", "bob@shop.example"));
}

TEST_F(IdentityFlowTest, TwoEqualLinesOfAFunctionAreTwo) {
  const std::string twice = kCart + "    return db.sum(prices)\n";
  const std::string both = remote_.commit(scm::kBob, "shop/cart.py", twice);
  start();
  const store::Line first = decided(at_line(6, both));
  const store::Line second = decided(at_line(7, both));
  EXPECT_NE(second.id, first.id);
  EXPECT_EQ(first.developer, "ada@shop.example");
  EXPECT_EQ(second.developer, "bob@shop.example");
  EXPECT_EQ(line_of(report(at_line(7, both)).occurrence).id, second.id);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example", "bob@shop.example"));

  const std::string later = remote_.commit(scm::kCyd, "shop/cart.py", "\n" + twice);
  fetch();
  EXPECT_EQ(decided(at_line(8, later)).id, second.id);
  EXPECT_EQ(decided(at_line(7, later)).id, first.id);
  EXPECT_THAT(recipients(), SizeIs(2));
}

// Something else than the commit was deployed: the number says whom to ask, not which line it is.
TEST_F(IdentityFlowTest, ATextThatTheDeployedCommitDoesNotHaveIsALineOfItsOwn) {
  start();
  const store::Line known = decided(at_line(6, first_));
  const store::Line patched = decided(at_line(6, first_, "    return db.sum(hotfix(prices))"));
  EXPECT_NE(patched.id, known.id);
  EXPECT_EQ(patched.developer, "ada@shop.example");
  EXPECT_EQ(verdict_of(patched).confidence_word(), "low");
  EXPECT_THAT(recipients(), SizeIs(2));
}

TEST_F(IdentityFlowTest, TwoProjectsOfOneRepositoryShareALine) {
  const ProjectId worker = new_project("shop-worker");
  start();
  const store::Line one = decided(at_line(6, first_));
  TestReport other = at_line(6, first_);
  other.project = worker;
  const store::Line two = decided(other);
  EXPECT_EQ(two.id, one.id);
  EXPECT_EQ(two.count, 2U);
  EXPECT_THAT(recipients(), SizeIs(1));
}

TEST_F(IdentityFlowTest, ARepositoryThatComesLaterGivesTheLineItsAuthorAndNoSecondMail) {
  const auto configured = std::exchange(repositories_, {});
  start();
  const store::Line before = decided(at_line(6, first_));
  EXPECT_EQ(before.developer, "");
  EXPECT_THAT(verdict_of(before).problem, HasSubstr("no repository is configured"));
  EXPECT_THAT(recipients(), ElementsAre("ops@shop.example"));

  repositories_ = configured;
  repositories_[0].projects = {"Shop"};
  restart();
  for (int i = 0; i < 1000 && line_of({1}).developer.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  settle();
  const store::Line after = decided(at_line(6, first_));
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(after.developer, "ada@shop.example");
  const std::string shifted = remote_.commit(scm::kBob, "shop/cart.py", "#\n" + kCart);
  fetch();
  EXPECT_EQ(decided(at_line(7, shifted)).id, before.id);
  EXPECT_THAT(recipients(), ElementsAre("ops@shop.example"));
}

TEST_F(IdentityFlowTest, ALineThatWasMailedUnderItsTextIsNotMailedAgainUnderItsKey) {
  const ProjectId worker = new_project("worker");
  repositories_[0].projects = {"worker"};
  start();
  TestReport quiet = at_line(6, first_);
  quiet.project = worker;
  quiet.environment = "development";
  const store::Line keyed = decided(quiet);
  decided(at_line(6, "1.0"));
  const store::Line texted = decided(at_line(6, "1.1"));
  EXPECT_NE(texted.id, keyed.id);
  EXPECT_THAT(recipients(), ElementsAre("ops@shop.example"));

  repositories_[0].projects = {};
  restart();
  EXPECT_EQ(decided(at_line(6, first_)).id, keyed.id);
  EXPECT_THAT(recipients(), ElementsAre("ops@shop.example"));
}

}  // namespace
}  // namespace flawless::blame
