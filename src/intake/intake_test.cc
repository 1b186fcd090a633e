#include "intake/intake.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "intake/replies.h"
#include "os/fake_disk.h"
#include "wire/record.h"

namespace flawless::intake {
namespace {

using testing::Test;

constexpr char kServerToken[] = "00000000000000000000000000000001";
constexpr char kClientToken[] = "00000000000000000000000000000002";
constexpr char kDisabledToken[] = "00000000000000000000000000000003";
constexpr char kOfDisabledProject[] = "00000000000000000000000000000004";
constexpr char kLimitedToken[] = "00000000000000000000000000000005";
constexpr char kRollbarItem[] =
    R"({"data":{"environment":"production","uuid":"12345678-1234-1234-1234-123456789abc","platform":"browser",)"
    R"("body":{"message":{"body":"hello"}}}})";
constexpr char kSentryEvent[] =
    R"({"event_id":"fc6d8c0c43fc4630ad850ee518f1b9d0","message":"hello"})";

// Acknowledges at once, or refuses as told.
class FakeJournal final : public journal::Journal {
 public:
  void append(std::shared_ptr<const std::string> payload, Done done) override {
    if (!fault.is_ok()) return done(fault);
    payloads.push_back(*payload);
    const journal::Appended place{payloads.size(), {1, payloads.size() * 100}};
    if (!slow) return done(place);
    waiting.push_back([place, done = std::move(done)] { done(place); });
  }
  void commit() {
    for (auto& answer : std::exchange(waiting, {})) answer();
  }
  Result<journal::Record> read(journal::Position) const override { return {Code::kNotFound, ""}; }
  Result<std::unique_ptr<Reader>> read_after(const journal::Cursor&) const override {
    return {Code::kNotFound, ""};
  }
  void release(const journal::Cursor&) override {}
  journal::Cursor start() const override { return {}; }
  journal::Health health() const override { return {}; }
  void stop() override {}

  Status fault;
  bool slow = false;  // answers at commit()
  std::vector<std::string> payloads;
  std::vector<std::function<void()>> waiting;
};

class CaptureSink final : public http::Responder::Sink {
 public:
  void send(http::Response sent) override {
    std::lock_guard guard(mutex_);
    response_ = std::move(sent);
    answered_.notify_all();
  }
  void start_stream(http::Response) override {}
  bool write(std::string) override { return false; }
  std::optional<http::Response> response() {
    std::lock_guard guard(mutex_);
    return response_;
  }
  http::Response wait() {
    std::unique_lock lock(mutex_);
    answered_.wait_for(lock, std::chrono::seconds(20), [this] { return response_.has_value(); });
    EXPECT_TRUE(response_) << "no answer";
    return response_.value_or(http::Response{});
  }

 private:
  std::mutex mutex_;
  std::condition_variable answered_;
  std::optional<http::Response> response_;
};

std::vector<std::pair<std::string, Grant>> grants() {
  return {
      {kServerToken, {.token = {1}, .project = {7}}},
      {kClientToken, {.token = {2}, .project = {7}, .client_only = true}},
      {kDisabledToken, {.token = {3}, .project = {7}, .enabled = false}},
      {kOfDisabledProject, {.token = {4}, .project = {8}, .project_enabled = false}},
      {kLimitedToken, {.token = {5}, .project = {7}, .soft_per_minute = 1, .hard_per_minute = 2}}};
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i + 2 < bytes.size(); i += 3) {  // a multiple of three
    unsigned group = 0;
    for (size_t j = 0; j < 3; ++j) group = group << 8U | static_cast<uint8_t>(bytes[i + j]);
    for (unsigned shift = 24; shift > 0; shift -= 6) text += kDigits[group >> (shift - 6) & 63U];
  }
  return text;
}

class IntakeTest : public Test {
 protected:
  IntakeTest() {
    EXPECT_TRUE(board_.publish(Admission(grants())).is_ok());
    intake_.mount(router_);
  }

