#include "scm/mirror.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "scm/mirror_files.h"
#include "scm/test_repository.h"

namespace flawless::scm {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace fs = std::filesystem;

void script(const std::string& path, const std::string& text) {
  std::ofstream(path) << "#!/bin/sh\n" << text;
  ::chmod(path.c_str(), 0755);
}

template <typename Call>
std::chrono::steady_clock::duration time_of(Call call) {
  const auto start = std::chrono::steady_clock::now();
  call();
  return std::chrono::steady_clock::now() - start;
}

TEST_F(MirrorTest, ClonesThenFetches) {
  const std::string one = remote_.commit(kAda, "a.py", "1\n");
  std::string phases;
  MirrorOptions watched = options();
  watched.on_progress = [&](std::string_view phase, int percent) {
    phases += std::string(phase) + "=" + std::to_string(percent) + ";";
  };
  auto mirror = open(watched);
  EXPECT_EQ(mirror->status().state, MirrorStatus::State::kAbsent);
  EXPECT_EQ(mirror->resolve(one).code(), Code::kUnavailable);
  ASSERT_TRUE(mirror->update().is_ok());
  EXPECT_THAT(phases, HasSubstr("=100;"));
  MirrorStatus status = mirror->status();
  EXPECT_EQ(status.state, MirrorStatus::State::kReady);
  EXPECT_EQ(status.tip, one);
  EXPECT_EQ(status.clones, 1U);
  EXPECT_EQ(status.last_success, clock_.now());
  EXPECT_FALSE(status.updating);

  const std::string two = remote_.commit(kBob, "a.py", "2\n");
  clock_.advance(5min);
  EXPECT_EQ(*mirror->tip(), one);
  ASSERT_TRUE(mirror->update().is_ok());
  status = mirror->status();
  EXPECT_EQ(status.tip, two);
  EXPECT_EQ(status.clones, 1U);
  EXPECT_EQ(status.last_success, clock_.now());
}

TEST_F(MirrorTest, WritesACommitGraphWithChangedPaths) {
  remote_.commit(kAda, "a.py", "1\n");
  auto mirror = mirrored();
  const std::string graph = at("mirrors/shop.git/objects/info/commit-graph");
  ASSERT_TRUE(fs::exists(graph));
  const auto text = [&] {
    std::ifstream file(graph, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  EXPECT_THAT(text(), HasSubstr("BDAT")) << "the chunk of changed paths";
  const auto written = fs::last_write_time(graph);
  ASSERT_TRUE(mirror->update().is_ok());
  EXPECT_EQ(fs::last_write_time(graph), written) << "nothing moved";
  remote_.commit(kAda, "a.py", "2\n");
  ASSERT_TRUE(mirror->update().is_ok());
  EXPECT_NE(fs::last_write_time(graph), written);
}

TEST_F(MirrorTest, IsThereAgainAfterARestart) {
  const std::string one = remote_.commit(kAda, "a.py", "1\n");
  mirrored().reset();
  auto mirror = open(options());
  EXPECT_EQ(mirror->status().tip, one);
  EXPECT_EQ(*mirror->resolve(one), one);
}

TEST_F(MirrorTest, ResolvesHashesTagsAndBranches) {
  const std::string one = remote_.commit(kAda, "a.py", "1\n");
  remote_.git({"tag", "-a", "-m", "annotated", "v1.0"});
  const std::string two = remote_.commit(kAda, "a.py", "2\n");
  remote_.git({"branch", "20260101"});
  auto mirror = mirrored();
  EXPECT_EQ(*mirror->resolve(one), one);
  EXPECT_EQ(*mirror->resolve(one.substr(0, 8)), one);
  EXPECT_EQ(*mirror->resolve("v1.0"), one);
  EXPECT_EQ(*mirror->resolve("v1.0-1-g" + two.substr(0, 9)), two);
  EXPECT_EQ(*mirror->resolve("shop@1.0"), one);
  EXPECT_EQ(*mirror->resolve("shop@" + two), two);
  EXPECT_EQ(*mirror->resolve("main"), two);
  EXPECT_EQ(*mirror->resolve("20260101"), two) << "a name that looks like a hash";
  EXPECT_TRUE(mirror->look_up("main")->is_branch);
  for (const std::string& name : {one, one.substr(0, 8), std::string("v1.0"), "shop@" + two}) {
    EXPECT_FALSE(mirror->look_up(name)->is_branch) << name;
  }
  EXPECT_EQ(mirror->resolve("v2.0").code(), Code::kNotFound);
  EXPECT_EQ(mirror->resolve(std::string(40, 'a')).code(), Code::kNotFound);
  // A blob is no commit.
  EXPECT_EQ(mirror->resolve(remote_.git({"rev-parse", "HEAD:a.py"})).code(), Code::kNotFound);
}

TEST_F(MirrorTest, HostileRevisionsNeverReachGit) {
  remote_.commit(kAda, "a.py", "1\n");
  script(at("spy"), "echo \"$@\" >> " + at("calls") + "\nexec git \"$@\"\n");
  os::PosixDisk disk;
  const Git spied = *Git::prepare(disk, {.home = at("home"), .program = at("spy")});
  auto mirror = Mirror::open(spied, options(), clock_).value();
  ASSERT_TRUE(mirror->update().is_ok());
  fs::remove(at("calls"));
  for (std::string_view text : {"--upload-pack=touch x", "HEAD:a.py", "@{u}", "a..b", "-x", "HEAD",
                                "main^", "main~1", ":/x", "a b", "$(touch x)", ""}) {
    EXPECT_EQ(mirror->resolve(text).code(), Code::kInvalid) << text;
    EXPECT_EQ(mirror->resolve_fetching(text, 1s).code(), Code::kInvalid) << text;
  }
  EXPECT_FALSE(fs::exists(at("calls")));
  EXPECT_FALSE(mirror->resolve("unknown"));
  EXPECT_TRUE(fs::exists(at("calls"))) << "the spy does see calls";
}

TEST_F(MirrorTest, FetchesForACommitThatIsNotThereYet) {
  remote_.commit(kAda, "a.py", "1\n");
  auto mirror = mirrored();
  const std::string two = remote_.commit(kBob, "a.py", "2\n");
  EXPECT_EQ(mirror->resolve(two).code(), Code::kNotFound);
  const auto found = mirror->resolve_fetching(two, 10s);
  ASSERT_TRUE(found) << found.message();
  EXPECT_EQ(*found, two);
  EXPECT_EQ(*mirror->tip(), two);
  EXPECT_EQ(mirror->resolve_fetching(std::string(40, 'b'), 10s).code(), Code::kNotFound);
}

TEST_F(MirrorTest, DoesNotFetchForEveryUnknownRevision) {
  remote_.commit(kAda, "a.py", "1\n");
  MirrorOptions seldom = options();
  seldom.demand_interval = 1h;
  auto mirror = open(seldom);
  EXPECT_EQ(mirror->resolve_fetching("v1", 1s).code(), Code::kUnavailable) << "not cloned yet";
  ASSERT_TRUE(mirror->update().is_ok());
  const std::string two = remote_.commit(kBob, "a.py", "2\n");
  EXPECT_EQ(mirror->resolve_fetching(two, 10s).code(), Code::kExhausted);
  ASSERT_TRUE(mirror->update().is_ok()) << "the timer's is not held back";
  EXPECT_EQ(*mirror->resolve_fetching(two, 10s), two);
}

TEST_F(MirrorTest, ManyThatAskAtOnceAllGetTheirCommit) {
  remote_.commit(kAda, "a.py", "1\n");
  auto mirror = mirrored();
  const std::string two = remote_.commit(kBob, "a.py", "2\n");
  std::atomic<int> found = 0;
  {
    std::vector<std::jthread> askers;
    for (int i = 0; i < 4; ++i) {
      askers.emplace_back([&] {
        const auto id = mirror->resolve_fetching(two, 20s);
        if (id && *id == two) ++found;
      });
    }
  }
  EXPECT_EQ(found, 4);
}

TEST_F(MirrorTest, KnowsWhereAShallowRemotesHistoryEnds) {
  const std::string one = remote_.commit(kAda, "a.py", "1\n");
  const std::string two = remote_.commit(kBob, "b.py", "2\n");
  remote_.git({"clone", "-q", "--depth", "1", "file://" + at("remote"), at("shallow")});
  const auto in_clone = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"-C", at("shallow")});
    remote_.git(words);
  };
  MirrorOptions of_clone = options();
  of_clone.url = at("shallow");
  auto mirror = open(of_clone);
  ASSERT_TRUE(mirror->update().is_ok());
  EXPECT_TRUE(mirror->status().shallow);
  EXPECT_EQ(mirror->boundary(), two + "\n");
  EXPECT_TRUE(open(of_clone)->status().shallow) << "also before the first fetch";

