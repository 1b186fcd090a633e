#include "blame/release.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "scm/test_repository.h"

namespace flawless::blame {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

class ReleaseTest : public scm::MirrorTest {
 protected:
  void SetUp() override { commit_ = remote_.commit(scm::kAda, "a.py", "a\n"); }
  Repository& repository(const std::string& name, const std::string& url) {
    RepositoryOptions of_one;
    of_one.mirror = options();
    of_one.mirror.name = name;
    of_one.mirror.url = url;
    of_one.mirror.ssh_program = at("hang");
    std::ofstream(at("hang")) << "#!/bin/sh\ntouch '" << at("hanging") << "'\nexec sleep 600\n";
    EXPECT_EQ(::chmod(at("hang").c_str(), 0755), 0);
    auto mirror = open(of_one.mirror);
    repositories_.push_back(std::make_unique<Repository>(
        of_one, std::move(mirror), std::make_shared<std::atomic<bool>>(true)));
    return *repositories_.back();
  }
  void wait_until_it_hangs() const {
    for (int i = 0; i < 2000 && !std::filesystem::exists(at("hanging")); ++i) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    std::filesystem::remove(at("hanging"));
  }
  Revisions find(const std::vector<Repository*>& among, const std::string& release,
                 const Waited& waited) {
    return finder_.find(among, release, waited, {});
  }

  std::string commit_;
  Options options_;
  ReleaseFinder finder_{options_};
  std::vector<std::unique_ptr<Repository>> repositories_;
};

TEST_F(ReleaseTest, ACloneThatHangsIsNotWaitedForLongerThanOneThatFailed) {
  Repository& ready = repository("ready", at("remote"));
  ASSERT_TRUE(ready.mirror->update().is_ok());
  Repository& hanging = repository("hanging", "git@shop.example:shop.git");
  std::jthread cloning(
      [&](const std::stop_token& stop) { EXPECT_FALSE(hanging.mirror->update(stop).is_ok()); });
  wait_until_it_hangs();
  EXPECT_TRUE(find({&ready, &hanging}, "", {minutes(1), 9}).later) << "it may be there soon";
  EXPECT_TRUE(find({&ready, &hanging}, commit_, {minutes(1), 9}).absent_later);
  clock_.advance(kSilence);
  EXPECT_FALSE(find({&ready, &hanging}, "", {minutes(1), 9}).later);
  const Revisions given_up = find({&ready, &hanging}, commit_, {minutes(1), 9});
  EXPECT_FALSE(given_up.absent_later);
  EXPECT_EQ(given_up.absent, "repository hanging cannot be cloned");
}

// Workers are few.
TEST_F(ReleaseTest, OnlyOneWaitsForAFetchAtATime) {
  Repository& first = repository("first", at("remote"));
  ASSERT_TRUE(first.mirror->update().is_ok());
  repositories_.clear();
  Repository& hanging = repository("first", "git@shop.example:shop.git");
  Repository& ready = repository("second", at("remote"));
  ASSERT_TRUE(ready.mirror->update().is_ok());
  options_.fetch_bound = minutes(10);
  options_.wait_for_release = minutes(10);
  std::stop_source source;
  std::jthread waiting([&] {
    const std::vector<Repository*> one{&hanging};
    (void)finder_.find(one, std::string(40, 'd'), {}, source.get_token());
  });
  wait_until_it_hangs();
  const std::string late = remote_.commit(scm::kBob, "a.py", "b\n");
  const Revisions put_off = find({&ready}, late, {});
  EXPECT_TRUE(put_off.later);
  EXPECT_TRUE(put_off.usable.empty());
  EXPECT_TRUE(find({&ready}, commit_, {}).know_release());
  source.request_stop();
  waiting.join();
  EXPECT_TRUE(find({&ready}, late, {}).know_release());
}

TEST_F(ReleaseTest, NobodyWaitsInLineForAFetchThatHangs) {
  ASSERT_TRUE(repository("shop", at("remote")).mirror->update().is_ok());
  repositories_.clear();
  Repository& hanging = repository("shop", "git@shop.example:shop.git");
  options_.fetch_bound = minutes(10);
  options_.wait_for_release = minutes(10);
  std::jthread fetching(
      [&](const std::stop_token& stop) { EXPECT_FALSE(hanging.mirror->update(stop).is_ok()); });
  wait_until_it_hangs();
  clock_.advance(std::chrono::seconds(3));
  EXPECT_TRUE(find({&hanging}, std::string(40, 'd'), {}).later);
}

}  // namespace
}  // namespace flawless::blame
