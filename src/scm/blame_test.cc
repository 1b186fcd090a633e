#include "scm/blame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scm/file_list.h"
#include "scm/ignore_revs.h"
#include "scm/test_repository.h"
#include "scm/tree.h"

namespace flawless::scm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class BlameTest : public MirrorTest {
 protected:
  // Of a mirror that has all of the remote.
  Blamer& blamer(Blamer::Limits limits = {}) {
    mirror_ = mirrored();
    blamer_ = std::make_unique<Blamer>(*mirror_, limits);
    return *blamer_;
  }
  Blame blame(const std::string& commit, const std::string& path) {
    auto found = (blamer_ ? *blamer_ : blamer()).blame(commit, path);
    EXPECT_TRUE(found) << found.message();
    return found.value_or({});
  }

  std::unique_ptr<Mirror> mirror_;
  std::unique_ptr<Blamer> blamer_;
};

TEST_F(BlameTest, NamesEachLinesAuthorAndOrigin) {
  const std::string one = remote_.commit(kAda, "cart.py", "a\nb\nc\n");
  const std::string two = remote_.commit(kBob, "cart.py", "a\nB\nc\n");
  const Blame found = blame(two, "cart.py");
  EXPECT_EQ(found.last_commit, two);
  EXPECT_EQ(found.plain->line_count, 3U);
  const auto line = found.plain->at(2);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->commit.id, two);
  EXPECT_EQ(line->commit.author, "Bob");
  EXPECT_EQ(line->commit.author_mail, "bob@shop.example");
  EXPECT_EQ(line->commit.committer_mail, "queue@shop.example");
  EXPECT_EQ(unix_ms(line->commit.author_time), remote_.time() * 1000);
  EXPECT_EQ(line->commit.summary, "change cart.py");
  EXPECT_EQ(found.plain->at(3)->commit.id, one);
}

TEST_F(BlameTest, OriginSurvivesShiftsAndRenamesAndChangesWithTheLine) {
  const std::string one = remote_.commit(kAda, "cart.py", "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\n");
  const std::string two =
      remote_.commit(kBob, "cart.py", "import x\nimport y\na = 1\nb = 2\nc = 3\nd = 4\ne = 5\n");
  remote_.git({"mv", "cart.py", "basket.py"});
  const std::string three = remote_.commit(kCyd, "rename");
  const std::string four =
      remote_.commit(kCyd, "basket.py", "import x\nimport y\na = 1\nb = 22\nc = 3\nd = 4\ne = 5\n");
  const auto expect_origin = [&](const std::string& at, const std::string& path, uint32_t line,
                                 const std::string& commit, std::string_view origin,
                                 uint32_t origin_line) {
    const Blame found = blame(at, path);
    const auto it = found.plain->at(line);
    ASSERT_TRUE(it);
    EXPECT_EQ(it->commit.id, commit);
    EXPECT_EQ(it->origin_path, origin);
    EXPECT_EQ(it->origin_line, origin_line);
  };
  expect_origin(one, "cart.py", 2, one, "cart.py", 2);
  expect_origin(two, "cart.py", 4, one, "cart.py", 2);
  expect_origin(three, "basket.py", 4, one, "cart.py", 2);
  expect_origin(four, "basket.py", 4, four, "basket.py", 4);
  expect_origin(four, "basket.py", 5, one, "cart.py", 3);
}

TEST_F(BlameTest, ASquashMakesTheLinesNewAndAMergeDoesNot) {
  const std::string base = remote_.commit(kAda, "cart.py", "a\nb\n");
  remote_.git({"checkout", "-q", "-b", "feature"});
  const std::string work = remote_.commit(kBob, "cart.py", "a\nb\nfeature\n");
  remote_.git({"checkout", "-q", "main"});
  remote_.commit(kAda, "other.py", "x\n");
  remote_.git({"merge", "-q", "--no-ff", "-m", "merge", "feature"}, kCyd);
  const std::string merged = remote_.git({"rev-parse", "HEAD"});
  remote_.git({"checkout", "-q", "-b", "squashed", base});
  remote_.git({"merge", "-q", "--squash", "feature"});
  const std::string squash = remote_.commit(kCyd, "squash");
  EXPECT_EQ(blame(merged, "cart.py").plain->at(3)->commit.id, work);
  EXPECT_EQ(blame(squash, "cart.py").plain->at(3)->commit.id, squash);
  EXPECT_EQ(blame(squash, "cart.py").plain->at(1)->commit.id, base);
}