  const std::string three = remote_.commit(kCyd, "a.py", "3\n");
  in_clone({"fetch", "-q", "--depth", "1"});
  in_clone({"reset", "-q", "--hard", "origin/main"});
  ASSERT_TRUE(mirror->update().is_ok());
  EXPECT_EQ(*mirror->tip(), three) << "what is cut off elsewhere is taken, too";
  EXPECT_THAT(mirror->boundary(), HasSubstr(three));

  in_clone({"fetch", "-q", "--unshallow"});
  ASSERT_TRUE(mirror->update().is_ok());
  EXPECT_FALSE(mirror->status().shallow);
  EXPECT_THAT(mirror->boundary(), IsEmpty());
  EXPECT_EQ(*mirror->resolve(one), one);
}

TEST_F(MirrorTest, KeepsWhatAForcedPushTookAway) {
  const std::string one = remote_.commit(kAda, "a.py", "1\n");
  const std::string two = remote_.commit(kBob, "a.py", "2\n");
  remote_.git({"branch", "feature/x"});
  auto mirror = mirrored();
  remote_.git({"reset", "-q", "--hard", one});
  remote_.git({"branch", "-q", "-D", "feature/x"});
  remote_.git({"branch", "feature"});  // in the way of the old name
  ASSERT_TRUE(mirror->update().is_ok());
  EXPECT_EQ(*mirror->tip(), one);
  EXPECT_EQ(mirror->resolve("feature/x").code(), Code::kNotFound) << "pruned";
  EXPECT_EQ(*mirror->resolve("feature"), one);
  EXPECT_EQ(*mirror->resolve(two), two) << "a release may run it";
}

