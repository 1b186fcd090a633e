#include "blame/mirrors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "scm/test_repository.h"

namespace flawless::blame {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MirrorsTest : public scm::MirrorTest {
 protected:
  RepositoryOptions repository(const std::string& name,
                               const std::vector<std::string>& projects = {}) const {
    RepositoryOptions repository_options;
    repository_options.mirror = options();
    repository_options.mirror.name = name;
    repository_options.projects = projects;
    return repository_options;
  }
  std::unique_ptr<Mirrors> open_all(const std::vector<RepositoryOptions>& repositories) {
    auto mirrors = Mirrors::open(*git_, repositories, clock_);
    EXPECT_TRUE(mirrors) << mirrors.message();
    return mirrors ? std::move(*mirrors) : nullptr;
  }
  static std::vector<std::string> names(const Mirrors& mirrors, std::string_view project) {
    std::vector<std::string> all;
    for (const Repository* one : mirrors.of_project(project)) all.push_back(one->name());
    return all;
  }
  // Waits until the first one has this tip.
  static bool has_tip(const Mirrors& mirrors, const std::string& commit) {
    for (int i = 0; i < 1000 && mirrors.status()[0].tip != commit; ++i) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    return mirrors.status()[0].tip == commit;
  }
};

TEST_F(MirrorsTest, AProjectHasItsRepositoriesAndThoseOfAll) {
  const auto mirrors =
      open_all({repository("web", {"Shop", "web"}), repository("all"), repository("other", {"x"})});
  EXPECT_THAT(names(*mirrors, "shop"), ElementsAre("web", "all"));
  EXPECT_THAT(names(*mirrors, "X"), ElementsAre("all", "other"));
}

TEST(MirrorFault, NamesTheRepositoryAndWhatIsWrong) {
  scm::MirrorStatus mirror;
  mirror.name = "shop";
  EXPECT_EQ(fault_of(mirror), "");
  mirror.silent = kSilence - milliseconds(1);
  EXPECT_EQ(fault_of(mirror), "");
  mirror.silent = kSilence;
  EXPECT_EQ(fault_of(mirror),
            "repository shop cannot be cloned: its remote has said nothing for 30 s; check that it "
            "can be reached from here");
  mirror.silent = {};
  mirror.error = "no such host";
  EXPECT_EQ(fault_of(mirror), "repository shop cannot be cloned: no such host");
  mirror.state = scm::MirrorStatus::State::kReady;
  EXPECT_EQ(fault_of(mirror), "repository shop cannot be updated: no such host");
  mirror.error = {};
  mirror.no_tip = "it has no branch x";
  EXPECT_EQ(fault_of(mirror), "repository shop: it has no branch x");
  mirror.no_tip = {};
  mirror.shallow = true;
  EXPECT_EQ(fault_of(mirror),
            "repository shop is a shallow clone: who wrote its older lines cannot be told; run "
            "'git fetch --unshallow' there, or give the address of the whole repository in "
            "repository.url");
}

// What a git does here for minutes is not the remote's silence.
TEST_F(MirrorsTest, AMirrorThatIsBusyHereIsNotSilent) {
  remote_.commit(scm::kAda, "a.py", "a\n");
  for (const char* name : {"busy", "go on"}) ASSERT_EQ(::mkfifo(at(name).c_str(), 0600), 0);
  std::ofstream(at("slow")) << "#!/bin/sh\ncase \"$*\" in *commit-graph*)\n  echo > '" << at("busy")
                            << "'\n  read word < '" << at("go on")
                            << "'\nesac\nexec git \"$@\"\n";
  ASSERT_EQ(::chmod(at("slow").c_str(), 0755), 0);
  os::PosixDisk disk;
  const scm::Git slow = *scm::Git::prepare(disk, {.home = at("home"), .program = at("slow")});
  const auto mirror = scm::Mirror::open(slow, options(), clock_).value();
  for (const char* file : {"cloned", "fetched"}) {
    remote_.commit(scm::kAda, file, "a\n");
    std::jthread updating([&] { EXPECT_TRUE(mirror->update().is_ok()) << mirror->status().error; });
    std::string word;
    std::getline(std::ifstream(at("busy")), word);
    clock_.advance(kSilence + std::chrono::minutes(10));
    EXPECT_TRUE(mirror->status().updating) << file;
    EXPECT_EQ(mirror->status().silent, milliseconds(0)) << file;
    EXPECT_EQ(fault_of(mirror->status()), "") << file;
    EXPECT_EQ(mirror->resolve_fetching("v9", milliseconds(0)).code(), Code::kUnavailable) << file;
    EXPECT_EQ(fault_of(mirror->status()), "") << file;
    std::ofstream(at("go on")) << "on\n";
  }
}

TEST_F(MirrorsTest, RefusesANameTwice) {
  EXPECT_EQ(Mirrors::open(*git_, {repository("shop"), repository("Shop")}, clock_).code(),
            Code::kInvalid);
}

TEST_F(MirrorsTest, WithoutRepositoriesNothingRuns) {
  const auto mirrors = Mirrors::none();
  mirrors->start({});
  EXPECT_THAT(mirrors->of_project("shop"), IsEmpty());
  EXPECT_THAT(mirrors->status(), IsEmpty());
  mirrors->stop();
}

TEST_F(MirrorsTest, TellsOfTheFirstCloneOnlyAndGoesOnFetching) {
  std::string commit = remote_.commit(scm::kAda, "a.py", "a\n");
  RepositoryOptions shop = repository("shop", {"web"});
  shop.fetch_every = milliseconds(50);
  std::atomic<int> cloned = 0;
  const auto count = [&](const std::vector<std::string>& projects) {
    EXPECT_THAT(projects, ElementsAre("web"));
    ++cloned;
  };
  auto mirrors = open_all({shop});
  mirrors->start(count);
  EXPECT_TRUE(has_tip(*mirrors, commit));
  commit = remote_.commit(scm::kAda, "a.py", "b\n");
  EXPECT_TRUE(has_tip(*mirrors, commit));
  mirrors->stop();
  EXPECT_EQ(cloned, 1);

  mirrors = open_all({shop});
  mirrors->start(count);
  commit = remote_.commit(scm::kAda, "a.py", "c\n");
  EXPECT_TRUE(has_tip(*mirrors, commit));
  mirrors->stop();
  EXPECT_EQ(cloned, 1);
}

TEST_F(MirrorsTest, ReleasesThatWereMissingAreLookedForWhenSomethingCame) {
  remote_.commit(scm::kAda, "a.py", "a\n");
  const auto mirror = mirrored();
  MissingReleases missing;
  missing.note("v1", "web");
  missing.note("v1", "shop");
  missing.note("v1", "shop");
  missing.note("v2", "shop");
  EXPECT_THAT(missing.take_arrived(*mirror), IsEmpty());
  remote_.git({"tag", "v1"});
  ASSERT_TRUE(mirror->update().is_ok());
  EXPECT_THAT(missing.take_arrived(*mirror), ElementsAre("shop", "web"));
  EXPECT_THAT(missing.take_arrived(*mirror), IsEmpty());
  // One that came before it was noted as missing.
  missing.note("v1", "late");
  EXPECT_THAT(missing.take_arrived(*mirror), ElementsAre("late"));
}

TEST_F(MirrorsTest, KeepsTryingAFirstCloneThatFails) {
  RepositoryOptions late = repository("late");
  late.mirror.url = at("late");
  late.fetch_every = milliseconds(50);
  const auto mirrors = open_all({late});
  std::atomic<int> cloned = 0;
  mirrors->start([&](const std::vector<std::string>&) { ++cloned; });
  for (int i = 0; i < 400 && mirrors->status()[0].error.empty(); ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_NE(mirrors->status()[0].error, "");
  scm::TestRepository source(at("late"));
  EXPECT_TRUE(has_tip(*mirrors, source.commit(scm::kAda, "a.py", "a\n")));
  mirrors->stop();
  EXPECT_EQ(cloned, 1);
  mirrors->stop();
}

}  // namespace
}  // namespace flawless::blame
