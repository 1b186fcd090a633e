#include "blame/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scm/test_repository.h"

namespace flawless::blame {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

using Lines = std::vector<std::string_view>;

ReportedFrame at_line(uint32_t line, std::string_view text) {
  ReportedFrame frame;
  frame.path = "shop/cart.py";
  frame.line = line;
  frame.text = text;
  return frame;
}

TEST(LocateLine, TextAndReleaseTogetherAreWorthMost) {
  const Lines file = {"import db", "def total():", "    return db.sum(prices)", "total()"};
  const auto exact = locate_line(file, at_line(3, "return db.sum(prices)"), true);
  ASSERT_TRUE(exact);
  EXPECT_EQ(exact->line, 3U);
  EXPECT_DOUBLE_EQ(exact->confidence, 0.9);
  EXPECT_TRUE(exact->certain);
  const auto at_tip = locate_line(file, at_line(3, "return db.sum(prices)"), false);
  const auto moved = locate_line(file, at_line(1, "return db.sum(prices)"), false);
  const auto unchecked = locate_line(file, at_line(3, ""), false);
  ASSERT_TRUE(at_tip && moved && unchecked);
  EXPECT_EQ(moved->line, 3U);
  EXPECT_THAT(moved->note, HasSubstr("number 1; its text stands at 3"));
  EXPECT_GT(exact->confidence, at_tip->confidence);
  EXPECT_GT(at_tip->confidence, moved->confidence);
  EXPECT_GT(moved->confidence, unchecked->confidence);
  EXPECT_TRUE(moved->certain);
  EXPECT_FALSE(unchecked->certain);  // it may be any line by now
}

TEST(LocateLine, WithoutTextTheReleasesNumberIsEnough) {
  const Lines file = {"a", "b"};
  const auto line = locate_line(file, at_line(2, ""), true);
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->certain);
  EXPECT_DOUBLE_EQ(line->confidence, 0.8);
  EXPECT_FALSE(locate_line(file, at_line(3, ""), true));
}

TEST(LocateLine, AnotherTextIsBelievedLittleAndOnlyAtTheRelease) {
  const Lines file = {"first()", "second()"};
  const auto line = locate_line(file, at_line(2, "third()"), true);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->line, 2U);
  EXPECT_LT(line->confidence, 0.5);
  EXPECT_FALSE(line->certain);  // something else than the commit was deployed
  EXPECT_FALSE(locate_line(file, at_line(2, "third()"), false));
  EXPECT_FALSE(locate_line(file, at_line(9, "third()"), true));
}

class LocateFileTest : public scm::MirrorTest {
 protected:
  // A repository of these files, mirrored.
  Revision repository(const std::string& name, const std::vector<std::string>& files,
                      std::vector<scm::PathRule> rules = {}) {
    scm::TestRepository source(at(name));
    for (const std::string& file : files) source.write(file, "x = 1\n");
    Revision revision;
    revision.commit = source.commit(scm::kAda, "begin");
    RepositoryOptions repository_options;
    repository_options.mirror = options();
    repository_options.mirror.name = name;
    repository_options.mirror.url = at(name);
    repository_options.path_rules = std::move(rules);
    auto mirror = open(repository_options.mirror);
    EXPECT_TRUE(mirror->update().is_ok());
    repositories_.push_back(std::make_unique<Repository>(
        repository_options, std::move(mirror), std::make_shared<std::atomic<bool>>(false)));
    revision.repository = repositories_.back().get();
    return revision;
  }
  static FileSearch search(const std::vector<Revision>& revisions, std::string_view path,
                           std::string_view abs_path = {}) {
    ReportedFrame frame;
    frame.path = path;
    frame.abs_path = abs_path;
    auto found = locate_file(revisions, frame);
    EXPECT_TRUE(found) << found.message();
    return found.value_or({});
  }

  std::vector<std::unique_ptr<Repository>> repositories_;
};

