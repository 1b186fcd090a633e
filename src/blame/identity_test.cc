#include "blame/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flawless::blame {
namespace {

using ::testing::SizeIs;

constexpr LineId kHere{7}, kThere{9};
const std::string kOld(40, 'a'), kNew(40, 'b');

// Lines 1 to 10 are from kOld, which called the file "a.py", 11 from kNew.
scm::FileBlame file() {
  scm::FileBlame blame;
  blame.commits.resize(2);
  blame.commits[0].id = kOld;
  blame.commits[1].id = kNew;
  blame.paths = {"src/a.py", "a.py"};
  blame.runs = {{.first_line = 1, .lines = 10, .origin_line = 21, .commit = 0, .path = 1},
                {.first_line = 11, .lines = 1, .origin_line = 11, .commit = 1, .path = 0}};
  blame.line_count = 11;
  return blame;
}

class IdentityTest : public testing::Test {
 protected:
  IdentityTest() {
    question_.line = kHere;
    question_.repository = "shop";
    question_.plain = question_.through = {kNew, "src/a.py", 11};
    question_.repositories = repositories_;
    question_.file = &file_;
    question_.candidates.resize(1);
    question_.candidates[0].line = kHere;
  }
  void has(const std::string& repository, const Origin& origin, size_t candidate = 0) {
    question_.candidates[candidate].keys.push_back(repository_key(repository, origin));
  }
  void add_twin(LineId line) { question_.candidates.push_back({line, {}, std::nullopt}); }
  const std::vector<std::string_view> repositories_ = {"shop", "worker"};
  scm::FileBlame file_ = file();
  IdentityQuestion question_;
};

TEST(RepositoryKey, IsReadBackAsItWasWritten) {
  const Origin origin{kOld, "a dir/ü 7.py", 17};
  const store::LineKey key = repository_key("shop", origin);
  EXPECT_EQ(key.kind, "repo");
  EXPECT_EQ(key.key, "shop " + kOld + " 17 a dir/ü 7.py");
  EXPECT_EQ(read_repository_key(key.key, "shop"), origin);
  EXPECT_EQ(read_repository_key(key.key, "sho"), std::nullopt);
  EXPECT_EQ(read_repository_key("shop", "shop"), std::nullopt);
  EXPECT_EQ(read_repository_key("shop x 1x p", "shop"), std::nullopt);
}

TEST_F(IdentityTest, AKnownKeyDecides) {
  question_.known = kThere;
  has("shop", {kOld, "a.py", 21});
  Identity identity = identify(question_);
  EXPECT_EQ(identity.join, kThere);
  EXPECT_FALSE(identity.split);
  question_.known = kHere;
  identity = identify(question_);
  EXPECT_FALSE(identity.join);
  EXPECT_FALSE(identity.split);
}

TEST_F(IdentityTest, ALineBeforeItsReformattingIsTheSame) {
  question_.through = {kOld, "a.py", 31};
  question_.known = kThere;
  const Identity identity = identify(question_);
  EXPECT_EQ(identity.join, kThere);
  ASSERT_THAT(identity.keys, SizeIs(2));
  EXPECT_EQ(identity.keys[0].key, "shop " + kNew + " 11 src/a.py");
  EXPECT_EQ(identity.keys[1].key, "shop " + kOld + " 31 a.py");
}

TEST_F(IdentityTest, ALineWithoutKeyHereKeepsTheSite) {
  EXPECT_FALSE(identify(question_).split);
  has("old", {kOld, "a.py", 21});  // of a repository that is not configured any more
  const Identity identity = identify(question_);
  EXPECT_FALSE(identity.join);
  EXPECT_FALSE(identity.split);
  EXPECT_THAT(identity.keys, SizeIs(1));
}

TEST_F(IdentityTest, ALineWhoseOldKeysAreGoneWasRewritten) {
  has("shop", {std::string(40, 'c'), "a.py", 21});  // another commit
  has("shop", {kOld, "b.py", 21});                  // another file
  has("shop", {kOld, "a.py", 20});                  // a line before the run
  has("shop", {kOld, "a.py", 31});                  // and one after it
  EXPECT_FALSE(identify(question_).split);
}

TEST_F(IdentityTest, ALineThatIsStillThereIsAnotherOne) {
  has("shop", {std::string(40, 'c'), "a.py", 21});
  has("shop", {kOld, "a.py", 30});
  const Identity identity = identify(question_);
  EXPECT_TRUE(identity.split);
  EXPECT_FALSE(identity.join);
}

TEST_F(IdentityTest, ALineOfAnotherRepositoryIsAnother) {
  has("worker", {kOld, "a.py", 21});
  EXPECT_TRUE(identify(question_).split);
  has("shop", {std::string(40, 'c'), "a.py", 21});  // it is known here, too, and was rewritten
  EXPECT_FALSE(identify(question_).split);
}

TEST_F(IdentityTest, TheSameCommitsLineInACopyIsTheSame) {
  has("worker", {kOld, "a.py", 21});
  add_twin(kThere);
  has("worker", question_.plain, 1);
  EXPECT_EQ(identify(question_).join, kThere);
}

TEST_F(IdentityTest, HistorySaysMoreThanTheFile) {
  has("shop", {kOld, "a.py", 30});
  question_.candidates[0].is_one = true;
  EXPECT_FALSE(identify(question_).split);
  question_.candidates[0] = {kHere, {}, false};
  has("shop", {std::string(40, 'c'), "a.py", 21});
  EXPECT_TRUE(identify(question_).split);
  add_twin(kThere);
  has("shop", {kOld, "a.py", 30}, 1);
  question_.candidates[1].is_one = true;
  const Identity identity = identify(question_);
  EXPECT_FALSE(identity.split);
  EXPECT_EQ(identity.join, kThere);
}

TEST_F(IdentityTest, WhereItWasFirstWrittenIsAKeyToo) {
  question_.loose = question_.plain;
  EXPECT_THAT(identify(question_).keys, SizeIs(1));
  question_.loose = Origin{kOld, "a.py", 7};
  const Identity identity = identify(question_);
  ASSERT_THAT(identity.keys, SizeIs(2));
  EXPECT_EQ(identity.keys[1].key, "shop " + kOld + " 7 a.py");
}

}  // namespace
}  // namespace flawless::blame