  http::Response post(std::string path, std::string_view body,
                      std::vector<http::Header> headers = {}, std::string query = "") {
    http::Request request;
    request.method = http::Method::kPost;
    request.path = std::move(path);
    request.query = std::move(query);
    request.headers = std::move(headers);
    request.peer = "203.0.113.9";
    auto bytes = std::make_unique<char[]>(body.size() + http::kSlackBytes);
    std::copy(body.begin(), body.end(), bytes.get());
    request.body = http::Body(std::move(bytes), body.size());
    last_ = std::make_shared<CaptureSink>();
    routes_->route(std::move(request), http::Responder(last_));
    if (is_later_) return last_->wait();
    EXPECT_NE(last_->response().has_value(), journal_.slow && !journal_.waiting.empty());
    return last_->response().value_or(http::Response{});
  }
  http::Response rollbar(std::string_view body, const char* token = kServerToken) {
    return post("/api/1/item/", body, {{"x-rollbar-access-token", token}});
  }
  static std::string header(const http::Response& response, std::string_view name) {
    for (const http::Header& header : response.headers) {
      if (header.name == name) return header.value;
    }
    return "";
  }
  std::string refusal_reasons() {
    std::string reasons;
    for (const RefusalCount& count : intake_.refusals().take()) reasons += count.reason + ";";
    return reasons;
  }

  os::FakeDisk disk_;
  ManualClock clock_{from_unix_ms(1763820311250)};
  AdmissionBoard board_{disk_, "/data/admission"};
  FakeJournal journal_;
  wire::HandOff handoff_{1 << 20};
  Intake intake_{{}, board_, journal_, handoff_, clock_};
  http::Router router_;
  const http::Router* routes_ = &router_;
  std::shared_ptr<CaptureSink> last_;
  bool is_later_ = false;  // the answer may come from another thread
};

TEST_F(IntakeTest, RollbarItemIsJournalledAsSentAndEchoed) {
  http::Response reply = rollbar(kRollbarItem);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body,
            R"({"err":0,"result":{"id":null,"uuid":"12345678-1234-1234-1234-123456789abc"}})");
  ASSERT_EQ(journal_.payloads.size(), 1u);
  auto record = wire::decode_record(journal_.payloads[0]);
  ASSERT_TRUE(record.is_ok());
  EXPECT_EQ(record->body, kRollbarItem);
  EXPECT_EQ(record->project.v, 7);
  EXPECT_EQ(record->peer_ip, "203.0.113.9");
  EXPECT_EQ(record->report_id.dashed(), "12345678-1234-1234-1234-123456789abc");
}

TEST_F(IntakeTest, TheReportIsHandedToDigestAlreadyRead) {
  ASSERT_EQ(rollbar(kRollbarItem).status, 200);
  auto taken = handoff_.take(10, std::chrono::milliseconds(0), std::chrono::milliseconds(0));
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0]->sequence, 1u);
  EXPECT_EQ(taken[0]->event.message, "hello");
  EXPECT_EQ(taken[0]->body_bytes, sizeof kRollbarItem - 1);
  EXPECT_EQ(taken[0]->record.report_id.dashed(), "12345678-1234-1234-1234-123456789abc");
}

TEST_F(IntakeTest, RollbarTokenIsFoundInHeaderQueryAndBody) {
  EXPECT_EQ(
      post("/api/1/item", kRollbarItem, {}, std::string("access_token=") + kServerToken).status,
      200);
  std::string with_token =
      std::string(R"({"access_token":")") + kServerToken + "\"," + (kRollbarItem + 1);
  EXPECT_EQ(post("/api/1/item/", with_token).status, 200);
  // The header wins over the body.
  EXPECT_EQ(post("/api/1/item/", with_token, {{"X-Rollbar-Access-Token", "nonsense"}}).status, 403);
}

TEST_F(IntakeTest, OurOwnProtocolTakesTheTokenInEveryPlaceThatItNames) {
  const std::string body = R"({"message":"hello"})";
  const std::string token = kServerToken;
  const std::string told = post("/api/2/report", body).body;
  for (const http::Header& header :
       std::vector<http::Header>{{"Authorization", "Bearer " + token},
                                 {"X-Rollbar-Access-Token", token},
                                 {"X-Flawless-Token", token}}) {
    EXPECT_EQ(post("/api/2/report", body, {header}).status, 200) << header.name;
    EXPECT_NE(told.find(header.name), std::string::npos) << told;
  }
  EXPECT_EQ(post("/api/2/report", body, {}, "access_token=" + token).status, 200);
  EXPECT_EQ(post("/api/1/item/", kRollbarItem).body.find("Bearer"), std::string::npos);
}