TEST_F(LocateFileTest, ARuleComesBeforeThePathBeforeAGuess) {
  const Revision plain = repository("plain", {"shop/cart.py", "deep/shop/cart.py"});
  const Revision ruled = repository("ruled", {"src/cart.py"}, {{"/app/shop/", "src/"}});
  const Revision similar = repository("similar", {"lib/shop/cart.py"});
  const auto by_rule = search({plain, similar, ruled}, "shop/cart.py", "/app/shop/cart.py");
  ASSERT_TRUE(by_rule.place);
  EXPECT_EQ(by_rule.place->revision.repository->name(), "ruled");
  EXPECT_EQ(by_rule.place->path, "src/cart.py");
  EXPECT_EQ(by_rule.place->rule, "/app/shop/ = src/");

  const auto by_path = search({similar, plain}, "shop/cart.py");
  ASSERT_TRUE(by_path.place);
  EXPECT_EQ(by_path.place->revision.repository->name(), "plain");
  EXPECT_EQ(by_path.place->rule, "");

  const auto by_guess = search({similar}, "/srv/shop/cart.py");
  ASSERT_TRUE(by_guess.place);
  EXPECT_TRUE(by_guess.place->guessed);
  EXPECT_EQ(by_guess.place->rule, "/srv/ = lib/");
}

TEST_F(LocateFileTest, TheRepositoryThatKnowsTheReleaseComesBeforeABetterPath) {
  Revision deployed = repository("deployed", {"src/shop/cart.py"});
  Revision tagged = repository("tagged", {"shop/cart.py"});
  const Revision exact = repository("exact", {"shop/cart.py"});
  const Revision ruled = repository("ruled", {"shop/cart.py"}, {{"/app/", ""}});
  deployed.at_release = true;
  const auto by_release = search({exact, ruled, deployed}, "shop/cart.py", "/app/shop/cart.py");
  ASSERT_TRUE(by_release.place);
  EXPECT_EQ(by_release.place->revision.repository->name(), "deployed");
  EXPECT_TRUE(by_release.place->guessed);

  tagged.at_release = true;
  EXPECT_EQ(search({deployed, tagged}, "shop/cart.py").place->revision.repository->name(),
            "tagged");
  deployed.by_full_id = true;
  EXPECT_EQ(search({deployed, tagged}, "shop/cart.py").place->revision.repository->name(),
            "deployed");
  const auto elsewhere = search({repository("other", {"a.py"}), exact}, "shop/cart.py");
  EXPECT_EQ(elsewhere.place->revision.repository->name(), "exact");
}

TEST_F(LocateFileTest, OfEqualsTheOneThatKnowsTheReleaseWins) {
  const Revision one = repository("one", {"shop/cart.py"});
  Revision two = repository("two", {"shop/cart.py"});
  const auto ambiguous = search({one, two}, "shop/cart.py");
  EXPECT_FALSE(ambiguous.place);
  EXPECT_THAT(ambiguous.problem,
              AllOf(HasSubstr("one:shop/cart.py"), HasSubstr("two:shop/cart.py")));
  two.at_release = true;
  const auto known = search({one, two}, "shop/cart.py");
  ASSERT_TRUE(known.place);
  EXPECT_EQ(known.place->revision.repository->name(), "two");
}

TEST_F(LocateFileTest, SaysWhatCouldBeMeantOrThatNothingCould) {
  const Revision one = repository("one", {"a/cart.py", "b/cart.py"});
  const auto several = search({one}, "cart.py");
  EXPECT_FALSE(several.place);
  EXPECT_THAT(several.problem, AllOf(HasSubstr("one:a/cart.py"), HasSubstr("one:b/cart.py"),
                                     HasSubstr("repository.path_mappings")));
  EXPECT_THAT(search({one}, "basket.py").problem, HasSubstr("basket.py is not in one"));
}

}  // namespace
}  // namespace flawless::blame