TEST_F(MirrorTest, FollowsTheDefaultBranchOrTheConfiguredOne) {
  remote_.commit(kAda, "a.py", "1\n");
  auto mirror = mirrored();
  MirrorOptions fixed = options();
  fixed.name = "fixed";
  fixed.branch = "main";
  auto of_main = open(fixed);
  remote_.git({"checkout", "-q", "-b", "trunk"});
  const std::string two = remote_.commit(kAda, "a.py", "2\n");
  ASSERT_TRUE(mirror->update().is_ok());
  ASSERT_TRUE(of_main->update().is_ok());
  EXPECT_EQ(*mirror->tip(), two);
  EXPECT_NE(*of_main->tip(), two);
  fixed.name = "wrong";
  fixed.branch = "nowhere";
  auto wrong = open(fixed);
  ASSERT_TRUE(wrong->update().is_ok());
  EXPECT_EQ(wrong->tip().code(), Code::kNotFound);
  EXPECT_THAT(wrong->tip().message(), HasSubstr("no branch nowhere"));
  EXPECT_THAT(wrong->status().no_tip, HasSubstr("no branch nowhere"));
  EXPECT_THAT(wrong->status().no_tip, HasSubstr("one it has: "));
  EXPECT_THAT(wrong->status().no_tip, HasSubstr("main"));
}

TEST_F(MirrorTest, AnEmptyRepositoryFillsUpLater) {
  auto mirror = mirrored();
  EXPECT_EQ(mirror->tip().code(), Code::kNotFound);
  const std::string one = remote_.commit(kAda, "a.py", "1\n");
  ASSERT_TRUE(mirror->update().is_ok());
  EXPECT_EQ(*mirror->tip(), one);
}

TEST_F(MirrorTest, AFailedFetchLeavesTheMirrorReadable) {
  const std::string one = remote_.commit(kAda, "a.py", "1\n");
  auto mirror = mirrored();
  const auto succeeded = mirror->status().last_success;
  fs::rename(at("remote"), at("away"));
  clock_.advance(1h);
  EXPECT_EQ(mirror->update().code(), Code::kUnavailable);
  const MirrorStatus status = mirror->status();
  EXPECT_THAT(status.error, HasSubstr("does not appear to be a git repository"));
  EXPECT_EQ(status.last_success, succeeded);
  EXPECT_EQ(status.last_attempt, clock_.now());
  EXPECT_EQ(*mirror->resolve(one), one);
  fs::rename(at("away"), at("remote"));
  ASSERT_TRUE(mirror->update().is_ok());
  EXPECT_THAT(mirror->status().error, IsEmpty());
  EXPECT_EQ(mirror->status().clones, 1U);
}

