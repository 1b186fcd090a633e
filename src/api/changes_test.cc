#include "api/changes.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "api/test_support.h"
#include "base/locked.h"
#include "http/test_client.h"

namespace flawless::api {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr ProjectId kShop{1}, kOther{2};

size_t times(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

class ChangesTest : public testing::Test {
 protected:
  Result<store::Item> item(ProjectId project, int64_t number) {
    if (gate_.valid()) gate_.wait();
    ++reads_;
    if (number == 404) return Status(Code::kNotFound, "no such item");
    store::Item item;
    item.project = project;
    item.number = number;
    item.title = "IndexError: <script>\n\nevent: hello";
    item.culprit = "shop/banner.py in pick_banner:17";
    item.count = static_cast<uint64_t>(reads_.load());
    item.developer = "ada@shop.example";
    item.environments = {{"staging", Time(), from_unix_ms(1), 1},
                         {"production", Time(), from_unix_ms(2), 1}};
    return item;
  }
  std::unique_ptr<Changes> make(const ChangesOptions& options = {}) {
    return std::make_unique<Changes>(
        [this](ProjectId project, int64_t number) { return item(project, number); }, clock_,
        options);
  }
  static Changes::Subscriber all() { return {{.all = true, .projects = {}}, {}, {}}; }
  static Changes::Subscriber of(ProjectId project) {
    return {{.all = false, .projects = {project}}, {}, {}};
  }

  ManualClock clock_{from_unix_ms(1'763'800'000'000)};
  std::atomic<int> reads_{0};
  std::shared_future<void> gate_;  // set before anything is published
};

TEST_F(ChangesTest, GreetsAndTellsWhatHappened) {
  auto changes = make();
  Listener listener;
  changes->subscribe(all(), listener.responder());
  EXPECT_THAT(listener.text(),
              testing::StartsWith("retry: 2000\nevent: hello\ndata: {\"time\":\""));
  EXPECT_THAT(listener.head().content_type, HasSubstr("text/event-stream"));
  changes->publish({Change::Kind::kNew, kShop, 49, "qa"});
  ASSERT_TRUE(listener.hears("\"kind\":\"new\""));
  const std::string text = listener.text();
  EXPECT_THAT(text, HasSubstr("event: item\ndata: {\"kind\":\"new\",\"project\":1,\"number\":49,"));
  EXPECT_THAT(text, HasSubstr("\"environment\":\"qa\""));
  EXPECT_THAT(text, HasSubstr("\"developer\":\"ada@shop.example\""));
  // What was reported does not end the event early.
  EXPECT_EQ(times(text, "\n\n"), 2u);
  EXPECT_EQ(times(text, "\nevent: hello"), 1u);
}

TEST_F(ChangesTest, WithoutAnEnvironmentItIsTheItemsNewest) {
  auto changes = make();
  Listener listener;
  changes->subscribe(all(), listener.responder());
  changes->publish({Change::Kind::kMailed, kShop, 1, ""});
  ASSERT_TRUE(listener.hears("\"kind\":\"mailed\""));
  EXPECT_THAT(listener.text(), HasSubstr("\"environment\":\"production\""));
}

TEST_F(ChangesTest, OnlyWhatOneMaySeeAndAskedFor) {
  auto changes = make();
  Listener everything, shop, other, chosen;
  changes->subscribe(all(), everything.responder());
  changes->subscribe(of(kShop), shop.responder());
  changes->subscribe(of(kOther), other.responder());
  Changes::Subscriber narrow = all();
  narrow.project = kOther;
  changes->subscribe(std::move(narrow), chosen.responder());
  changes->publish({Change::Kind::kNew, kShop, 5, ""});
  changes->publish({Change::Kind::kNew, kOther, 6, ""});
  EXPECT_TRUE(everything.hears("\"number\":6"));
  EXPECT_TRUE(other.hears("\"number\":6"));
  EXPECT_TRUE(chosen.hears("\"number\":6"));
  EXPECT_TRUE(shop.hears("\"number\":5"));
  EXPECT_THAT(other.text(), Not(HasSubstr("\"number\":5")));
  EXPECT_THAT(chosen.text(), Not(HasSubstr("\"number\":5")));
  changes->stop();
  EXPECT_THAT(shop.text(), Not(HasSubstr("\"number\":6")));
  EXPECT_THAT(everything.text(), HasSubstr("\"number\":5"));
}

TEST_F(ChangesTest, NobodyListensNothingIsRead) {
  auto changes = make();
  changes->publish({Change::Kind::kNew, kShop, 5, ""});
  Listener narrow;
  changes->subscribe(of(kOther), narrow.responder());
  changes->publish({Change::Kind::kNew, kShop, 5, ""});
  changes->publish({Change::Kind::kNew, kOther, 7, ""});
  ASSERT_TRUE(narrow.hears("\"number\":7"));
  EXPECT_EQ(reads_, 1);
}

TEST_F(ChangesTest, CountsOfAnItemComeTogether) {
  auto changes = make({.counted_every = milliseconds(150)});
  Listener listener;
  changes->subscribe(all(), listener.responder());
  const auto until = std::chrono::steady_clock::now() + milliseconds(400);
  while (std::chrono::steady_clock::now() < until) {
    changes->publish({Change::Kind::kCounted, kShop, 1, ""});
    std::this_thread::sleep_for(milliseconds(1));
  }
  ASSERT_TRUE(listener.hears("\"kind\":\"counted\""));
  changes->stop();
  const size_t sent = times(listener.text(), "\"kind\":\"counted\"");
  EXPECT_GE(sent, 1u);
  EXPECT_LE(sent, 5u);
}

TEST_F(ChangesTest, ABatchOfDigestion) {
  auto changes = make();
  Listener listener;
  changes->subscribe(all(), listener.responder());
  std::vector<store::Sighting> sightings(5);
  std::vector<store::Applied> applied(5);
  for (size_t i = 0; i < 5; ++i) {
    sightings[i].project = kShop;
    sightings[i].environment = i == 0 ? "a" : "b";
    applied[i].item_number = static_cast<int64_t>(i) + 1;
  }
  applied[0].new_item = true;
  applied[1].reopened = true;
  applied[2].new_in_environment = true;
  applied[3].duplicate = true;
  changes->publish_applied(sightings, applied);
  ASSERT_TRUE(listener.hears("\"kind\":\"counted\",\"project\":1,\"number\":5,"));
  const std::string text = listener.text();
  EXPECT_THAT(text, HasSubstr("\"kind\":\"new\",\"project\":1,\"number\":1,"));
  EXPECT_THAT(text, HasSubstr("\"kind\":\"reopened\",\"project\":1,\"number\":2,"));
  EXPECT_THAT(text, HasSubstr("\"kind\":\"new_in_environment\",\"project\":1,\"number\":3,"));
  EXPECT_THAT(text, Not(HasSubstr("\"number\":4,")));
  EXPECT_THAT(text, HasSubstr("\"environment\":\"a\""));
}

TEST_F(ChangesTest, AnItemThatIsGoneIsPassedOver) {
  auto changes = make();
  Listener listener;
  changes->subscribe(all(), listener.responder());
  changes->publish({Change::Kind::kNew, kShop, 404, ""});
  changes->publish({Change::Kind::kNew, kShop, 5, ""});
  ASSERT_TRUE(listener.hears("\"number\":5"));
  EXPECT_EQ(times(listener.text(), "event: item"), 1u);
}

TEST_F(ChangesTest, PingsAndEndsStreamsOfWhoMayNoLongerListen) {
  auto changes = make({.ping_every = milliseconds(20)});
  Listener stays, goes;
  std::atomic<bool> welcome{true};
  changes->subscribe(all(), stays.responder());
  Changes::Subscriber guest = all();
  guest.alive = [&] { return welcome.load(); };
  changes->subscribe(std::move(guest), goes.responder());
  EXPECT_TRUE(goes.hears("event: ping\ndata: {}\n\n"));
  welcome = false;
  EXPECT_TRUE(goes.hears_the_end());
  EXPECT_FALSE(stays.ended());
  EXPECT_EQ(changes->streams(), 1u);
}

TEST_F(ChangesTest, WhoMayNoLongerListenHearsNothingMoreOnceAsked) {
  auto changes = make();  // a ping is far away
  Listener stays, goes;
  std::atomic<bool> welcome{true};
  Changes::Subscriber guest = all();
  guest.alive = [&] { return welcome.load(); };
  changes->subscribe(std::move(guest), goes.responder());
  changes->subscribe(all(), stays.responder());
  welcome = false;
  changes->ask_again();
  changes->publish({Change::Kind::kNew, kShop, 5, ""});
  ASSERT_TRUE(stays.hears("\"number\":5"));
  EXPECT_TRUE(goes.hears_the_end());
  EXPECT_THAT(goes.text(), Not(HasSubstr("\"number\":5")));
}

TEST_F(ChangesTest, TooManyStreamsAre503AndRoomIsMadeAgain) {
  auto changes = make({.most_streams = 2, .ping_every = milliseconds(20)});
  Listener one, two, three;
  changes->subscribe(all(), one.responder());
  changes->subscribe(all(), two.responder());
  changes->subscribe(all(), three.responder());
  ASSERT_TRUE(three.answer().has_value());
  EXPECT_EQ(three.answer()->status, 503);
  one.cut();
  EXPECT_TRUE(one.hears_the_end());
  Listener four;
  for (int i = 0; i < 100 && changes->streams() == 2; ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  changes->subscribe(all(), four.responder());
  EXPECT_THAT(four.text(), HasSubstr("event: hello"));
}

TEST_F(ChangesTest, WhatWaitsIsBounded) {
  auto changes = make({.most_waiting = 10, .counted_every = milliseconds(1)});
  Listener listener;
  changes->subscribe(all(), listener.responder());
  std::promise<void> open;
  gate_ = open.get_future().share();
  for (int64_t i = 1; i <= 5'000; ++i) changes->publish({Change::Kind::kNew, kShop, i, ""});
  open.set_value();
  ASSERT_TRUE(listener.hears("\"kind\":\"counted\""));
  while (reads_ < 20) std::this_thread::yield();
  changes->publish({Change::Kind::kStatus, kShop, 9'999, ""});
  ASSERT_TRUE(listener.hears("\"number\":9999"));
  // Those that were taken out before the gate held the thread up, and ten of each sort.
  EXPECT_LT(reads_, 5'000 / 2);
}

TEST_F(ChangesTest, StopEndsEverythingAndNewStreamsAreRefused) {
  auto changes = make();
  Listener listener, late;
  changes->subscribe(all(), listener.responder());
  const auto begin = std::chrono::steady_clock::now();
  changes->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  EXPECT_TRUE(listener.ended());
  changes->subscribe(all(), late.responder());
  EXPECT_EQ(late.answer()->status, 503);
  changes->publish({Change::Kind::kNew, kShop, 5, ""});
  changes->stop();
}

// From the call to the bytes at the other end of a connection; printed, since a machine may be
// slow.
TEST_F(ChangesTest, ReachesABrowserThroughTheServer) {
  auto changes = make();
  auto server = http::testing::started({}, [&](http::Request&&, http::Responder responder) {
    changes->subscribe(all(), std::move(responder));
  });
  http::testing::Client client(server->port());
  client.send(http::testing::get("/api/2/events"));
  EXPECT_EQ(client.receive_head().status, 200);
  EXPECT_THAT(client.chunk(), HasSubstr("event: hello"));
  std::vector<double> took_us;
  for (int64_t i = 1; i <= 200; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    changes->publish({Change::Kind::kNew, kShop, i, "production"});
    ASSERT_THAT(client.chunk(), HasSubstr("\"number\":" + std::to_string(i) + ","));
    const auto took = std::chrono::steady_clock::now() - begin;
    took_us.push_back(std::chrono::duration<double, std::micro>(took).count());
  }
  std::sort(took_us.begin(), took_us.end());
  RecordProperty("publish_to_wire_p50_us", static_cast<int>(took_us[100]));
  printf("publish to bytes at the client: p50 %.0f us, p95 %.0f us\n", took_us[100], took_us[190]);
  changes->stop();
  EXPECT_EQ(client.chunk(), "");
  server->stop();
}

}  // namespace
}  // namespace flawless::api