TEST_F(IntakeTest, ATokenForReadingIsToldItsScopeAndAnUnknownOneNothing) {
  Intake::Options options;
  options.is_for_reading = [](std::string_view token) { return token == "reader"; };
  Intake intake(options, board_, journal_, handoff_, clock_);
  http::Router router;
  intake.mount(router);
  routes_ = &router;
  const http::Response reader = rollbar(kRollbarItem, "reader");
  EXPECT_EQ(reader.status, 403);
  EXPECT_NE(reader.body.find("post_server_item"), std::string::npos) << reader.body;
  const http::Response unknown = rollbar(kRollbarItem, "readers");
  EXPECT_EQ(unknown.status, 403);
  EXPECT_NE(unknown.body.find("access token not found"), std::string::npos);
  EXPECT_EQ(intake.refusals().take().size(), 2u);
}

TEST_F(IntakeTest, AnItemInAMultipartForm) {
  auto part = [](const std::string& name, const std::string& value) {
    return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  };
  const std::string form =
      part("payload", kRollbarItem) + part("access_token", kServerToken) + "--b--\r\n";
  EXPECT_EQ(post("/api/1/item/", form, {{"Content-Type", "multipart/form-data; boundary=b"}}).body,
            R"({"err":0,"result":{"id":null,"uuid":"12345678-1234-1234-1234-123456789abc"}})");
  EXPECT_EQ(post("/api/1/item/", "--b\r\nx").status, 400);
}

TEST_F(IntakeTest, AnEnvelopeAtStoreIsReadAsOneWhenItSaysSo) {
  const std::string envelope =
      std::string("{}\n{\"type\":\"event\"}\n") + kSentryEvent + "\n";
  const std::string key = std::string("sentry_key=") + kServerToken;
  const http::Header type{"Content-Type", "application/x-sentry-envelope"};
  EXPECT_EQ(post("/api/7/store/", envelope, {type}, key).body,
            R"({"id":"fc6d8c0c43fc4630ad850ee518f1b9d0"})");
  EXPECT_EQ(post("/api/7/store/", envelope, {}, key).status, 400);
}

TEST_F(IntakeTest, SentryKeyIsFoundInHeaderQueryAndEnvelope) {
  std::string auth =
      std::string("Sentry sentry_version=7, sentry_client=x/1, sentry_key=") + kServerToken;
  EXPECT_EQ(post("/api/7/store/", kSentryEvent, {{"X-Sentry-Auth", auth}}).body,
            R"({"id":"fc6d8c0c43fc4630ad850ee518f1b9d0"})");
  EXPECT_EQ(post("/api/7/store/", kSentryEvent, {{"Authorization", auth}}).status, 200);
  EXPECT_EQ(post("/api/7/store/", kSentryEvent, {},
                 std::string("sentry_version=7&sentry_key=") + kServerToken)
                .status,
            200);
  std::string envelope = std::string(R"({"dsn":"http://)") + kServerToken + "@localhost/7\"}\n" +
                         R"({"type":"event"})" + "\n" + kSentryEvent + "\n";
  EXPECT_EQ(post("/api/7/envelope/", envelope).status, 200);
}

TEST_F(IntakeTest, KeysThatDisagreeAreRefused) {
  std::string auth = std::string("Sentry sentry_key=") + kServerToken;
  EXPECT_EQ(post("/api/7/store/", kSentryEvent, {{"X-Sentry-Auth", auth}},
                 std::string("sentry_key=") + kClientToken)
                .status,
            403);
  EXPECT_EQ(post("/api/9/store/", kSentryEvent, {{"X-Sentry-Auth", auth}}).status, 403);
  EXPECT_TRUE(journal_.payloads.empty());
}

TEST_F(IntakeTest, WrongKeysAreAnsweredInTheClientsDialect) {
  http::Response to_rollbar = rollbar(kRollbarItem, "nonsense");
  EXPECT_EQ(to_rollbar.status, 403);
  EXPECT_NE(to_rollbar.body.find(R"("err":1,"message":)"), std::string::npos);
  http::Response to_sentry = post("/api/7/store/", kSentryEvent, {}, "sentry_key=nonsense");
  EXPECT_EQ(to_sentry.status, 403);
  EXPECT_NE(to_sentry.body.find(R"("detail":)"), std::string::npos);
  EXPECT_FALSE(header(to_sentry, "X-Sentry-Error").empty());
  EXPECT_EQ(post("/api/1/item/", kRollbarItem).status, 403);
  EXPECT_EQ(rollbar(kRollbarItem, kDisabledToken).status, 403);
  EXPECT_EQ(rollbar(kRollbarItem, kOfDisabledProject).status, 403);
  EXPECT_TRUE(journal_.payloads.empty());
  EXPECT_EQ(refusal_reasons(), "no token;unknown token;disabled token;disabled project;");
}

TEST_F(IntakeTest, ClientTokensPostForClientPlatformsOnly) {
  EXPECT_EQ(rollbar(kRollbarItem, kClientToken).status, 200);
  EXPECT_EQ(
      rollbar(R"({"data":{"platform":"linux","body":{"message":{"body":"x"}}}})", kClientToken)
          .status,
      403);
  EXPECT_EQ(rollbar(R"({"data":{"body":{"message":{"body":"x"}}}})", kClientToken).status, 403);
}

TEST_F(IntakeTest, MalformedBodiesGetTheReason) {
  http::Response reply = rollbar("{\"data\":");
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find("\"message\":\""), std::string::npos);
  EXPECT_EQ(rollbar("").status, 400);
  EXPECT_EQ(post("/api/1/item/", "not gzip",
                 {{"X-Rollbar-Access-Token", kServerToken}, {"Content-Encoding", "gzip"}})
                .status,
            400);
  EXPECT_EQ(post("/api/1/item/", kRollbarItem,
                 {{"X-Rollbar-Access-Token", kServerToken}, {"Content-Encoding", "lzma"}})
                .status,
            415);
  EXPECT_TRUE(journal_.payloads.empty());
}