TEST_F(MirrorTest, ClonesADamagedMirrorAnew) {
  const std::string one = remote_.commit(kAda, "a.py", "1\n");
  auto mirror = mirrored();
  for (const auto& entry : fs::recursive_directory_iterator(at("mirrors/shop.git/objects/pack"))) {
    if (entry.path().extension() != ".pack") continue;
    fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
    std::ofstream(entry.path(), std::ios::binary) << "not a pack";
  }
  EXPECT_FALSE(mirror->read({.arguments = {"cat-file", "-p", one}}));
  ASSERT_TRUE(mirror->update().is_ok()) << mirror->status().error;
  EXPECT_EQ(mirror->status().clones, 2U);
  EXPECT_TRUE(mirror->read({.arguments = {"cat-file", "-p", one}}));
}

TEST_F(MirrorTest, ClonesAnewWhatIsNoRepositoryAtAll) {
  const std::string one = remote_.commit(kAda, "a.py", "1\n");
  fs::create_directories(at("mirrors/shop.git/refs"));
  fs::create_directories(at("mirrors/shop.git.part/objects"));
  auto mirror = open(options());
  EXPECT_FALSE(fs::exists(at("mirrors/shop.git.part"))) << "left by a clone that was killed";
  ASSERT_TRUE(mirror->update().is_ok()) << mirror->status().error;
  EXPECT_EQ(*mirror->tip(), one);
  EXPECT_FALSE(fs::exists(at("mirrors/shop.git.part")));
}

TEST_F(MirrorTest, ADamagedMirrorStaysWhenTheRemoteIsGone) {
  const std::string one = remote_.commit(kAda, "a.py", "1\n");
  auto mirror = mirrored();
  fs::remove(at("mirrors/shop.git/HEAD"));
  EXPECT_FALSE(mirror->read({.arguments = {"log"}}));
  fs::rename(at("remote"), at("away"));
  EXPECT_FALSE(mirror->update().is_ok());
  EXPECT_TRUE(fs::exists(at("mirrors/shop.git/objects")));
}

TEST_F(MirrorTest, LockFilesOfAKilledGitDoNotStopIt) {
  remote_.commit(kAda, "a.py", "1\n");
  mirrored().reset();
  const std::string two = remote_.commit(kAda, "a.py", "2\n");
  for (const char* lock : {"packed-refs.lock", "HEAD.lock", "refs/heads/main.lock",
                           "objects/info/commit-graph.lock", "objects/pack/tmp_pack_x"}) {
    fs::create_directories(fs::path(at("mirrors/shop.git/") + lock).parent_path());
    std::ofstream(at("mirrors/shop.git/") + lock) << "x";
  }
  auto mirror = open(options());
  ASSERT_TRUE(mirror->update().is_ok()) << mirror->status().error;
  EXPECT_EQ(*mirror->tip(), two);
}

TEST_F(MirrorTest, ARemoteThatHangsIsBounded) {
  remote_.commit(kAda, "a.py", "1\n");
  mirrored().reset();
  script(at("hang"), "touch " + at("hanging") + "\nexec sleep 60\n");
  MirrorOptions hanging = options();
  hanging.url = "git@shop.example:shop.git";
  hanging.ssh_program = at("hang");
  hanging.fetch_limit = 700ms;
  auto mirror = open(hanging);
  EXPECT_LT(time_of([&] { EXPECT_EQ(mirror->update().code(), Code::kUnavailable); }), 5s);
  EXPECT_TRUE(fs::exists(at("hanging")));
  EXPECT_LT(time_of([&] {
              const auto found = mirror->resolve_fetching("v9", 200ms);
              EXPECT_EQ(found.code(), Code::kUnavailable);
            }),
            5s);
}

TEST_F(MirrorTest, StopsAnUpdateWhenAsked) {
  script(at("hang"), "exec sleep 60\n");
  MirrorOptions hanging = options();
  hanging.url = "git@shop.example:shop.git";
  hanging.ssh_program = at("hang");
  auto mirror = open(hanging);
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(100ms);
    EXPECT_TRUE(mirror->status().updating);
    source.request_stop();
  });
  EXPECT_LT(time_of([&] { EXPECT_FALSE(mirror->update(source.get_token()).is_ok()); }), 5s);
  EXPECT_FALSE(fs::exists(at("mirrors/shop.git.part")));
}

