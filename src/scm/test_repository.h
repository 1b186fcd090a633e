// For tests: a real repository with a work tree, and the directory everything of a test lives in.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "os/process.h"
#include "scm/mirror.h"

namespace flawless::scm {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::filesystem::path parent = "/dev/shm";
    if (::access(parent.c_str(), W_OK) != 0) parent = std::filesystem::temp_directory_path();
    std::string pattern = (parent / "flawless-scm-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Author {
  std::string name, mail;
};
inline const Author kAda{"Ada", "ada@shop.example"};
inline const Author kBob{"Bob", "bob@shop.example"};
inline const Author kCyd{"Cyd", "cyd@shop.example"};

class TestRepository {
 public:
  explicit TestRepository(std::string path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
    git({"init", "-q", "-b", "main"});
  }

  // Standard output without the last line end.
  std::string git(const std::vector<std::string>& arguments, const Author& author = kAda) {
    os::ProcessSpec spec;
    spec.argv = {"git", "-c", "commit.gpgsign=false"};
    spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
    spec.environment = {"PATH=/usr/bin:/bin",
                        "HOME=" + path_,
                        "GIT_CONFIG_NOSYSTEM=1",
                        "LC_ALL=C",
                        "GIT_AUTHOR_NAME=" + author.name,
                        "GIT_AUTHOR_EMAIL=" + author.mail,
                        "GIT_AUTHOR_DATE=@" + std::to_string(time_) + " +0000",
                        "GIT_COMMITTER_NAME=Merge Queue",
                        "GIT_COMMITTER_EMAIL=queue@shop.example",
                        "GIT_COMMITTER_DATE=@" + std::to_string(time_ + 7) + " +0000"};
    spec.directory = path_;
    const auto result = os::run_process(spec);
    EXPECT_TRUE(result && result->exit_code == 0)
        << arguments[0] << ": " << (result ? result->error_output : result.message());
    std::string out = result ? result->output : "";
    if (out.ends_with('\n')) out.pop_back();
    return out;
  }

  void write(const std::string& file, const std::string& text) {
    const std::filesystem::path target = std::filesystem::path(path_) / file;
    std::filesystem::create_directories(target.parent_path());
    std::ofstream(target, std::ios::binary) << text;
  }

  // Everything as it lies there; a second later than the last one. Returns the commit's id.
  std::string commit(const Author& author, const std::string& message) {
    ++time_;
    git({"add", "-A", "-f", "."});
    git({"commit", "-q", "--allow-empty", "-m", message}, author);
    return git({"rev-parse", "HEAD"});
  }
  std::string commit(const Author& author, const std::string& file, const std::string& text) {
    write(file, text);
    return commit(author, "change " + file);
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int64_t time() const { return time_; }  // author's, of the last commit

 private:
  const std::string path_;
  int64_t time_ = 1'700'000'000;
};

// Set by the test while threads read it.
class SharedClock final : public Clock {
 public:
  explicit SharedClock(Time start) : now_(start) {}
  [[nodiscard]] Time now() const override { return now_.load(); }
  void advance(std::chrono::milliseconds by) { now_ = now_.load() + by; }

 private:
  std::atomic<Time> now_;
};

// A remote repository, a git, and mirrors of the remote.
class MirrorTest : public testing::Test {
 protected:
  MirrorTest() : remote_(at("remote")) {
    os::PosixDisk disk;
    auto git = Git::prepare(disk, {.home = at("home")});
    FLAWLESS_CHECK(git.is_ok());
    git_ = std::make_unique<Git>(*git);
  }

  [[nodiscard]] std::string at(const std::string& name) const {
    return directory_.path() + "/" + name;
  }
  [[nodiscard]] MirrorOptions options() const {
    MirrorOptions options;
    options.name = "shop";
    options.url = at("remote");
    options.directory = at("mirrors");
    options.demand_interval = std::chrono::milliseconds(0);
    return options;
  }
  std::unique_ptr<Mirror> open(const MirrorOptions& options) {
    auto mirror = Mirror::open(*git_, options, clock_);
    EXPECT_TRUE(mirror) << mirror.message();
    return mirror ? std::move(*mirror) : nullptr;
  }
  // A mirror that has what the remote has now.
  std::unique_ptr<Mirror> mirrored() {
    auto mirror = open(options());
    const Status updated = mirror->update();
    EXPECT_TRUE(updated.is_ok()) << updated.message();
    return mirror;
  }

  TemporaryDirectory directory_;
  TestRepository remote_;
  SharedClock clock_{from_unix_ms(1'790'000'000'000)};
  std::unique_ptr<Git> git_;
};

}  // namespace flawless::scm
