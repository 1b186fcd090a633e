// Lines through the life of a repository: which are the same, and who is mailed about them.
#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <thread>

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

// --- equal texts in one function ---

const std::string kOneReturn =
    "def total(prices):\n"
    "    if prices:\n"
    "        return load(prices)\n"
    "    rest = 1\n"
    "    return 0\n";
const std::string kTwoReturns =
    "def total(prices):\n"
    "    if prices:\n"
    "        return load(prices)\n"
    "    rest = 1\n"
    "    if rest:\n"
    "        return load(prices)\n"
    "    return 0\n";

std::string deeper(std::string text) {
  for (size_t at = 0; (at = text.find("        return", at)) != std::string::npos; at += 18) {
    text.insert(at, "    ");
  }
  return text;
}

class TwinsFlowTest : public IdentityFlowTest {
 protected:
  TwinsFlowTest() {
    adas_ = remote_.commit(scm::kAda, "shop/cart.py", kOneReturn);
    both_ = remote_.commit(scm::kBob, "shop/cart.py", kTwoReturns);
  }
  static TestReport returning(uint32_t line, const std::string& release) {
    return at_line(line, release, "        return load(prices)");
  }
  std::string adas_, both_;
};

TEST_F(TwinsFlowTest, ReformattingMailsNobodyAgain) {
  const std::string reformatted = remote_.commit(scm::kCyd, "shop/cart.py", deeper(kTwoReturns));
  start();
  const store::Line first = decided(returning(3, both_));
  const store::Line second = decided(returning(6, both_));
  EXPECT_EQ(decided(returning(6, reformatted)).id, second.id);
  EXPECT_EQ(decided(returning(3, reformatted)).id, first.id);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example", "bob@shop.example"));
}

TEST_F(TwinsFlowTest, AnAuthorIsMailedNotWhoReformattedTheLine) {
  const std::string reformatted = remote_.commit(scm::kCyd, "shop/cart.py", deeper(kTwoReturns));
  start();
  const store::Line first = decided(returning(3, both_));
  const store::Line second = decided(returning(6, reformatted));
  EXPECT_NE(second.id, first.id);
  EXPECT_EQ(second.developer, "bob@shop.example");
  EXPECT_EQ(verdict_of(second).commit, both_);
  EXPECT_THAT(verdict_of(second).reasons[0], HasSubstr("Bob wrote this line"));
  EXPECT_EQ(decided(returning(3, reformatted)).id, first.id);
  EXPECT_EQ(decided(returning(6, both_)).id, second.id);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example", "bob@shop.example"));
}

TEST_F(TwinsFlowTest, WhoStoodBesideALineIsNotItWhenItIsGone) {
  const std::string removed = remote_.commit(
      scm::kCyd, "shop/cart.py",
      "def total(prices):\n    rest = 1\n    if rest:\n        return load(prices)\n"
      "    return 0\n");
  start();
  const store::Line first = decided(returning(3, both_));
  EXPECT_NE(decided(returning(4, removed)).id, first.id);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example", "bob@shop.example"));
}

TEST_F(TwinsFlowTest, NorIsOneThatWasGoneWhenTheOtherWasSeen) {
  const std::string removed = remote_.commit(
      scm::kCyd, "shop/cart.py",
      "def total(prices):\n    rest = 1\n    if rest:\n        return load(prices)\n"
      "    return 0\n");
  start();
  const store::Line second = decided(returning(4, removed));
  EXPECT_NE(decided(returning(3, both_)).id, second.id);
  EXPECT_THAT(recipients(), ElementsAre("bob@shop.example", "ada@shop.example"));
}

TEST_F(TwinsFlowTest, ASquashMailsNobodyAgain) {
  remote_.git({"branch", "feature"});
  remote_.git({"reset", "-q", "--hard", first_});
  const std::string squashed =
      remote_.commit(scm::kCyd, "shop/cart.py", "# all at once\n" + kTwoReturns);
  start();
  const store::Line first = decided(returning(3, both_));
  const store::Line second = decided(returning(6, both_));
  EXPECT_EQ(decided(returning(7, squashed)).id, second.id);
  EXPECT_EQ(decided(returning(4, squashed)).id, first.id);
  EXPECT_THAT(recipients(), SizeIs(2));
}

