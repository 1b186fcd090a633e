#include "server/config_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace flawless::server {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Environment kNoVariables = [](const std::string&) { return std::nullopt; };

class ConfigWatchTest : public testing::Test {
 protected:
  ConfigWatchTest() {
    std::filesystem::create_directories(directory_);
    write("");
  }
  ~ConfigWatchTest() override { std::filesystem::remove_all(directory_); }

  // Behind the two lines that every file has. Dated long ago, so that every version is settled.
  void write(const std::string& text) {
    std::ofstream(file_) << "[flawless]\ndata_dir = \"data\"\n" << text;
    timespec times[2] = {{++date_, 0}, {date_, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, file_.c_str(), times, 0), 0);
  }
  ConfigWatch watch() { return {*load_config(file_, kNoVariables), kNoVariables}; }
  static std::vector<std::string> paths(const ConfigWatch& watch) {
    std::vector<std::string> out;
    for (const store::Rule& rule : watch.rules()) out.push_back(rule.path);
    return out;
  }

  const std::string directory_ = testing::TempDir() + "flawless_config_watch_test";
  const std::string file_ = directory_ + "/flawless.cfg";
  time_t date_ = 1'000'000'000;
};

constexpr const char* kCart = "[[known_error]]\nfilename = \"cart.py\"\n";

TEST_F(ConfigWatchTest, RulesAreTakenOver) {
  ConfigWatch watched = watch();
  EXPECT_FALSE(watched.look());
  write(std::string(kCart) + "[[library_code]]\nfilename = \"db.py\"\n");
  EXPECT_TRUE(watched.look());
  EXPECT_THAT(paths(watched), ElementsAre("cart.py", "db.py"));
  EXPECT_EQ(watched.fault() + watched.notice(), "");
  EXPECT_FALSE(watched.look());
  write("");
  EXPECT_TRUE(watched.look());
  EXPECT_THAT(paths(watched), IsEmpty());
}

TEST_F(ConfigWatchTest, RulesStayWhileTheFileIsWrong) {
  write(kCart);
  ConfigWatch watched = watch();
  for (const char* bad : {"[[known_error]]\nfilename = \"a\"\nfilname = \"b\"\n",
                          "[[known_error]]\nfilename = \"a\"\n[http]\nport = -1\n"}) {
    write(bad);
    EXPECT_FALSE(watched.look());
    EXPECT_THAT(paths(watched), ElementsAre("cart.py"));
    EXPECT_THAT(watched.fault(), AnyOf(HasSubstr(file_ + ":5: unknown key"),
                                       HasSubstr(file_ + ":6: 'http.port'")));
    const std::string before = watched.fault();
    EXPECT_FALSE(watched.look());
    EXPECT_EQ(watched.fault(), before);
  }
  std::filesystem::remove(file_);
  EXPECT_FALSE(watched.look());
  EXPECT_THAT(watched.fault(), HasSubstr("No such file"));
  EXPECT_THAT(paths(watched), ElementsAre("cart.py"));
  write(kCart);
  EXPECT_FALSE(watched.look());  // they are what they were
  EXPECT_EQ(watched.fault(), "");
}

TEST_F(ConfigWatchTest, KeysThatWaitForARestartAreNamed) {
  ConfigWatch watched = watch();
  const std::string mail = "[mail]\nsmtp_user = \"u\"\nsmtp_password = \"s3cret\"\n";
  write(mail + kCart);
  EXPECT_TRUE(watched.look());
  EXPECT_THAT(paths(watched), ElementsAre("cart.py"));
  EXPECT_THAT(watched.notice(), AllOf(HasSubstr("'mail.smtp_user', 'mail.smtp_password'"),
                                      Not(HasSubstr("s3cret")), Not(HasSubstr("known_error"))));
  EXPECT_EQ(watched.fault(), "") << "nothing is wrong";
  write("[[repository]]\nname = \"a\"\nurl = \"/srv/a.git\"\n");
  EXPECT_TRUE(watched.look());
  EXPECT_THAT(watched.notice(), HasSubstr("[[repository]] will hold"));
  write("");
  EXPECT_FALSE(watched.look());
  EXPECT_EQ(watched.notice(), "");
}

TEST_F(ConfigWatchTest, OfARepositoryTheKeyIsNamed) {
  const std::string repository = "[[repository]]\nname = \"a\"\nurl = \"https://h/a.git\"\n";
  write(repository);
  ConfigWatch watched = watch();
  write(repository + "branch = \"main\"\n");
  EXPECT_FALSE(watched.look());
  EXPECT_THAT(watched.notice(), HasSubstr("'repository.1.branch'"));
}

// Of the same size, and within the same tick of the clock.
TEST_F(ConfigWatchTest, AVersionThatSeemsTheSameIsNoticed) {
  write(kCart);
  ConfigWatch watched = watch();
  const timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
  ASSERT_EQ(::utimensat(AT_FDCWD, file_.c_str(), now, 0), 0);
  struct stat before{};
  ::stat(file_.c_str(), &before);
  EXPECT_FALSE(watched.look());
  write("[[known_error]]\nfilename = \"carp.py\"\n");
  const timespec same[2] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, file_.c_str(), same, 0), 0);
  EXPECT_TRUE(watched.look());
  EXPECT_THAT(paths(watched), ElementsAre("carp.py"));
}

}  // namespace
}  // namespace flawless::server
