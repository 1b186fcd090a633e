#include "scm/revision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flawless::scm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Revision, LooksNamesUpAmongTagsThenBranches) {
  EXPECT_THAT(revision_candidates("v1.2.3"), ElementsAre("refs/tags/v1.2.3", "refs/heads/v1.2.3"));
  EXPECT_THAT(revision_candidates("@scope/pkg"),
              ElementsAre("refs/tags/@scope/pkg", "refs/heads/@scope/pkg"));
  EXPECT_THAT(revision_candidates("1.2"),
              ElementsAre("refs/tags/1.2", "refs/tags/v1.2", "refs/heads/1.2"));
}

TEST(Revision, TakesHashesWholeOrShort) {
  const std::string whole(40, 'a');
  EXPECT_THAT(revision_candidates(whole), ElementsAre(whole));
  EXPECT_THAT(revision_candidates("ABCDEF0"),
              ElementsAre("refs/tags/ABCDEF0", "refs/heads/ABCDEF0", "ABCDEF0"));
  EXPECT_THAT(revision_candidates("v1.0-5-gabcdef1").back(), "abcdef1");
  EXPECT_THAT(revision_candidates("abcdef"), ElementsAre("refs/tags/abcdef", "refs/heads/abcdef"));
}

TEST(Revision, UnderstandsHowReleasesAreNamed) {
  EXPECT_THAT(revision_candidates("shop@1.0"),
              ElementsAre("refs/tags/shop@1.0", "refs/heads/shop@1.0", "refs/tags/1.0",
                          "refs/tags/v1.0", "refs/heads/1.0"));
  const std::string hash(40, 'c');
  EXPECT_THAT(revision_candidates("shop@" + hash),
              ElementsAre("refs/tags/shop@" + hash, "refs/heads/shop@" + hash, hash));
  EXPECT_THAT(revision_candidates(hash + "-dirty"), testing::Contains(hash));
  EXPECT_THAT(revision_candidates("v1-2-gabcdef1-dirty").back(), "abcdef1");
}

TEST(Revision, LetsNothingElseThrough) {
  const std::string_view hostile[] = {"",           "-x",         "--upload-pack=touch x",
                                      "--output=x", "HEAD",       "@",
                                      "@{u}",       "@{-1}",      "main@{1}",
                                      "a..b",       "a...b",      "HEAD:path",
                                      "v1^",        "v1~3",       ":/fix",
                                      ":0:a",       "main:a.py",  "a b",
                                      "a\nb",       "a\tb",       "a\\b",
                                      "a*",         "a?",         "[a",
                                      "^main",      "!main",      "$(id)",
                                      "`id`",       "a;b",        "a|b",
                                      "a/../b",     "/etc",       "a//b",
                                      "a/",         "a.",         "a.lock",
                                      ".hidden",    "a/.b",       "\xff\xfe",
                                      "a\x7f",      "'a'",        "\"a\"",
                                      "-gabcdef1",  "@{-gabcdef1"};
  for (std::string_view text : hostile) {
    EXPECT_THAT(revision_candidates(text), IsEmpty()) << text;
  }
  EXPECT_THAT(revision_candidates(std::string_view("a\0b", 3)), IsEmpty());
  EXPECT_THAT(revision_candidates(std::string(251, 'v')), IsEmpty());
}

TEST(Revision, TellsFullIds) {
  EXPECT_TRUE(is_full_id(std::string(40, '0')));
  EXPECT_TRUE(is_full_id(std::string(64, 'f')));
  EXPECT_FALSE(is_full_id(std::string(40, 'F')));
  EXPECT_FALSE(is_full_id(std::string(39, '0')));
  EXPECT_FALSE(is_full_id("--" + std::string(38, '0')));
}

TEST(RepositoryPath, AllowsAnyNameButNoEscape) {
  for (std::string_view path :
       {"a", "a/b.py", "-rf", "a b", "\xff.py", "...", "a/..b", ":(top)x", "*", "\"x\"", "a\nb"}) {
    EXPECT_TRUE(is_repository_path(path)) << path;
  }
  for (std::string_view path : {"", "/a", "a/", "a//b", ".", "..", "./a", "a/../b", "a/."}) {
    EXPECT_FALSE(is_repository_path(path)) << path;
  }
  EXPECT_FALSE(is_repository_path(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_repository_path(std::string(5000, 'a')));
}

}  // namespace
}  // namespace flawless::scm
