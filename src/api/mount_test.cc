// How requests are dispatched, whatever they ask for: v2/api_test.cc has what is answered.
#include "api/mount.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "api/reply.h"
#include "api/secrets.h"
#include "api/test_support.h"
#include "api/v2/route.h"

namespace flawless::api {
namespace {

using testing::HasSubstr;
using testing::Not;

// Nothing was ever appended to it.
class EmptyJournal final : public journal::Journal {
 public:
  void append(std::shared_ptr<const std::string>, Done) override { FLAWLESS_CHECK(false); }
  Result<journal::Record> read(journal::Position) const override {
    return Status(Code::kNotFound, "no segment");
  }
  Result<std::unique_ptr<Reader>> read_after(const journal::Cursor&) const override {
    return Status(Code::kUnavailable, "no reader");
  }
  void release(const journal::Cursor&) override {}
  journal::Cursor start() const override { return {}; }
  journal::Health health() const override { return {}; }
  void stop() override {}
};

class MountTest : public testing::Test {
 protected:
  explicit MountTest(Status failure = Status(Code::kInternal, "SELECT secret")) : store_(failure) {
    store::Token token;
    token.id = {1};
    token.scope = store::Scope::kWrite;
    token.hash = sha256("w");
    store_.known_tokens.push_back(token);
    FLAWLESS_CHECK(access_.refresh(store_).is_ok());
    mount(router_, {.store = [this] { return open_ ? &store_ : nullptr; },
                    .bodies = bodies_,
                    .access = access_,
                    .health = [this] { return probe(); },
                    .clock = clock_,
                    .pool = pool_,
                    .administer = [failure](auto, auto) { return Result<std::string>(failure); }});
  }
  ~MountTest() override { pool_.stop(); }

  SystemHealth probe() {
    if (blocked_.valid()) blocked_.wait();
    if (broken_) throw std::runtime_error("no health today");
    SystemHealth health;
    health.faults = faults_;
    return health;
  }
  http::Response get(std::string_view target, std::string_view token = "w") {
    return ask(router_, make_request(http::Method::kGet, target, token));
  }