TEST_F(BlameTest, ADeployDoesNotEmptyTheCache) {
  const std::string one = remote_.commit(kAda, "cart.py", "a\n");
  const std::string two = remote_.commit(kBob, "other.py", "x\n");
  const auto first = blame(one, "cart.py");
  const auto second = blame(two, "cart.py");
  EXPECT_EQ(first.plain, second.plain);
  EXPECT_EQ(blamer_->counts().cached, 1U);
  const std::string three = remote_.commit(kBob, "cart.py", "A\n");
  ASSERT_TRUE(mirror_->update().is_ok());
  EXPECT_EQ(blame(three, "cart.py").plain->at(1)->commit.id, three);
  EXPECT_EQ(blame(one, "cart.py").plain, first.plain);
}

TEST_F(BlameTest, AHistoryThatGetsDeeperIsReadAnew) {
  const std::string one = remote_.commit(kAda, "cart.py", "a\n");
  const std::string two = remote_.commit(kBob, "other.py", "x\n");
  remote_.git({"clone", "-q", "--depth", "1", "file://" + at("remote"), at("shallow")});
  MirrorOptions of_clone = options();
  of_clone.url = at("shallow");
  mirror_ = open(of_clone);
  ASSERT_TRUE(mirror_->update().is_ok());
  blamer_ = std::make_unique<Blamer>(*mirror_);
  EXPECT_EQ(blame(two, "cart.py").plain->at(1)->commit.id, two);
  EXPECT_TRUE(blame(two, "cart.py").plain->at(1)->commit.cut_off);
  remote_.git({"-C", at("shallow"), "fetch", "-q", "--unshallow"});
  ASSERT_TRUE(mirror_->update().is_ok());
  EXPECT_EQ(blame(two, "cart.py").plain->at(1)->commit.id, one);
  EXPECT_FALSE(blame(two, "cart.py").plain->at(1)->commit.cut_off);
}

TEST_F(BlameTest, TheCacheIsBounded) {
  const std::string one = remote_.commit(kAda, "a.py", "a\n");
  blamer({.cache_bytes = 10});
  EXPECT_NE(blame(one, "a.py").plain, blame(one, "a.py").plain);
  EXPECT_EQ(blamer_->counts().cached, 0U);
}

TEST_F(BlameTest, FollowsTheMailmapOfTheTip) {
  const Author old{"bobby", "bob@old.example"};
  const std::string one = remote_.commit(old, "cart.py", "a\n");
  EXPECT_EQ(blame(one, "cart.py").plain->at(1)->commit.author_mail, "bob@old.example");
  remote_.commit(kAda, ".mailmap", "Robert <bob@shop.example> <bob@old.example>\n");
  ASSERT_TRUE(mirror_->update().is_ok());
  const auto mapped = blame(one, "cart.py");
  EXPECT_EQ(mapped.plain->at(1)->commit.author, "Robert");
  EXPECT_EQ(mapped.plain->at(1)->commit.author_mail, "bob@shop.example");
}

TEST_F(BlameTest, TakesTheMailmapOfTheConfiguredBranch) {
  const std::string one = remote_.commit(kBob, "cart.py", "a\n");
  remote_.git({"checkout", "-q", "-b", "release"});
  remote_.commit(kAda, ".mailmap", "Robert <robert@shop.example> <bob@shop.example>\n");
  remote_.git({"checkout", "-q", "main"});
  MirrorOptions with_branch = options();
  with_branch.branch = "release";
  mirror_ = open(with_branch);
  ASSERT_TRUE(mirror_->update().is_ok());
  Blamer release(*mirror_);
  EXPECT_EQ(release.blame(one, "cart.py")->plain->at(1)->commit.author, "Robert");
}

TEST_F(BlameTest, BlamesAKnownCommitAlsoWhenThereIsNoTip) {
  remote_.commit(kAda, ".mailmap", "Robert <robert@shop.example> <bob@shop.example>\n");
  const std::string one = remote_.commit(kBob, "cart.py", "a\n");
  MirrorOptions wrong = options();
  wrong.branch = "nowhere";
  mirror_ = open(wrong);
  ASSERT_TRUE(mirror_->update().is_ok());
  Blamer blamer(*mirror_);
  const auto found = blamer.blame(one, "cart.py");
  ASSERT_TRUE(found) << found.message();
  EXPECT_EQ(found->plain->at(1)->commit.author, "Bob");
}