TEST_F(IntakeTest, TwoEventsInOneEnvelopeAreRefusedAndNoneIsKept) {
  std::string item = std::string("{\"type\":\"event\"}\n") + kSentryEvent + "\n";
  http::Response reply =
      post("/api/7/envelope/", "{}\n" + item + item, {}, std::string("sentry_key=") + kServerToken);
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find("2 event items"), std::string::npos) << reply.body;
  EXPECT_TRUE(journal_.payloads.empty());
}

TEST_F(IntakeTest, EnvelopesWithoutEventAreFineAndTellTheSdkToStop) {
  http::Response reply = post("/api/7/envelope/", "{}\n{\"type\":\"session\"}\n{}\n", {},
                              std::string("sentry_key=") + kServerToken);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{}");
  EXPECT_NE(header(reply, "X-Sentry-Rate-Limits").find("session"), std::string::npos);
  EXPECT_TRUE(journal_.payloads.empty());
}

TEST_F(IntakeTest, AFullDiskIsSaidNotHidden) {
  journal_.fault = Status(Code::kUnavailable, "the disk is full");
  http::Response reply = rollbar(kRollbarItem);
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(header(reply, "Retry-After"), "5");
  EXPECT_EQ(handoff_.size(), 0u);
  EXPECT_EQ(refusal_reasons(), "not stored;");
}

// Anybody with a browser's token reads the answer; where files lie is for health and the log.
TEST_F(IntakeTest, TheReplyNamesNoFileOfTheServer) {
  journal_.fault =
      Status(Code::kUnavailable, "cannot write /var/lib/flawless/journal/x.seg: No space left");
  const http::Response reply =
      post("/api/7/store/", kSentryEvent,
           {{"X-Sentry-Auth", std::string("Sentry sentry_key=") + kClientToken}});
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body.find("/var/lib"), std::string::npos) << reply.body;
  EXPECT_EQ(header(reply, "X-Sentry-Error").find("/var/lib"), std::string::npos);
}

