#include "scm/git.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <thread>

#include "scm/test_repository.h"

namespace flawless::scm {
namespace {

using testing::HasSubstr;
using testing::Not;

class GitTest : public MirrorTest {
 protected:
  void script(const std::string& file, const std::string& text) {
    std::ofstream(at(file)) << "#!/bin/sh\n" << text;
    ::chmod(at(file).c_str(), 0755);
  }
};

TEST_F(GitTest, KeepsItsFilesPrivate) {
  struct stat info{};
  ASSERT_EQ(::stat(at("home/askpass").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
  ASSERT_EQ(::stat(at("home/gitconfig").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(GitTest, SaysWhenGitIsMissingOrTooOld) {
  os::PosixDisk disk;
  EXPECT_EQ(Git::prepare(disk, {.home = at("h2"), .program = "/no/git"}).code(), Code::kNotFound);
  script("oldgit", "echo git version 2.20.1\n");
  const auto old = Git::prepare(disk, {.home = at("h3"), .program = at("oldgit")});
  EXPECT_EQ(old.code(), Code::kInvalid);
  EXPECT_THAT(old.message(), HasSubstr("2.20.1"));
  script("newgit", "echo git version 3.0.0\n");
  EXPECT_TRUE(Git::prepare(disk, {.home = at("h4"), .program = at("newgit")}));
  EXPECT_EQ(Git::prepare(disk, {.home = "relative"}).code(), Code::kInvalid);
}

// Another server may work on the mirror as soon as we are dead.
TEST_F(GitTest, DiesWithTheProcessThatRanIt) {
  script("slowgit", "[ \"$5\" = version ] && echo git version 3.0.0 && exit\necho $$ >" +
                        at("pid") + "\nexec sleep 60\n");
  os::PosixDisk disk;
  const auto git = Git::prepare(disk, {.home = at("h5"), .program = at("slowgit")});
  ASSERT_TRUE(git) << git.message();
  const pid_t server = ::fork();
  ASSERT_GE(server, 0);
  if (server == 0) {
    (void)git->run({.arguments = {"gc"}});
    ::_exit(0);
  }
  pid_t child = 0;
  for (int i = 0; i < 500 && child == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::ifstream(at("pid")) >> child;
  }
  ASSERT_GT(child, 0);
  ::kill(server, SIGKILL);
  ::waitpid(server, nullptr, 0);
  bool alive = true;
  for (int i = 0; i < 500 && alive; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::string state;
    std::ifstream("/proc/" + std::to_string(child) + "/stat") >> state >> state >> state;
    alive = !state.empty() && state != "Z";
  }
  EXPECT_FALSE(alive);
  if (alive) ::kill(child, SIGKILL);
}

TEST_F(GitTest, IgnoresTheUsersSettings) {
  std::ofstream(at("elsewhere")) << "[user]\n\tname = Mallory\n";
  ::setenv("GIT_CONFIG_GLOBAL", at("elsewhere").c_str(), 1);
  ::setenv("GIT_DIR", "/nowhere", 1);
  const auto listed = git_->output({.arguments = {"config", "--list"}});
  ::unsetenv("GIT_CONFIG_GLOBAL");
  ::unsetenv("GIT_DIR");
  ASSERT_TRUE(listed) << listed.message();
  EXPECT_THAT(*listed, Not(HasSubstr("Mallory")));
  EXPECT_THAT(*listed, HasSubstr("core.fsmonitor=false"));
}

TEST_F(GitTest, RefusesTransportsThatRunPrograms) {
  const auto listed =
      git_->output({.arguments = {"ls-remote", "--", "ext::sh -c touch% " + at("pwned")}});
  EXPECT_EQ(listed.code(), Code::kUnavailable);
  EXPECT_THAT(listed.message(), HasSubstr("not allowed"));
  EXPECT_FALSE(std::filesystem::exists(at("pwned")));
  EXPECT_FALSE(git_->output({.arguments = {"ls-remote", "--", "http://127.0.0.1:1/x"}}));
}

TEST_F(GitTest, RunsNoHooks) {
  remote_.commit(kAda, "a", "1\n");
  std::ofstream(at("remote/.git/hooks/reference-transaction")) << "#!/bin/sh\ntouch " << at("ran");
  ::chmod(at("remote/.git/hooks/reference-transaction").c_str(), 0755);
  ASSERT_TRUE(git_->output({.git_dir = at("remote/.git"), .arguments = {"tag", "v1"}}));
  EXPECT_FALSE(std::filesystem::exists(at("ran")));
  remote_.git({"tag", "v2"});
  EXPECT_TRUE(std::filesystem::exists(at("ran"))) << "the hook would have run";
}

TEST_F(GitTest, SaysWhatFailedAndOfWhichKind) {
  const std::string id = remote_.commit(kAda, "a", "1\n");
  const std::string dir = at("remote/.git");
  EXPECT_EQ(git_->output({.git_dir = dir, .arguments = {"cat-file", "-e", id + ":b"}}).code(),
            Code::kNotFound);
  const auto unknown =
      git_->output({.git_dir = dir, .arguments = {"log", "-1", std::string(40, '1')}});
  EXPECT_EQ(unknown.code(), Code::kNotFound);
  EXPECT_THAT(unknown.message(), HasSubstr("git log: bad object"));
  EXPECT_EQ(git_->output({.git_dir = at("none"), .arguments = {"log"}}).code(), Code::kCorrupt);
  EXPECT_EQ(git_->output({.arguments = {"no-such-command"}}).code(), Code::kUnavailable);
}

TEST_F(GitTest, AnswersOnlyTheHostTheWordsAreFor) {
  const auto ask = [&](const std::string& question) {
    os::ProcessSpec spec;
    spec.argv = {git_->askpass(), question};
    spec.environment = {"FLAWLESS_GIT_HOST=git.shop.example:8443", "FLAWLESS_GIT_USER=deploy",
                        "FLAWLESS_GIT_PASSWORD=s3 'cr%s\\n"};
    const auto result = os::run_process(spec);
    return result ? result->output : result.message();
  };
  EXPECT_EQ(ask("Username for 'https://git.shop.example:8443': "), "deploy\n");
  EXPECT_EQ(ask("Password for 'https://deploy@git.shop.example:8443': "), "s3 'cr%s\\n\n");
  EXPECT_EQ(ask("Password for 'https://deploy@evil.example': "), "");
  EXPECT_EQ(ask("Password for 'https://git.shop.example:8443.evil.example': "), "");
  EXPECT_EQ(ask("Are you sure you want to continue (https://git.shop.example:8443')?"), "");
}

TEST(Redact, BlotsOutWhatOpensDoors) {
  EXPECT_EQ(redact("unable to access 'https://bob:pw@host/x.git/': refused"),
            "unable to access 'https://…@host/x.git/': refused");
  EXPECT_EQ(redact("https://token@h/a ssh://git:p@q@h2/b"), "https://…@h/a ssh://…@h2/b");
  EXPECT_EQ(redact("https://host/a@b mail me@x"), "https://host/a@b mail me@x");
  EXPECT_EQ(redact("https://u:p@w"), "https://…@w");
  EXPECT_EQ(redact("'https://b:p@h/x.git?private_token=tok/info/refs': refused"),
            "'https://…@h/x.git?private_token=…': refused");
  EXPECT_EQ(redact("said s3cret and s3cret", {"s3cret", ""}), "said … and …");
  EXPECT_EQ(redact("://@"), "://…@");
  EXPECT_EQ(redact(""), "");
}

TEST(HideQueries, ShowsTheirNamesAndNoValues) {
  EXPECT_EQ(hide_queries("https://h/x.git?a=b&c=&d=e=f"), "https://h/x.git?a=…&c=&d=…");
  EXPECT_EQ(hide_queries("https://h/x?tok https://h/y?z=1 why?"),
            "https://h/x?… https://h/y?z=… why?");
  EXPECT_EQ(hide_queries("https://h/x? https://h/y?&& ssh://git@h/z"),
            "https://h/x? https://h/y?&& ssh://git@h/z");
  EXPECT_EQ(hide_queries("is it a/b?c=d"), "is it a/b?c=d");
  EXPECT_EQ(hide_queries("://?"), "://?");
}

}  // namespace
}  // namespace flawless::scm
