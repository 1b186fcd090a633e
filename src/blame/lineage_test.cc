#include "blame/lineage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "scm/test_repository.h"

namespace flawless::blame {
namespace {

constexpr auto kPath = "cart.py";
const std::string kCart = "def total(prices):\n    return db.sum(prices)\n";
const std::string kEmptyCart = "def total(prices):\n    pass\n";
constexpr LineageLimits kEnough{};

// Git is asked through a script, which notes each call and can be told to fail or to be slow.
class LineageTest : public scm::MirrorTest {
 protected:
  LineageTest() {
    remote_.write("../git.sh",
                  "#!/bin/sh\n"
                  "cd '" + directory_.path() + "'\n"
                  "echo call >> calls\n"
                  "failing=$(cat failing 2>&-)\n"
                  "slow=$(cat slow 2>&-)\n"
                  "case \" $* \" in\n"
                  "*\" ${failing:-none} \"*) echo 'fatal: out of memory' >&2; exit 128 ;;\n"
                  "*\" ${slow:-none} \"*) touch asked; sleep 5 ;;\n"
                  "esac\n"
                  "exec git \"$@\"\n");
    std::filesystem::permissions(at("git.sh"), std::filesystem::perms::owner_all);
    os::PosixDisk disk;
    auto git = scm::Git::prepare(disk, {.home = at("home"), .program = at("git.sh")});
    FLAWLESS_CHECK(git.is_ok());
    *git_ = *git;
    adas_ = remote_.commit(scm::kAda, kPath, kCart);
    removed_ = remote_.commit(scm::kBob, kPath, kEmptyCart);
    reverted_ = remote_.commit(scm::kCyd, kPath, kCart);
  }

  void tell(const std::string& file, const std::string& subcommand) {
    std::ofstream(at(file)) << subcommand;
  }
  // Since it was last asked.
  [[nodiscard]] int calls() {
    std::ifstream file(at("calls"));
    const auto count = std::count(std::istreambuf_iterator<char>(file), {}, '\n');
    std::filesystem::remove(at("calls"));
    return static_cast<int>(count);
  }
  static Place second_line(const std::string& commit) { return {commit, kPath, 2}; }
  // Whether the second line of the file is one line at two commits.
  static Result<bool> is_one(scm::Mirror& mirror, const std::string& known,
                             const std::string& found, const LineageLimits& limits = kEnough,
                             const std::stop_token& stop = {}) {
    Lineage lineage(mirror, stop, limits);
    const std::vector<Origin> origins = {second_line(known)};
    return lineage.is_one({second_line(found), second_line(found)}, {origins, std::nullopt});
  }

  std::string adas_, removed_, reverted_;
};

TEST_F(LineageTest, ARevertedLineIsOneAndItsPlaceTellsWithoutCommonHistory) {
  remote_.git({"checkout", "-q", "--orphan", "squashed"});
  const std::string squashed = remote_.commit(scm::kBob, kPath, "# all at once\n" + kCart);
  const auto mirror = mirrored();
  EXPECT_TRUE(is_one(*mirror, adas_, reverted_).value());
  Lineage lineage(*mirror, {});
  const std::vector<Origin> origins = {second_line(adas_)};
  const Place found{squashed, kPath, 3};
  EXPECT_TRUE(lineage.is_one({found, found}, {origins, std::nullopt}).value());
}

TEST_F(LineageTest, EveryCallOfGitIsCounted) {
  const auto mirror = mirrored();
  Result<bool> answer = false;
  int allowed = -1;
  do {
    ++allowed;
    static_cast<void>(calls());
    answer = is_one(*mirror, adas_, reverted_, {.calls = allowed});
    EXPECT_LE(calls(), allowed);
    EXPECT_TRUE(answer || answer.code() == Code::kExhausted) << answer.message();
  } while (!answer && allowed < 20);
  EXPECT_TRUE(answer.value_or(false));
  EXPECT_GT(allowed, 0);
}

TEST_F(LineageTest, WhenItsTimeIsOverGitIsNotAsked) {
  const auto mirror = mirrored();
  static_cast<void>(calls());
  EXPECT_EQ(is_one(*mirror, adas_, reverted_, {.time = {}}).code(), Code::kExhausted);
  EXPECT_EQ(calls(), 0);
}

TEST_F(LineageTest, NoCallOutlastsTheTimeOfTheWhole) {
  const auto mirror = mirrored();
  for (const char* subcommand : {"blame", "merge-base", "cat-file"}) {
    tell("slow", subcommand);
    EXPECT_FALSE(is_one(*mirror, adas_, reverted_, {.time = std::chrono::milliseconds(500)}))
        << subcommand;
  }
}

TEST_F(LineageTest, AStopEndsReadingToo) {
  const auto mirror = mirrored();
  tell("slow", "cat-file");
  std::stop_source stop;
  std::jthread stopper([&](const std::stop_token& done) {
    while (!std::filesystem::exists(at("asked")) && !done.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    stop.request_stop();
  });
  EXPECT_FALSE(is_one(*mirror, adas_, reverted_, kEnough, stop.get_token()));
  EXPECT_TRUE(std::filesystem::exists(at("asked")));
}

// Not as if there were no common commit, no such commit or no such file.
TEST_F(LineageTest, WhereGitFailsThereIsNoAnswer) {
  const auto mirror = mirrored();
  for (const char* subcommand : {"blame", "merge-base", "rev-parse", "cat-file"}) {
    tell("failing", subcommand);
    EXPECT_FALSE(is_one(*mirror, adas_, reverted_)) << subcommand;
  }
}

TEST_F(LineageTest, NorWhereBlameOfOneOfManyPlacesFails) {
  const std::string later = remote_.commit(scm::kBob, "other.py", "\n");
  const auto mirror = mirrored();
  const auto ask = [&](const std::vector<Origin>& origins, std::optional<Place> last) {
    Lineage lineage(*mirror, {});
    return lineage.is_one({second_line(reverted_), second_line(reverted_)},
                          {origins, std::move(last)});
  };
  const std::string gone(40, '1');
  EXPECT_TRUE(ask({second_line(gone), second_line(adas_)}, second_line(gone)).value_or(false));
  EXPECT_EQ(ask({second_line(gone)}, std::nullopt).code(), Code::kNotFound);

  tell("failing", adas_ + " -- " + kPath);
  EXPECT_FALSE(ask({second_line(adas_), second_line(removed_)}, std::nullopt));
  tell("failing", later + " -- " + kPath);
  EXPECT_FALSE(ask({second_line(adas_)}, second_line(later)));
  tell("failing", removed_ + " -- " + kPath);  // the found one's parent
  EXPECT_FALSE(ask({second_line(adas_)}, std::nullopt));
}

}  // namespace
}  // namespace flawless::blame
