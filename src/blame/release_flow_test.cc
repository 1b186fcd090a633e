// Which commit is blamed, and what happens while it cannot be read.
#include <sys/stat.h>

#include <fstream>

#include "blame/test_world.h"

namespace flawless::blame {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ReleaseFlowTest : public BlameTest {
 protected:
  ReleaseFlowTest() {
    options_.allow = {"shop.example"};
    first_ = remote_.commit(scm::kAda, "shop/cart.py", "def total():\n    return db.total()\n");
  }
  static TestReport at_line(uint32_t line, const std::string& release,
                            const std::string& text = "    return db.total()") {
    return {.path = "shop/cart.py", .text = text, .line = line, .release = release};
  }
  // Until the first clone is there and nothing waits.
  void start_ready() {
    start();
    for (int i = 0; i < 2000 && mirrors_->status()[0].tip.empty(); ++i) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    ASSERT_NE(mirrors_->status()[0].tip, "");
  }
  // A git that does this first when one of its arguments is the word.
  void use_git(const std::string& first, const std::string& word) {
    const std::string program = at("special-git");
    std::ofstream(program) << "#!/bin/sh\nfor a in \"$@\"; do\n  if [ \"$a\" = " << word
                           << " ]; then " << first << "; break; fi\ndone\nexec git \"$@\"\n";
    ASSERT_EQ(::chmod(program.c_str(), 0755), 0);
    auto git = scm::Git::prepare(posix_, {.home = at("home"), .program = program});
    ASSERT_TRUE(git) << git.message();
    git_ = std::make_unique<scm::Git>(*git);
  }
  void hang_at(const std::string& word) { use_git("exec sleep 600", word); }
  // A git whose subcommand of this name waits for let_go().
  void slow_down(const std::string& word) {
    use_git("while [ ! -e '" + at("let go") + "' ]; do sleep 0.02; done", word);
  }
  void let_go() const { std::ofstream(at("let go")) << "x"; }
  // Of a line that is decided again by and by.
  std::string developer_at_last(const store::Applied& applied) {
    for (int i = 0; i < 1000 && line_of(applied.occurrence).developer.empty(); ++i) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    return line_of(applied.occurrence).developer;
  }
  std::string first_;
};

// Git names the one who made the oldest commit it has, whoever wrote the line before.
TEST_F(ReleaseFlowTest, ALineFromBeforeAShallowClonesHistoryHasNoAuthorUntilThereIsMore) {
  const std::string tip = remote_.commit(scm::kBob, "README", "more\n");
  remote_.git({"clone", "-q", "--depth", "1", "file://" + at("remote"), at("shallow")});
  remote_.commit(scm::kCyd, "shop/cart.py", "def total():\n    return db.total()\nnew()\n");
  remote_.git({"-C", at("shallow"), "pull", "-q"});
  repositories_[0].mirror.url = at("shallow");
  repositories_[0].fetch_every = milliseconds(50);
  start_ready();
  EXPECT_EQ(decided(at_line(3, "", "new()")).developer, "cyd@shop.example");
  const store::Applied applied = report(at_line(2, tip));
  settle();
  const store::Line line = line_of(applied.occurrence);
  EXPECT_EQ(line.developer, "");
  EXPECT_THAT(verdict_of(line).problem, HasSubstr("repository shop is a shallow clone"));
  EXPECT_THAT(verdict_of(line).problem, HasSubstr("git fetch --unshallow"));
  EXPECT_EQ(verdict_of(line).line, 2U);
  EXPECT_THAT(recipients(), ElementsAre("cyd@shop.example", "ops@shop.example"));
  EXPECT_THAT(service_->health().mirror_faults, ElementsAre(HasSubstr("is a shallow clone")));

  remote_.git({"-C", at("shallow"), "fetch", "-q", "--unshallow"});
  EXPECT_EQ(developer_at_last(applied), "ada@shop.example");
  EXPECT_THAT(mails(), SizeIs(2)) << "somebody was told";
}

TEST_F(ReleaseFlowTest, AReleaseThatIsNotThereYetIsFetched) {
  options_.wait_for_release = seconds(10);
  start_ready();
  remote_.commit(scm::kBob, "shop/cart.py", "# Bob\ndef total():\n    return db.total()\n");
  const std::string deployed =
      remote_.commit(scm::kCyd, "shop/cart.py", "# Bob\ndef total():\n    return db.total(1)\n");
  remote_.git({"branch", "deployed"});
  remote_.git({"reset", "-q", "--hard", first_});
  const store::Line line = decided(at_line(3, deployed, "    return db.total(1)"));
  EXPECT_EQ(line.developer, "cyd@shop.example");
  EXPECT_TRUE(verdict_of(line).at_release);
  EXPECT_EQ(verdict_of(line).revision, deployed);
}

TEST_F(ReleaseFlowTest, AReleaseThatIsPushedWhileWeWaitIsWaitedFor) {
  options_.wait_for_release = seconds(20);
  start_ready();
  scm::TestRepository elsewhere(at("elsewhere"));
  elsewhere.git({"fetch", "-q", at("remote"), "main"});
  elsewhere.git({"reset", "-q", "--hard", "FETCH_HEAD"});
  const std::string deployed = elsewhere.commit(scm::kBob, "shop/cart.py", "total = db.total(2)\n");
  report(at_line(1, deployed, "total = db.total(2)"));
  for (int i = 0; i < 1000 && service_->health().put_off == 0; ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_THAT(mails(), SizeIs(0));
  remote_.git({"fetch", "-q", at("elsewhere"), "main:deployed"});
  settle();
  const store::Line line = line_of({1});
  EXPECT_EQ(line.developer, "bob@shop.example");
  EXPECT_EQ(verdict_of(line).revision, deployed);
}

TEST_F(ReleaseFlowTest, AnUnknownReleaseIsDecidedAtTheTipWithLessConfidence) {
  const std::string tip = remote_.commit(scm::kBob, "shop/cart.py",
                                         "# Bob\n# Bob\ndef total():\n    return db.total()\n");
  start_ready();
  const std::string unknown(40, 'd');
  const store::Line line = decided(at_line(2, unknown));
  const Verdict verdict = verdict_of(line);
  EXPECT_EQ(line.developer, "ada@shop.example");
  EXPECT_FALSE(verdict.at_release);
  EXPECT_EQ(verdict.revision, tip);
  EXPECT_EQ(verdict.line, 4U);
  EXPECT_EQ(verdict.confidence_word(), "medium");
  EXPECT_THAT(verdict.reasons[0], HasSubstr("since release " + unknown + " is not in"));
  EXPECT_THAT(verdict.reasons[1], HasSubstr("its text stands at 4"));

  const Verdict unnamed = verdict_of(decided(at_line(4, "")));
  EXPECT_THAT(unnamed.reasons[0], HasSubstr("since the report names no release"));
  EXPECT_LT(unnamed.confidence, 0.8);
  EXPECT_GT(unnamed.confidence, verdict.confidence);
}

TEST_F(ReleaseFlowTest, AReleaseThatComesTooLateGivesTheLineItsAuthorAndNobodyASecondMail) {
  repositories_[0].fetch_every = milliseconds(50);
  start_ready();
  scm::TestRepository elsewhere(at("elsewhere"));
  elsewhere.git({"fetch", "-q", at("remote"), "main"});
  elsewhere.git({"reset", "-q", "--hard", "FETCH_HEAD"});
  const std::string deployed = elsewhere.commit(scm::kBob, "shop/cart.py", "total = db.total(2)\n");
  const store::Applied applied = report(at_line(1, deployed, "total = db.total(2)"));
  settle();
  EXPECT_EQ(line_of(applied.occurrence).developer, "");
  EXPECT_THAT(recipients(), ElementsAre("ops@shop.example"));
  remote_.git({"fetch", "-q", at("elsewhere"), "main:deployed"});
  EXPECT_EQ(developer_at_last(applied), "bob@shop.example");
  EXPECT_TRUE(verdict_of(line_of(applied.occurrence)).at_release);
  settle();
  EXPECT_THAT(mails(), SizeIs(1));
}

// What stands at that number now may be anybody's.
TEST_F(ReleaseFlowTest, ABranchIsNoDeployedCommit) {
  const std::string tip =
      remote_.commit(scm::kBob, "shop/cart.py", "def total():\n    return 7\n");
  start_ready();
  const store::Line gone = decided(at_line(2, "main"));
  EXPECT_EQ(gone.developer, "");
  EXPECT_THAT(verdict_of(gone).problem, HasSubstr("since release main is a branch"));
  const store::Line line = decided(at_line(9, "main", "    return 7"));
  EXPECT_EQ(line.developer, "bob@shop.example");
  EXPECT_FALSE(verdict_of(line).at_release);
  EXPECT_EQ(verdict_of(line).revision, tip);
  EXPECT_EQ(verdict_of(line).line, 2U);
  EXPECT_THAT(verdict_of(line).reasons[0],
              HasSubstr("newest commit " + tip.substr(0, 7) + ", since release main is a branch"));

  remote_.git({"branch", "deployed", first_});
  fetch();
  const Verdict other = verdict_of(decided(at_line(2, "deployed", "    return db.total()  ")));
  EXPECT_EQ(other.author_email, "ada@shop.example");
  EXPECT_EQ(other.revision, first_) << "the branch's, not the default branch's";
  remote_.git({"tag", "v1", first_});
  fetch();
  EXPECT_TRUE(verdict_of(decided(at_line(2, "v1", "return db.total() "))).at_release);
}

TEST_F(ReleaseFlowTest, TheRepositoryWhoseCommitTheReleaseIsComesFirstAndTheOtherIsNotBlamedForIt) {
  scm::TestRepository other(at("other"));
  const std::string of_other =
      other.commit(scm::kBob, "lib/shop/cart.py", "def total():\n    return db.total()\n");
  repositories_.push_back(repository("other", at("other")));
  start();
  fetch();
  TestReport here = at_line(2, first_);
  here.path = "lib/shop/cart.py";  // the other's very path
  const store::Line line = decided(here);
  EXPECT_EQ(line.developer, "ada@shop.example");
  EXPECT_EQ(verdict_of(line).repository, "shop");
  here.release = of_other;
  EXPECT_EQ(verdict_of(decided(here)).author_email, "bob@shop.example");

  // A similar path is no proof where the text is only in the other's very file.
  other.commit(scm::kBob, "lib/shop/cart.py", "def total():\n    return of_other(1)\n");
  fetch();
  here = at_line(2, first_, "    return of_other(1)");
  here.path = "lib/shop/cart.py";
  EXPECT_EQ(verdict_of(decided(here)).author_email, "bob@shop.example");

  TestReport only_there = at_line(1, first_, "stock = 1");
  only_there.path = "stock.py";
  other.commit(scm::kBob, "stock.py", "stock = 1\n");
  fetch();
  EXPECT_THAT(verdict_of(decided(only_there)).reasons[0],
              HasSubstr("since release " + first_ + " is in repository shop, not in other"));
}

TEST_F(ReleaseFlowTest, AReleaseThatMayBeThatOfARepositoryBeingClonedIsWaitedFor) {
  scm::TestRepository other(at("other"));
  const std::string deployed =
      other.commit(scm::kBob, "shop/cart.py", "def total():\n    return db.total()\n");
  start_ready();
  stop();
  slow_down("clone");
  repositories_.push_back(repository("other", at("other")));
  start();
  const store::Applied known = report(at_line(2, first_));
  EXPECT_EQ(developer_at_last(known), "ada@shop.example") << "this one needs no other repository";
  TestReport there = at_line(2, deployed, "    return db.total() ");
  there.function = "other";
  const store::Applied applied = report(there);
  TestReport nowhere = at_line(2, "", "return db.total()  ");
  nowhere.function = "third";
  report(nowhere);
  for (int i = 0; i < 1000 && service_->health().put_off < 2; ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(service_->health().waiting, 2U);
  let_go();
  EXPECT_EQ(developer_at_last(applied), "bob@shop.example");
  settle();
}

TEST_F(ReleaseFlowTest, AVerdictNamesTheRepositoryThatIsStillMissing) {
  start_ready();
  stop();
  slow_down("clone");
  repositories_.push_back(repository("other", at("nowhere")));
  options_.wait_for_clone = milliseconds(0);
  start();
  const Verdict verdict = verdict_of(decided(at_line(2, std::string(40, 'b'))));
  EXPECT_EQ(verdict.author_email, "ada@shop.example");
  EXPECT_THAT(verdict.reasons[0], HasSubstr(", and repository other is being cloned"));
  let_go();
}

TEST_F(ReleaseFlowTest, ALinkIsReadWhereItLeadsTo) {
  std::filesystem::create_symlink("shop/cart.py", at("remote/link.py"));
  std::filesystem::create_symlink("/srv/cart.py", at("remote/out.py"));
  const std::string tip = remote_.commit(scm::kBob, "links");
  start();
  TestReport link = at_line(2, tip);
  link.path = "link.py";
  const Verdict verdict = verdict_of(decided(link));
  EXPECT_EQ(verdict.author_email, "ada@shop.example");
  EXPECT_EQ(verdict.path, "shop/cart.py");
  EXPECT_THAT(verdict.reasons, Contains("link.py is a symbolic link to shop/cart.py."));
  link.path = "out.py";
  EXPECT_EQ(verdict_of(decided(link)).problem,
            "out.py is a symbolic link to /srv/cart.py, which is no file there");
}

TEST_F(ReleaseFlowTest, ABranchThatIsNotThereHidesNoKnownRelease) {
  repositories_[0].mirror.branch = "nowhere";
  start();
  const store::Line line = decided(at_line(2, first_));
  EXPECT_EQ(line.developer, "ada@shop.example");
  EXPECT_THAT(service_->health().mirror_faults, ElementsAre(HasSubstr("no branch nowhere")));
}

TEST_F(ReleaseFlowTest, ANameThatNobodyKnowsIsNotWaitedFor) {
  options_.wait_for_release = seconds(600);
  start_ready();
  const store::Line line = decided(at_line(2, "build-2026.11"));
  EXPECT_EQ(line.developer, "ada@shop.example");
  EXPECT_FALSE(verdict_of(line).at_release);
}

TEST_F(ReleaseFlowTest, AClockThatIsSetBackMakesNobodyWaitForEver) {
  repositories_[0].mirror.url = at("nowhere");
  options_.wait_for_release = seconds(1);
  start();
  TestReport early = at_line(2, "");
  early.ahead = std::chrono::hours(1000);
  EXPECT_EQ(decided(early).developer, "");
}

// Anybody with a token can name commits.
TEST_F(ReleaseFlowTest, OnlyAFewUnknownReleasesAreWaitedForAtATime) {
  options_.wait_for_release = seconds(600);
  start_ready();
  for (int i = 0; i < 50; ++i) {
    report(at_line(2, std::to_string(10 + i) + std::string(38, 'd')));
  }
  for (int i = 0; i < 2000 && service_->health().waiting > 20; ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(service_->health().waiting, 20U);
  EXPECT_EQ(service_->health().decided, 30U);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example"));
}

TEST_F(ReleaseFlowTest, ALineThatIsNowhereGoesToTheDefaultContactWithTheReason) {
  start_ready();
  const store::Line line = decided(at_line(2, "", "    return other()"));
  EXPECT_EQ(line.developer, "");
  EXPECT_THAT(verdict_of(line).problem, HasSubstr("the reported line is not in shop/cart.py"));
  EXPECT_THAT(recipients(), ElementsAre("ops@shop.example"));
  EXPECT_THAT(mails()[0].payload, HasSubstr("the reported line is not in shop/cart.py"));
}

TEST_F(ReleaseFlowTest, ARepositoryThatCannotBeClonedHoldsNothingUpForLong) {
  repositories_[0].mirror.url = at("nowhere");
  start();
  const store::Line line = decided(at_line(2, first_));
  EXPECT_EQ(line.developer, "");
  EXPECT_THAT(verdict_of(line).problem, HasSubstr("repository shop cannot be cloned"));
  EXPECT_THAT(recipients(), ElementsAre("ops@shop.example"));
  EXPECT_NE(service_->health().mirrors.at(0).error, "");
}

TEST_F(ReleaseFlowTest, ARepositoryThatCannotBeClonedHoldsUpNobodyElsesLine) {
  repositories_.insert(repositories_.begin(), repository("gone", at("nowhere")));
  options_.wait_for_release = seconds(600);
  start();
  for (int i = 0; i < 2000 && mirrors_->status()[1].tip.empty(); ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(decided(at_line(2, first_)).developer, "ada@shop.example");
  EXPECT_EQ(decided(at_line(2, "")).developer, "ada@shop.example");
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example"));

  TestReport elsewhere = at_line(2, first_);
  elsewhere.path = "stock/count.py";  // may be in the one that is missing
  report(elsewhere);
  for (int i = 0; i < 1000 && service_->health().put_off == 0; ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(service_->health().waiting, 1U);
}

TEST_F(ReleaseFlowTest, WhatIsInNoRepositoryIsSaidTogetherWithTheOneThatIsMissing) {
  repositories_.insert(repositories_.begin(), repository("gone", at("nowhere")));
  start();
  TestReport elsewhere = at_line(2, first_);
  elsewhere.path = "stock/count.py";
  const Verdict verdict = verdict_of(decided(elsewhere));
  EXPECT_THAT(verdict.problem, HasSubstr("repository gone cannot be cloned"));
}

TEST_F(ReleaseFlowTest, StopsAtOnceWhileAFetchHangsAndDecidesAfterTheNextStart) {
  start_ready();
  stop();
  const auto sound = std::exchange(git_, nullptr);
  hang_at("fetch");
  options_.wait_for_release = seconds(600);
  start();
  const store::Applied applied = report(at_line(2, std::string(40, 'e')));
  std::this_thread::sleep_for(milliseconds(150));
  const auto before = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(3));
  EXPECT_EQ(store_->lines().decisions_waiting().value_or(0), 1U);
  EXPECT_THAT(mails(), SizeIs(0));

  *git_ = *sound;
  options_.wait_for_release = seconds(0);
  start();
  settle();
  EXPECT_EQ(line_of(applied.occurrence).developer, "ada@shop.example");
  EXPECT_THAT(mails(), SizeIs(1));
}

TEST_F(ReleaseFlowTest, AHangingBlameIsStoppedAndNotTakenForAnAnswer) {
  start_ready();
  stop();
  const auto sound = std::exchange(git_, nullptr);
  hang_at("blame");
  start();
  report(at_line(2, first_));
  std::this_thread::sleep_for(milliseconds(250));
  const auto before = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(3));
  EXPECT_EQ(store_->lines().decisions_waiting().value_or(0), 1U);
  EXPECT_THAT(mails(), SizeIs(0));
}

TEST_F(ReleaseFlowTest, WhileOneProjectWaitsForItsReleaseOthersAreDecided) {
  const ProjectId other = new_project("other");
  options_.wait_for_release = seconds(600);
  start_ready();
  report(at_line(2, std::string(40, 'e')));
  TestReport quick = at_line(2, first_);
  quick.project = other;
  const store::Applied applied = report(quick);
  for (int i = 0; i < 1000 && line_of(applied.occurrence).developer.empty(); ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(line_of(applied.occurrence).developer, "ada@shop.example");
  EXPECT_EQ(service_->health().waiting, 1U);
}

}  // namespace
}  // namespace flawless::blame