TEST_F(MirrorTest, SpeaksSshWithTheKeyAndWithoutQuestions) {
  const std::string one = remote_.commit(kAda, "a.py", "1\n");
  // Stands for ssh: notes its arguments, then runs the command here.
  script(at("fake ssh"),
         "echo \"$@\" >> " + at("calls") + "\nfor last; do :; done\nexec sh -c \"$last\"\n");
  std::ofstream(at("key")) << "-----BEGIN OPENSSH PRIVATE KEY-----\n";
  MirrorOptions ssh = options();
  ssh.url = "ssh://git@shop.example" + at("remote");
  ssh.ssh_program = at("fake ssh");
  ssh.credentials_file = at("key");
  auto mirror = open(ssh);
  ASSERT_TRUE(mirror->update().is_ok()) << mirror->status().error;
  EXPECT_EQ(*mirror->tip(), one);
  std::ifstream calls(at("calls"));
  const std::string said(std::istreambuf_iterator<char>(calls), {});
  EXPECT_THAT(said, HasSubstr("BatchMode=yes"));
  EXPECT_THAT(said, HasSubstr("-i " + at("key")));
  EXPECT_THAT(said, HasSubstr("git@shop.example git-upload-pack"));
}

TEST_F(MirrorTest, CredentialsAppearNowhere) {
  script(at("spy"), "echo \"$@\" >> " + at("calls") + "\nexec git \"$@\"\n");
  os::PosixDisk disk;
  const Git spied = *Git::prepare(disk, {.home = at("home"), .program = at("spy")});
  MirrorOptions secret = options();
  secret.url = "https://bob:s3cr%65t@127.0.0.1:1/shop.git";  // nobody listens there
  auto mirror = Mirror::open(spied, secret, clock_).value();
  const Status failed = mirror->update();
  EXPECT_EQ(failed.code(), Code::kUnavailable);
  std::ifstream calls(at("calls"));
  const std::string said(std::istreambuf_iterator<char>(calls), {});
  EXPECT_THAT(said, HasSubstr("https://127.0.0.1:1/shop.git"));
  for (const std::string& text :
       {said, failed.message(), mirror->status().error, mirror->status().url}) {
    EXPECT_THAT(text, Not(HasSubstr("s3cr")));
  }
  script(at("leaky"), "echo 'fatal: using tok3n-abc for you' >&2\nexit 128\n");
  std::ofstream(at("token")) << "tok3n-abc\n";
  MirrorOptions leaky = options();
  leaky.name = "leaky";
  leaky.url = "ssh://git@shop.example/x";
  leaky.ssh_program = at("leaky");
  leaky.credentials_file = at("token");
  auto other = open(leaky);
  EXPECT_THAT(other->update().message(), Not(HasSubstr("tok3n")));
  EXPECT_THAT(other->status().error, HasSubstr("using"));
}

TEST_F(MirrorTest, RefusesNamesAndAddressesThatLeadElsewhere) {
  for (const char* name : {"", "..", ".hidden", "a/b", "-x", "a b", "a\nb"}) {
    MirrorOptions bad = options();
    bad.name = name;
    EXPECT_EQ(Mirror::open(*git_, bad, clock_).code(), Code::kInvalid) << name;
  }
  MirrorOptions bad = options();
  bad.url = "ext::sh";
  EXPECT_EQ(Mirror::open(*git_, bad, clock_).code(), Code::kInvalid);
}

TEST_F(MirrorTest, ReadsWhileItIsUpdated) {
  const std::string one = remote_.commit(kAda, "a.py", "1\n");
  auto mirror = mirrored();
  std::jthread updater([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) EXPECT_TRUE(mirror->update().is_ok());
  });
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(mirror->read({.arguments = {"cat-file", "-e", one}}));
    EXPECT_EQ(*mirror->resolve(one), one);
    EXPECT_EQ(*mirror->tip(), one);
  }
}

TEST(ParseProgress, TakesTheLastPhase) {
  std::string phase;
  int percent = -1;
  EXPECT_TRUE(
      parse_progress("remote: Counting objects:  50% (1/2)\rremote: Counting objects: "
                     "100% (2/2), done.\nReceiving objects:   7% (1/14), 1 MiB\r",
                     phase, percent));
  EXPECT_EQ(phase, "Receiving objects");
  EXPECT_EQ(percent, 7);
  for (std::string_view text : {"", "%", "7%", ": %", "100 objects", "fatal: x"}) {
    EXPECT_FALSE(parse_progress(text, phase, percent)) << text;
  }
}

}  // namespace
}  // namespace flawless::scm