TEST_F(BlameTest, LooksThroughReformattingAsASecondVerdict) {
  const std::string one = remote_.commit(kAda, "cart.py", "a=1\nb=2\nc=3\n");
  const std::string reformat = remote_.commit(kBob, "cart.py", "a = 1\nb = 2\nc = 3\n");
  // Junk, abbreviations and unknown commits make git itself give up.
  remote_.commit(kCyd, ".git-blame-ignore-revs",
                 "# reformat\n" + reformat.substr(0, 10) + "  # with black\njunk line\n" +
                     std::string(40, '9') + "\n--help\n\n" + std::string(20, '8') + "\xff\n");
  const Blame found = blame(reformat, "cart.py");
  EXPECT_EQ(found.plain->at(2)->commit.id, reformat);
  EXPECT_EQ(found.through->at(2)->commit.id, one);
  EXPECT_EQ(found.through->at(2)->commit.author, "Ada");
  const Blame before = blame(one, "cart.py");
  EXPECT_EQ(before.through, before.plain) << "no second git where it cannot matter";
}

TEST_F(BlameTest, ReadsNamesAndPathsThatAreNotUtf8) {
  const std::string path = "sch\xf6n/a\tb \"q\".py";
  const std::string one = remote_.commit({"J\xf6rg", "j\xf6rg@x"}, path, "a\n");
  remote_.git({"mv", path, "plain.py"});
  const std::string two = remote_.commit(kBob, "rename");
  const Blame found = blame(two, "plain.py");
  EXPECT_EQ(found.plain->at(1)->origin_path, path);
  EXPECT_THAT(found.plain->at(1)->commit.author, testing::HasSubstr("rg"));
  EXPECT_EQ(blame(one, path).plain->at(1)->commit.id, one);
}

TEST_F(BlameTest, TakesPathsLiterally) {
  remote_.write("a b.py", "1\n");
  remote_.write("-x.py", "2\n");
  remote_.write("--output=y", "3\n");
  remote_.write(":(top)z", "4\n");
  remote_.write("[ab].py", "5\n");
  remote_.write("a.py", "6\n");
  const std::string one = remote_.commit(kAda, "odd names");
  for (const char* path : {"a b.py", "-x.py", "--output=y", ":(top)z", "[ab].py"}) {
    EXPECT_EQ(blame(one, path).plain->at(1)->origin_path, path);
  }
  EXPECT_EQ(blamer_->blame(one, "*.py").code(), Code::kNotFound);
}

TEST_F(BlameTest, SaysNotFoundForWhatIsNoTextFile) {
  remote_.write("dir/a.py", "1\n");
  remote_.write("image.png", std::string("\x89PNG\0\0", 6));
  std::filesystem::create_symlink("dir/a.py", remote_.path() + "/link.py");
  const std::string one = remote_.commit(kAda, "files");
  remote_.git({"rm", "-q", "dir/a.py"});
  const std::string two = remote_.commit(kBob, "remove");
  blamer();
  for (const char* path : {"none.py", "dir", "image.png", "link.py", "", "/etc/passwd", "../x",
                           "dir/", "dir/../dir/a.py"}) {
    EXPECT_EQ(blamer_->blame(one, path).code(), Code::kNotFound) << path;
  }
  EXPECT_TRUE(blamer_->blame(one, "dir/a.py"));
  EXPECT_EQ(blamer_->blame(two, "dir/a.py").code(), Code::kNotFound) << "deleted";
  EXPECT_EQ(blamer_->blame(std::string(40, '1'), "dir/a.py").code(), Code::kNotFound);
  for (const char* commit : {"HEAD", "main", "--output=x", ""}) {
    EXPECT_EQ(blamer_->blame(commit, "dir/a.py").code(), Code::kInvalid) << commit;
  }
}