  BrokenStore store_;
  bool open_ = true;
  bool broken_ = false;
  std::vector<std::string> faults_;
  std::shared_future<void> blocked_;
  EmptyJournal journal_;
  triage::Scrubber scrubber_{triage::ScrubRules{}};
  body::Bodies bodies_{journal_, scrubber_};
  Access access_;
  ManualClock clock_{from_unix_ms(1'763'800'000'000)};
  Pool pool_{{.threads = 1, .queue = 2}};
  http::Router router_;
};

// Whether the route answers an empty body with what is wrong in it, before it asks the store.
bool reads_a_body(const Route& route) {
  return route.method == http::Method::kPost || route.method == http::Method::kPatch;
}

std::string concrete(std::string_view pattern) {
  std::string path(pattern);
  for (std::string name : {":project", ":number", ":id", ":uuid"}) {
    if (size_t at = path.find(name); at != std::string::npos) path.replace(at, name.size(), "1");
  }
  return path;
}

TEST_F(MountTest, EveryRouteThatNeedsATokenSaysSoFirst) {
  for (const Route& route : all_routes()) {
    if (!route.scope) continue;
    http::Response reply =
        ask(router_, make_request(route.method, concrete(route.pattern) + "?bogus=1", ""));
    EXPECT_EQ(reply.status, 401) << route.pattern;
    EXPECT_EQ(header_of(reply, "WWW-Authenticate"), "Bearer") << route.pattern;
  }
}

TEST_F(MountTest, EveryRouteRefusesUnknownParameters) {
  for (const Route& route : all_routes()) {
    http::Response reply =
        ask(router_, make_request(route.method, concrete(route.pattern) + "?bogus=1", "w"));
    EXPECT_EQ(reply.status, 400) << route.pattern;
    EXPECT_THAT(reply.body, HasSubstr("'bogus'")) << route.pattern;
  }
}

TEST_F(MountTest, EveryFailureOfTheStoreIs500WithAReferenceAndNoDetails) {
  for (const Route& route : all_routes()) {
    if (!route.scope || reads_a_body(route) || route.subscription) continue;
    if (route.pattern == "/api/2/repositories" || route.pattern.ends_with("/keys")) continue;
    http::Response reply = ask(router_, make_request(route.method, concrete(route.pattern), "w"));
    EXPECT_EQ(reply.status, 500) << route.pattern;
    EXPECT_THAT(reply.body, HasSubstr("\"reference\":\"")) << route.pattern;
    EXPECT_THAT(reply.body, Not(HasSubstr("SELECT"))) << route.pattern;
    EXPECT_EQ(header_of(reply, "Cache-Control"), "no-store") << route.pattern;
  }
}

TEST_F(MountTest, WhileTheStoreOpensEverythingWaitsButHealthAndTheDocument) {
  open_ = false;
  for (const Route& route : all_routes()) {
    http::Response reply = ask(router_, make_request(route.method, concrete(route.pattern), "w"));
    const bool waits = route.pattern != "/api/2/openapi.json";
    EXPECT_EQ(reply.status, waits ? 503 : 200) << route.pattern;
    EXPECT_EQ(header_of(reply, "Retry-After"), waits ? "1" : "") << route.pattern;
  }
  EXPECT_EQ(get("/check_health", "").status, 200);
}

TEST_F(MountTest, UnknownPathsAndMethodsAreJson) {
  EXPECT_EQ(get("/api/2/nothing").status, 404);
  http::Response reply =
      ask(router_, make_request(http::Method::kDelete, "/api/2/projects/1/items/1", "w"));
  EXPECT_EQ(reply.status, 405);
  EXPECT_THAT(header_of(reply, "Allow"), HasSubstr("PATCH"));
  EXPECT_THAT(reply.body, HasSubstr("\"error\":{\"code\""));
}

TEST_F(MountTest, AFullPoolIs503AndTheProbeStillAnswers) {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  auto working = std::make_shared<std::atomic<int>>(0);
  auto wait = [opened, working] {
    ++*working;
    opened.wait();
  };
  // The worker waits before the queue is filled: if it took its job later there would be room
  // again.
  ASSERT_TRUE(pool_.try_run(Pool::Lane::kWork, wait));
  while (*working < 1) std::this_thread::yield();
  while (pool_.try_run(Pool::Lane::kWork, wait)) {
  }
  http::Response reply = get("/api/2/projects");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(header_of(reply, "Retry-After"), "1");
  EXPECT_EQ(get("/check_health", "").status, 200);
  open.set_value();
}

TEST_F(MountTest, CheckHealthIsOneWord) {
  http::Response reply = get("/check_health?whatever=1", "");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "OK");
  EXPECT_THAT(reply.content_type, HasSubstr("text/plain"));
  faults_.push_back("The disk is full: 1 MiB free.");
  reply = get("/check_health", "");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, "FAIL");
  faults_.clear();
  broken_ = true;
  EXPECT_EQ(get("/check_health", "").body, "FAIL");
}

// Anybody may ask, so a crowd that asks must not make a well server look ill.
TEST_F(MountTest, ACrowdOfProbesGetsTheLastAnswer) {
  ASSERT_EQ(get("/check_health", "").body, "OK");
  std::promise<void> open;
  blocked_ = open.get_future().share();
  std::vector<std::future<http::Response>> answers;
  for (int i = 0; i < 100; ++i) {
    answers.push_back(start_asking(router_, make_request(http::Method::kGet, "/check_health", "")));
  }
  EXPECT_EQ(answers.back().wait_for(std::chrono::seconds(0)), std::future_status::ready);
  open.set_value();
  for (auto& answer : answers) EXPECT_EQ(answer.get().body, "OK");
}

TEST_F(MountTest, TheDocumentNeedsNoToken) {
  http::Response reply = get("/api/2/openapi.json", "");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr("\"openapi\": \"3.1.0\""));
}

}  // namespace
}  // namespace flawless::api
