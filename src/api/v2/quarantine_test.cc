// Reports that were put aside: listed, tried again, and not unknown.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "api/v2/world.h"

namespace flawless::api {
namespace {

using store::Retried;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kList[] = "/api/2/system/quarantine";
constexpr char kRetry[] = "/api/2/system/quarantine/retry";
constexpr char kUuid[] = "11111111-1111-4111-8111-111111111111";

class QuarantineTest : public testing::Test {
 protected:
  QuarantineTest() {
    world_.retry = [this](const std::vector<uint64_t>& sequences) {
      asked_ = sequences;
      std::vector<Retried> done;
      for (uint64_t sequence : sequences) done.push_back(answer(sequence));
      return Result<std::vector<Retried>>(std::move(done));
    };
  }
  static Retried stored(uint64_t sequence) {
    Retried one{sequence, Retried::Outcome::kStored, {3}};
    one.applied.item_number = 49;
    one.applied.occurrence = {7};
    return one;
  }
  void put_aside(uint64_t sequence, ProjectId project, std::string_view uuid = {}) {
    store::Quarantined record{sequence, 1, 0, project, world_.clock.now(), "it ended the process"};
    if (!uuid.empty()) record.report_id = ReportId::from_client(uuid);
    ASSERT_TRUE(world_.store().quarantine(record, {1, 1, 0, sequence}).is_ok());
  }
  http::Response post(std::string_view token, std::string_view body) {
    return world_.ask(make_request(http::Method::kPost, kRetry, token, body));
  }
  Json retry(std::string_view body) {
    http::Response reply = post(write_, body);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return Json(std::move(reply.body));
  }