TEST_F(BlameTest, FollowsALinkOnceAndOnlyWithinTheRepository) {
  remote_.write("dir/a.py", "1\n");
  const auto link = [&](const std::string& target, const std::string& path) {
    std::filesystem::create_directories(
        std::filesystem::path(remote_.path() + "/" + path).parent_path());
    std::filesystem::create_symlink(target, remote_.path() + "/" + path);
  };
  link("dir/a.py", "link.py");
  link("../dir/./a.py", "other/link.py");
  link("../../dir/a.py", "other/out.py");
  link("/etc/passwd", "absolute.py");
  link("link.py", "twice.py");
  link("dir", "directory");
  const std::string one = remote_.commit(kAda, "links");
  mirror_ = mirrored();
  EXPECT_EQ(follow_link(*mirror_, one, "link.py").value_or({}), "dir/a.py");
  EXPECT_EQ(follow_link(*mirror_, one, "other/link.py").value_or({}), "dir/a.py");
  EXPECT_EQ(follow_link(*mirror_, one, "absolute.py").message(),
            "absolute.py is a symbolic link to /etc/passwd, which is no file there");
  for (const char* path : {"other/out.py", "twice.py", "directory"}) {
    EXPECT_THAT(follow_link(*mirror_, one, path).message(), testing::HasSubstr("a symbolic link"));
  }
  for (const char* path : {"dir/a.py", "dir", "none.py", "../x"}) {
    EXPECT_EQ(follow_link(*mirror_, one, path).code(), Code::kNotFound) << path;
  }
}

TEST_F(BlameTest, HasLimits) {
  remote_.write("long.py", "1\n2\n3\n");
  remote_.write("wide.py", std::string(100, 'x'));
  const std::string one = remote_.commit(kAda, "files");
  blamer({.file_bytes = 99, .file_lines = 3});
  EXPECT_EQ(blame(one, "long.py").plain->line_count, 3U);
  EXPECT_EQ(blamer_->blame(one, "wide.py").code(), Code::kTooLarge);
  blamer({.file_bytes = 100, .file_lines = 2});
  EXPECT_EQ(blamer_->blame(one, "long.py").code(), Code::kTooLarge);
  EXPECT_EQ(blame(one, "wide.py").plain->line_count, 1U) << "a last line without an end";
  blamer({.time = std::chrono::milliseconds(0)});
  EXPECT_EQ(blamer_->blame(one, "long.py").code(), Code::kUnavailable);
}

TEST_F(BlameTest, AnEmptyFileHasNoLines) {
  const std::string one = remote_.commit(kAda, "empty.py", "");
  EXPECT_EQ(blame(one, "empty.py").plain->line_count, 0U);
}

TEST_F(BlameTest, ListsTheFilesOfACommit) {
  remote_.write("b/-x.py", "1\n");
  const std::string one = remote_.commit(kAda, "a\nb.py", "2\n");
  remote_.git({"rm", "-q", "b/-x.py"});
  const std::string two = remote_.commit(kAda, "remove");
  const std::string same = remote_.commit(kAda, "nothing changed");
  mirror_ = mirrored();
  FileLists lists(*mirror_);
  const auto before = lists.at(one), after = lists.at(two);
  ASSERT_TRUE(before && after);
  EXPECT_TRUE((*before)->contains("a\nb.py"));
  EXPECT_TRUE((*before)->contains("b/-x.py"));
  EXPECT_FALSE((*after)->contains("b/-x.py"));
  EXPECT_EQ(*lists.at(same), *after) << "one tree, one list";
  EXPECT_EQ(lists.at(std::string(40, '2')).code(), Code::kNotFound);
  EXPECT_EQ(lists.at("main").code(), Code::kInvalid);
}

TEST_F(BlameTest, ReadsAFileAsItWas) {
  const std::string one = remote_.commit(kAda, "cart.py", "a\n");
  const std::string two = remote_.commit(kAda, "cart.py", "b\n");
  mirror_ = mirrored();
  const auto read = [&](const std::string& commit, uint64_t most) {
    const auto file = find_file(*mirror_, commit, "cart.py");
    return file ? read_blob(*mirror_, *file, most) : Result<std::string>(file.status());
  };
  EXPECT_EQ(*read(one, 2), "a\n");
  EXPECT_EQ(*read(two, 2), "b\n");
  EXPECT_EQ(read(two, 1).code(), Code::kTooLarge);
}

TEST(IgnoreRevs, TakesHashesOnly) {
  EXPECT_THAT(parse_ignore_revs("# c\n\n  ABCDEF0  # x\r\nabc\n--all\nabcdefg\n1234567"),
              ElementsAre("ABCDEF0", "1234567"));
  EXPECT_THAT(parse_ignore_revs(""), IsEmpty());
}

}  // namespace
}  // namespace flawless::scm