TEST_F(TwinsFlowTest, OfASquashOnlyTheLineInTheSamePlaceIsKnown) {
  remote_.git({"branch", "feature"});
  remote_.git({"reset", "-q", "--hard", first_});
  const std::string squashed = remote_.commit(scm::kCyd, "shop/cart.py", "#\n" + kTwoReturns);
  start();
  const store::Line first = decided(returning(3, both_));
  EXPECT_NE(decided(returning(7, squashed)).id, first.id);
  EXPECT_EQ(decided(returning(4, squashed)).id, first.id);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example", "cyd@shop.example"));
}

TEST_F(TwinsFlowTest, ARevertMailsNobodyAgain) {
  remote_.commit(scm::kCyd, "shop/cart.py", "def total(prices):\n    rest = 1\n    return 0\n");
  const std::string reverted = remote_.commit(scm::kCyd, "shop/cart.py", kTwoReturns);
  start();
  const store::Line first = decided(returning(3, both_));
  const store::Line second = decided(returning(6, both_));
  EXPECT_EQ(decided(returning(6, reverted)).id, second.id);
  EXPECT_EQ(decided(returning(3, reverted)).id, first.id);
  EXPECT_THAT(recipients(), SizeIs(2));
}

TEST_F(TwinsFlowTest, ALineThatWasMovedIsTheSame) {
  const std::string moved = remote_.commit(
      scm::kCyd, "shop/cart.py",
      "def total(prices):\n    rest = 1\n    if rest:\n        return load(prices)\n"
      "    if prices:\n        return load(prices)\n    return 0\n");
  start();
  const store::Line first = decided(returning(3, both_));
  const store::Line second = decided(returning(6, both_));
  EXPECT_THAT((std::vector{decided(returning(4, moved)).id.v, decided(returning(6, moved)).id.v}),
              UnorderedElementsAre(first.id.v, second.id.v));
  EXPECT_THAT(recipients(), SizeIs(2));
}

// Somebody else needs the same text in the same function later.
TEST_F(TwinsFlowTest, ATextThatIsWrittenAnewElsewhereIsAnotherLine) {
  remote_.commit(scm::kBob, "shop/cart.py", "def total(prices):\n    rest = 1\n    return 0\n");
  const std::string anew = remote_.commit(
      scm::kCyd, "shop/cart.py",
      "def total(prices):\n    rest = 1\n    return 0\n    # never\n"
      "        return load(prices)\n");
  start();
  decided(returning(3, adas_));
  decided(returning(5, anew));
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example", "cyd@shop.example"));
}

// A file through random commits. A text that was removed once is not written again: whether that is
// a revert or a new line, only people know.
class RandomHistory {
 public:
  struct Reported {
    TestReport report;
    std::string origin;  // as blame finds it to which white space does not matter
  };

  RandomHistory(scm::TestRepository& repository, uint32_t seed)
      : repository_(repository), random_(seed), renames_(seed % 2 == 0) {
    for (int i = 0; i < 6; ++i) insert();
  }
  // Of all lines at all commits, in any order.
  std::vector<Reported> reports(int commits) {
    std::vector<Reported> all;
    for (int i = 0; i < commits; ++i) {
      if (i > 0) change();
      commit(all);
    }
    std::shuffle(all.begin(), all.end(), random_);
    return all;
  }

 private:
  static constexpr std::array<const char*, 3> kOften = {"save(it)", "commit()", "return None"};

  size_t any(size_t below) { return random_() % below; }
  void insert() {
    std::string text = kOften[any(kOften.size())];
    if (any(2) == 0 || removed_.contains(text)) text = "call_" + std::to_string(++made_) + "(it)";
    fresh_.insert(text);
    lines_.insert(lines_.begin() + static_cast<long>(any(lines_.size() + 1)), text);
  }
  void remove() {
    const auto line = lines_.begin() + static_cast<long>(any(lines_.size()));
    if (lines_.size() < 4 || fresh_.contains(*line)) return;
    removed_.insert(*line);
    lines_.erase(line);
  }
  void edit() {
    std::string& line = lines_[any(lines_.size())];
    if (fresh_.contains(line)) return;
    removed_.insert(line);
    line = "call_" + std::to_string(++made_) + "(it)";
    fresh_.insert(line);
  }
  void change() {
    fresh_.clear();
    for (size_t steps = 1 + any(3); steps > 0; --steps) {
      const size_t what = any(10);
      if (what < 5) insert();
      if (what == 5) edit();
      if (what == 6 || what == 7) remove();
      if (what > 7 && renames_) rename();
      if (what > 7 && !renames_) indent_ = indent_ == "    " ? "        " : "    ";
    }
  }
  void rename() {
    const std::string to = "shop/cart" + std::to_string(++made_) + ".py";
    repository_.git({"mv", path_, to});
    path_ = to;
  }
  void commit(std::vector<Reported>& all) {
    std::string text = "def total():\n";
    for (const std::string& line : lines_) text += indent_ + line + '\n';
    const std::vector<scm::Author> authors = {scm::kAda, scm::kBob, scm::kCyd};
    const std::string id = repository_.commit(authors[any(3)], path_, text);
    const auto blame = scm::parse_porcelain(
        repository_.git({"blame", "-w", "--porcelain", id, "--", path_}) + '\n', 1000);
    ASSERT_TRUE(blame) << blame.message();
    for (uint32_t i = 0; i < lines_.size(); ++i) {
      const auto line = blame->at(i + 2);
      ASSERT_TRUE(line);
      TestReport report{.path = path_, .text = indent_ + lines_[i], .line = i + 2, .release = id};
      all.push_back({report, repository_key("shop", origin_of(*line)).key});
    }
  }