// base64 of zlib, as old clients send it: the bound holds for what is inside as well.
TEST_F(IntakeTest, ABombInsideBase64IsTooLargeNotMalformed) {
  const std::string zeros(wire::kRequestBytes + 1, '0');
  std::string packed(100'000, '\0');
  uLongf size = packed.size();
  ASSERT_EQ(compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                      reinterpret_cast<const Bytef*>(zeros.data()), zeros.size(), 6),
            Z_OK);
  packed.resize(size / 3 * 3);  // it is refused before the end
  is_later_ = true;
  const http::Response reply =
      post("/api/7/store/", base64(packed),
           {{"X-Sentry-Auth", std::string("Sentry sentry_key=") + kClientToken}});
  EXPECT_EQ(reply.status, 413) << reply.body;
  EXPECT_EQ(refusal_reasons(), "too large;");
}

TEST_F(IntakeTest, AnOldClientsPackedReportIsReadAtOnce) {
  std::string event = kSentryEvent;
  while ((event.size() + 11) % 3 != 0) event += ' ';  // stored, it grows by eleven bytes
  std::string packed(1000, '\0');
  uLongf size = packed.size();
  ASSERT_EQ(compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                      reinterpret_cast<const Bytef*>(event.data()), event.size(), 0),
            Z_OK);
  packed.resize(size);
  const http::Response reply =
      post("/api/7/store/", base64(packed),
           {{"X-Sentry-Auth", std::string("Sentry sentry_key=") + kServerToken}});
  EXPECT_EQ(reply.status, 200) << reply.body;
}

TEST_F(IntakeTest, ABodyThatCannotHoldTheTokenIsNotOpenedWithoutOne) {
  const std::vector<http::Header> gzip = {{"Content-Encoding", "gzip"}};
  for (const char* path : {"/api/2/report", "/api/7/store/"}) {
    const http::Response reply = post(path, "no gzip at all", gzip);
    EXPECT_EQ(reply.status, 403) << path;
  }
  EXPECT_EQ(refusal_reasons(), "no token;");
}

TEST_F(IntakeTest, ALargeReportIsReadApartAndKept) {
  const std::string large = R"({"data":{"body":{"message":{"body":"hello"}},"custom":")" +
                            std::string(3u << 20, 'x') + "\"}}";
  is_later_ = true;
  EXPECT_EQ(rollbar(large).status, 200);
  ASSERT_EQ(journal_.payloads.size(), 1u);
  auto record = wire::decode_record(journal_.payloads[0]);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->body, large);
  EXPECT_TRUE(record->trimmed);
  EXPECT_EQ(rollbar(large.substr(0, large.size() - 1)).status, 400);
}

TEST_F(IntakeTest, ATokenInALargeBodyIsFoundUpToABound) {
  auto item = [](size_t size) {
    return std::string(R"({"access_token":")") + kServerToken +
           R"(","data":{"body":{"message":{"body":"hello"}},"custom":")" + std::string(size, 'x') +
           "\"}}";
  };
  is_later_ = true;
  EXPECT_EQ(post("/api/1/item/", item(2u << 20)).status, 200);
  const http::Response reply = post("/api/1/item/", item(5u << 20));
  EXPECT_EQ(reply.status, 413);
  EXPECT_NE(reply.body.find("in a header"), std::string::npos) << reply.body;
  EXPECT_EQ(rollbar(item(5u << 20)).status, 200);
}

TEST_F(IntakeTest, AfterTheStopALargeReportIsToldToComeAgain) {
  intake_.stop();
  is_later_ = true;
  const std::string large(1u << 20, ' ');
  const http::Response reply = rollbar(large);
  EXPECT_EQ(reply.status, 503);
  EXPECT_NE(header(reply, "Retry-After"), "");
  EXPECT_EQ(refusal_reasons(), "overloaded;");
}

TEST_F(IntakeTest, WhatTheServerRefusesIsCountedForItsProjectAndAnsweredInItsDialect) {
  auto refuse = [&](const char* path, std::vector<http::Header> headers, int status) {
    http::Request head;
    head.method = http::Method::kPost;
    head.path = path;
    head.headers = std::move(headers);
    auto sink = std::make_shared<CaptureSink>();
    routes_->route_refused(std::move(head), {status, "code", "too large: over 5 bytes"},
                           http::Responder(sink));
    return sink->response().value_or(http::Response{});
  };
  const std::string auth = std::string("Sentry sentry_key=") + kServerToken;
  const http::Response to_sentry = refuse("/api/7/store/", {{"X-Sentry-Auth", auth}}, 413);
  EXPECT_EQ(to_sentry.status, 413);
  EXPECT_EQ(header(to_sentry, "X-Sentry-Error"), "too large: over 5 bytes");
  const http::Response to_rollbar = refuse("/api/1/item/", {}, 503);
  EXPECT_NE(to_rollbar.body.find(R"("err":1)"), std::string::npos);
  EXPECT_EQ(header(to_rollbar, "Retry-After"), "5");
  auto counts = intake_.refusals().take();
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].reason + std::to_string(counts[0].project.v), "overloaded0");
  EXPECT_EQ(counts[1].reason + std::to_string(counts[1].project.v), "too large7");
}

