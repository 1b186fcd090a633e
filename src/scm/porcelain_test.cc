#include "scm/porcelain.h"

#include <gtest/gtest.h>

namespace flawless::scm {
namespace {

const std::string kOne(40, '1'), kTwo(40, '2');

std::string facts(const std::string& author, const std::string& file) {
  return "author " + author + "\nauthor-mail <" + author +
         "@x>\nauthor-time 1700000000\nauthor-tz +0100\ncommitter C\ncommitter-mail <c@x>\n"
         "committer-time 1700000007\ncommitter-tz +0000\nsummary did it\nfilename " +
         file + "\n";
}

TEST(Porcelain, MergesLinesOfOneOriginIntoRuns) {
  const std::string text = kOne + " 5 1 2\n" + facts("ada", "old.py") + "\ta\n" + kOne +
                           " 6 2\n\tb\n" + kTwo + " 3 3 1\n" + facts("bob", "new.py") + "\tc\n" +
                           kOne + " 9 4 1\nfilename old.py\n\td\n";
  const auto blame = parse_porcelain(text, 100);
  ASSERT_TRUE(blame) << blame.message();
  EXPECT_EQ(blame->line_count, 4U);
  EXPECT_EQ(blame->runs.size(), 3U);
  EXPECT_EQ(blame->commits.size(), 2U);
  const auto second = blame->at(2);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->commit.id, kOne);
  EXPECT_EQ(second->origin_line, 6U);
  EXPECT_EQ(second->origin_path, "old.py");
  EXPECT_EQ(second->commit.author, "ada");
  EXPECT_EQ(second->commit.author_mail, "ada@x");
  EXPECT_EQ(unix_ms(second->commit.author_time), 1'700'000'000'000);
  EXPECT_EQ(unix_ms(second->commit.committer_time), 1'700'000'007'000);
  EXPECT_EQ(second->commit.summary, "did it");
  EXPECT_EQ(blame->at(4)->origin_line, 9U);
  EXPECT_EQ(blame->at(3)->origin_path, "new.py");
  EXPECT_FALSE(blame->at(0));
  EXPECT_FALSE(blame->at(5));
}

TEST(Porcelain, OneCommitMayHaveSeveralPaths) {
  const std::string text = kOne + " 1 1 1\n" + facts("ada", "a") + "\tx\n" + kOne +
                           " 1 2 1\nfilename \"b\\n\\303\\266\"\n\ty\n";
  const auto blame = parse_porcelain(text, 100);
  ASSERT_TRUE(blame);
  EXPECT_EQ(blame->at(1)->origin_path, "a");
  EXPECT_EQ(blame->at(2)->origin_path, "b\n\xc3\xb6");
}

TEST(Porcelain, ContentCannotPretendToBeAHeader) {
  const std::string text = kOne + " 1 1 1\n" + facts("ada", "a") + "\t" + kTwo + " 7 7 7\n" + kOne +
                           " 2 2\n\tauthor x\n";
  const auto blame = parse_porcelain(text, 100);
  ASSERT_TRUE(blame);
  EXPECT_EQ(blame->commits.size(), 1U);
  EXPECT_EQ(blame->at(2)->commit.author, "ada");
}

TEST(Porcelain, RefusesWhatGitDoesNotPrint) {
  const std::string good = kOne + " 1 1 1\n" + facts("ada", "a") + "\tx\n";
  ASSERT_TRUE(parse_porcelain(good, 1));
  EXPECT_EQ(parse_porcelain(good + kOne + " 2 2\n\ty\n", 1).code(), Code::kTooLarge);
  for (size_t cut = 1; cut + 3 < good.size(); ++cut) {
    EXPECT_EQ(parse_porcelain(good.substr(0, cut), 9).code(), Code::kInternal) << cut;
  }
  EXPECT_EQ(parse_porcelain(kOne + " 1 2 1\n\tx\n", 9).code(), Code::kInternal) << "a gap";
  EXPECT_EQ(parse_porcelain(kOne + " x 1 1\n\tx\n", 9).code(), Code::kInternal);
  EXPECT_EQ(parse_porcelain("fatal: no\n", 9).code(), Code::kInternal);
}

TEST(Porcelain, RefusesACommitWithoutFileName) {
  std::string text = std::string(40, 'a') + " 1 1 1\nauthor Ada\n\tx = 1\n";
  EXPECT_EQ(parse_porcelain(text, 10).code(), Code::kInternal);
}

TEST(Porcelain, KeepsAnEmptyFileAndWildTimes) {
  EXPECT_EQ(parse_porcelain("", 9)->line_count, 0U);
  const auto blame =
      parse_porcelain(kOne + " 1 1 1\nauthor-time 99999999999999999999\nfilename a\n\tx\n", 9);
  ASSERT_TRUE(blame);
  EXPECT_EQ(unix_ms(blame->at(1)->commit.author_time), 0);
}

TEST(UnquotePath, UndoesGitsQuotes) {
  EXPECT_EQ(unquote_path("a b"), "a b");
  EXPECT_EQ(unquote_path("\"a\\\"b\\\\c\\t\\377\""), "a\"b\\c\t\xff");
  EXPECT_EQ(unquote_path("\""), "\"");
  EXPECT_EQ(unquote_path("\"\\\""), "\\");
  EXPECT_EQ(unquote_path("\"\\37\""), std::string("37"));
}

}  // namespace
}  // namespace flawless::scm