  scm::TestRepository& repository_;
  std::mt19937 random_;
  const bool renames_;  // else it re-indents; not both, see docs/decisions/011
  std::vector<std::string> lines_;
  std::set<std::string> removed_, fresh_;  // fresh: of this commit
  std::string path_ = "shop/cart.py", indent_ = "    ";
  int made_ = 0;
};

class RandomHistoryTest : public IdentityFlowTest, public testing::WithParamInterface<uint32_t> {};

TEST_P(RandomHistoryTest, EachLineIsMailedOnceInWhateverOrderItIsSeen) {
  RandomHistory history(remote_, GetParam());
  auto reports = history.reports(10);
  reports.resize(std::min<size_t>(reports.size(), 45));
  start();
  std::map<std::string, int64_t> line_of_origin;
  std::map<int64_t, std::string> origin_of_line;
  for (const auto& [report, origin] : reports) {
    const int64_t line = decided(report).id.v;
    const auto where = report.release.substr(0, 7) + ":" + std::to_string(report.line);
    EXPECT_EQ(line_of_origin.emplace(origin, line).first->second, line) << where << report.text;
    EXPECT_EQ(origin_of_line.emplace(line, origin).first->second, origin) << where << report.text;
  }
  EXPECT_THAT(recipients(), SizeIs(line_of_origin.size()));
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistoryTest, testing::Range(1U, 5U));

// --- several repositories ---

TEST_F(IdentityFlowTest, EqualLinesOfTwoRepositoriesAreTwo) {
  scm::TestRepository worker(at("worker"));
  const std::string bobs = worker.commit(scm::kBob, "shop/cart.py", kCart);
  const std::string later = worker.commit(scm::kCyd, "shop/cart.py", "#\n" + kCart);
  std::string text = kCart;
  text.replace(text.find(kFailing), std::string(kFailing).size(), "  return  db.sum(prices)");
  const std::string reformatted = worker.commit(scm::kCyd, "shop/cart.py", text);
  repositories_.push_back(repository("worker", at("worker")));
  start();
  for (int i = 0; i < 2000 && mirrors_->status()[1].tip.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const store::Line adas = decided(at_line(6, first_));
  const store::Line bobs_line = decided(at_line(6, bobs));
  EXPECT_NE(bobs_line.id, adas.id);
  EXPECT_EQ(bobs_line.developer, "bob@shop.example");
  EXPECT_EQ(bobs_line.mailed_to, "bob@shop.example");
  EXPECT_EQ(decided(at_line(7, later)).id, bobs_line.id);
  EXPECT_EQ(decided(at_line(6, reformatted)).id, bobs_line.id);
  EXPECT_EQ(line_of(report(at_line(6, first_)).occurrence).id, adas.id);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example", "bob@shop.example"));
}

TEST_F(IdentityFlowTest, ALineOfARepositoryThatIsRenamedIsNotMailedAgain) {
  const std::string later = remote_.commit(scm::kBob, "shop/cart.py", "#\n" + kCart);
  start();
  const store::Line before = decided(at_line(6, first_));
  stop();
  repositories_ = {repository("store", at("remote"))};
  start();
  EXPECT_EQ(decided(at_line(7, later)).id, before.id);
  EXPECT_THAT(recipients(), SizeIs(1));
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