TEST_F(IntakeTest, HardQuotaStillAdmitsOneASecondAndTellsBothFamilies) {
  EXPECT_EQ(rollbar(kRollbarItem, kLimitedToken).status, 200);
  EXPECT_EQ(rollbar(kRollbarItem, kLimitedToken).status, 200);
  EXPECT_EQ(rollbar(kRollbarItem, kLimitedToken).status, 200);  // over it, the one of this second
  http::Response reply = rollbar(kRollbarItem, kLimitedToken);
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(header(reply, "X-Rate-Limit-Limit"), "2");
  EXPECT_EQ(header(reply, "X-Rate-Limit-Remaining"), "0");
  EXPECT_EQ(header(reply, "X-Rate-Limit-Remaining-Seconds"), "60");
  EXPECT_EQ(header(reply, "Retry-After"), "60");
  EXPECT_EQ(header(reply, "X-Sentry-Rate-Limits"), "60:default;error;security:key");
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(rollbar(kRollbarItem, kLimitedToken).status, 200);
  EXPECT_EQ(rollbar(kRollbarItem, kLimitedToken).status, 429);
  clock_.advance(std::chrono::seconds(60));
  EXPECT_EQ(rollbar(kRollbarItem, kLimitedToken).status, 200);
}

TEST_F(IntakeTest, WhatTheHardQuotaRefusesIsNotCountedAsSampledToo) {
  for (int i = 0; i < 6; ++i) (void)rollbar(kRollbarItem, kLimitedToken);
  std::map<std::string, uint64_t> counts;
  for (const RefusalCount& row : intake_.refusals().take()) counts[row.reason] = row.count;
  EXPECT_EQ(journal_.payloads.size(), 3u);
  EXPECT_EQ(counts["quota"], 3u);
  EXPECT_EQ(counts["over soft quota"], 2u);
}

TEST_F(IntakeTest, OneTokensQuotaIsNotAnothers) {
  for (int i = 0; i < 5; ++i) (void)rollbar(kRollbarItem, kLimitedToken);
  EXPECT_EQ(rollbar(kRollbarItem).status, 200);
}

// A disk that hangs: what is read already must not pile up behind it. Digest finds the rest in the
// journal.
TEST_F(IntakeTest, WhatWaitsForTheDiskIsBounded) {
  wire::HandOff roomy(1U << 30U);
  Intake intake({.waiting_bytes = 200'000}, board_, journal_, roomy, clock_);
  http::Router router;
  intake.mount(router);
  routes_ = &router;
  journal_.slow = true;
  for (int i = 0; i < 100; ++i) (void)rollbar(kRollbarItem);
  journal_.commit();
  EXPECT_EQ(journal_.payloads.size(), 100u);
  auto read_already = [&] {
    auto taken = roomy.take(1000, std::chrono::milliseconds(0), std::chrono::milliseconds(0));
    return std::count_if(taken.begin(), taken.end(),
                         [](const wire::InFlightPtr& report) { return report->has_event; });
  };
  auto kept = read_already();
  EXPECT_GT(kept, 1);
  EXPECT_LT(kept, 40) << "each takes about 16 KB";
  (void)rollbar(kRollbarItem);
  journal_.commit();
  EXPECT_EQ(read_already(), 1) << "what was answered still counts";
}

TEST_F(IntakeTest, PingNeedsNoToken) {
  http::Request request;
  request.path = "/api/1/status/ping";
  auto sink = std::make_shared<CaptureSink>();
  router_.route(std::move(request), http::Responder(sink));
  EXPECT_EQ(sink->response()->body, "pong");
}

}  // namespace
}  // namespace flawless::intake