  World world_;
  World::Project shop_ = world_.make_project("shop");
  std::string read_ = world_.make_token({}, store::Scope::kRead);
  std::string write_ = world_.make_token({}, store::Scope::kWrite);
  std::vector<uint64_t> asked_;
  std::function<Retried(uint64_t)> answer = stored;
};

TEST_F(QuarantineTest, IsListedWithWhatIsKnown) {
  put_aside(3, shop_.id, kUuid);
  put_aside(8, {99});
  put_aside(9, {});
  world_.oldest_record = 8;
  Json page = world_.read(kList, read_);
  ASSERT_EQ(page.size("quarantine"), 3u);
  EXPECT_EQ(page.number("quarantine.0.sequence"), 3);
  EXPECT_EQ(page.number("quarantine.0.project"), shop_.id.v);
  EXPECT_EQ(page.text("quarantine.0.uuid"), kUuid);
  EXPECT_EQ(page.text("quarantine.0.reason"), "it ended the process");
  EXPECT_THAT(page.text("quarantine.0.at"), HasSubstr("2025-11-22T"));
  EXPECT_FALSE(page.at("quarantine.0.body_available").flag);
  EXPECT_TRUE(page.at("quarantine.1.body_available").flag);
  EXPECT_TRUE(page.at("quarantine.2.uuid").is_null());
  EXPECT_TRUE(page.at("quarantine.2.project").is_null());
  EXPECT_TRUE(page.at("next").is_null());

  Json first = world_.read(std::string(kList) + "?limit=2", read_);
  ASSERT_EQ(first.size("quarantine"), 2u);
  Json rest = world_.read(std::string(kList) + "?limit=2&cursor=" + first.text("next"), read_);
  ASSERT_EQ(rest.size("quarantine"), 1u);
  EXPECT_EQ(rest.number("quarantine.0.sequence"), 9);
  for (const char* query : {"?project=99", "?project=shop"}) {
    EXPECT_EQ(world_.read(std::string(kList) + query, read_).size("quarantine"), 1u) << query;
  }
  EXPECT_EQ(world_.get(std::string(kList) + "?project=none", read_).status, 404);
  EXPECT_EQ(world_.get(std::string(kList) + "?cursor=x", read_).status, 400);
}

TEST_F(QuarantineTest, IsForThoseWhoSeeOrRunTheWholeServer) {
  EXPECT_EQ(world_.get(kList, shop_.write).status, 403);
  EXPECT_EQ(post(shop_.write, R"({"all":true})").status, 403);
  EXPECT_EQ(post(read_, R"({"all":true})").status, 403);
  EXPECT_EQ(world_.get(kList, "").status, 401);
  EXPECT_EQ(post(write_, R"({"all":true})").status, 200);
}

TEST_F(QuarantineTest, WhatIsNamedIsTriedAgain) {
  answer = [](uint64_t sequence) {
    if (sequence == 5) return stored(5);
    return Retried{sequence, Retried::Outcome::kFailed, {3}, "there is no project 3"};
  };
  Json reply = retry(R"({"sequences":[8,5,8]})");
  EXPECT_THAT(asked_, ElementsAre(8, 5));
  ASSERT_EQ(reply.size("retried"), 2u);
  EXPECT_EQ(reply.text("retried.0.result"), "failed");
  EXPECT_EQ(reply.text("retried.0.reason"), "there is no project 3");
  EXPECT_EQ(reply.number("retried.1.sequence"), 5);
  EXPECT_EQ(reply.text("retried.1.result"), "stored");
  EXPECT_EQ(reply.number("retried.1.item"), 49);
  EXPECT_EQ(reply.number("retried.1.occurrence"), 7);
  EXPECT_EQ(reply.text("retried.1.url"), "https://flawless.example/p/3/items/49");
  EXPECT_FALSE(reply.at("retried.1.duplicate").flag);
  EXPECT_TRUE(reply.at("next").is_null());
}

TEST_F(QuarantineTest, AllAreTriedAHundredAtATime) {
  EXPECT_EQ(retry(R"({"all":true})").size("retried"), 0u);
  EXPECT_THAT(asked_, IsEmpty());
  for (uint64_t sequence = 1; sequence <= 101; ++sequence) put_aside(sequence, {99});
  Json first = retry(R"({"all":true})");
  EXPECT_EQ(first.size("retried"), 100u);
  Json rest = retry(fmt::format(R"({{"all":true,"cursor":"{}"}})", first.text("next")));
  ASSERT_EQ(rest.size("retried"), 1u);
  EXPECT_EQ(rest.number("retried.0.sequence"), 101);
  EXPECT_TRUE(rest.at("next").is_null());
}

// Digestion had other things to do: the next call goes on where this one ended.
TEST_F(QuarantineTest, WhatWaitedIsTheNextCalls) {
  for (uint64_t sequence : {4, 5, 6}) put_aside(sequence, {99});
  answer = [](uint64_t sequence) { return sequence == 4 ? stored(4) : Retried{sequence}; };
  Json all = retry(R"({"all":true})");
  EXPECT_EQ(all.size("retried"), 1u);
  EXPECT_EQ(all.text("next"), "4");
  Json named = retry(R"({"sequences":[4,5]})");
  EXPECT_EQ(named.text("retried.1.result"), "waiting");
  world_.retry = [](auto) { return Status(Code::kUnavailable, "digestion is busy"); };
  EXPECT_EQ(post(write_, R"({"all":true})").status, 503);
}

TEST_F(QuarantineTest, BadRequestsSayWhatIsAllowed) {
  std::string many = "1";
  for (int i = 2; i <= 101; ++i) many += fmt::format(",{}", i);
  const std::pair<std::string, const char*> bad[] = {
      {"{}", "'all' as true"},
      {R"({"all":false})", "'all' as true"},
      {R"({"all":true,"sequences":[1]})", "either"},
      {R"({"sequences":[]})", "numbers"},
      {R"({"sequences":["7"]})", "numbers"},
      {R"({"sequences":[0]})", "numbers"},
      {R"({"sequences":7})", "numbers"},
      {R"({"sequences":[)" + many + "]}", "at most 100"},
      {R"({"all":true,"cursor":"x"})", "cursor"},
      {R"({"sequences":[1],"cursor":"1"})", "cursor"},
      {R"({"al":true})", "al"}};
  for (const auto& [body, hint] : bad) {
    http::Response reply = post(write_, body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_THAT(reply.body, HasSubstr(hint)) << body;
  }
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(QuarantineTest, HealthShowsAProjectItsOwnBehindAnyNumberOfOthers) {
  for (uint64_t sequence = 1; sequence <= 1000; ++sequence) put_aside(sequence, {99});
  put_aside(1001, shop_.id);
  Json health = world_.read("/api/2/health", shop_.read);
  ASSERT_EQ(health.size("quarantine"), 1u);
  EXPECT_EQ(health.number("quarantine.0.sequence"), 1001);
  EXPECT_EQ(world_.read("/api/2/health", read_).size("quarantine"), 1000u);
}

TEST_F(QuarantineTest, TheSendersIdTellsThatItIsSetAside) {
  const std::string reports = fmt::format("/api/2/projects/{}/reports/", shop_.id.v);
  put_aside(3, shop_.id, kUuid);
  http::Response reply = world_.get(reports + kUuid, shop_.read);
  EXPECT_EQ(reply.status, 404);
  EXPECT_THAT(reply.body, HasSubstr("\"code\":\"set_aside\""));
  EXPECT_THAT(reply.body, HasSubstr("it ended the process"));
  EXPECT_THAT(reply.body, HasSubstr("flawless quarantine retry 3"));
  EXPECT_THAT(world_.get(reports + "another", shop_.read).body, HasSubstr("not_found"));
  World::Project other = world_.make_project("other");
  EXPECT_THAT(world_.get(fmt::format("/api/2/projects/{}/reports/{}", other.id.v, kUuid),
                         other.read).body,
              HasSubstr("not_found"));
  world_.report(shop_, {.uuid = kUuid});
  EXPECT_EQ(world_.get(reports + kUuid, shop_.read).status, 200);
}

}  // namespace
}  // namespace flawless::api
