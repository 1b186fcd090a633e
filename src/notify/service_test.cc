#include "notify/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

#include "base/log.h"
#include "notify/scripted_smtp.h"
#include "notify/test_world.h"

namespace flawless::notify {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// The system's, moved ahead.
class AheadClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return system_.now() + ahead_.load(); }
  void advance(std::chrono::milliseconds by) { ahead_ = ahead_.load() + by; }

 private:
  SystemClock system_;
  std::atomic<std::chrono::milliseconds> ahead_{};
};

class ServiceTest : public testing::Test {
 protected:
  ServiceTest() { set_log_level(LogLevel::kError); }
  std::unique_ptr<Service> make(Mailer::OnSent on_sent = {}) {
    Options options;
    options.smtp.host = "127.0.0.1";
    options.smtp.port = server_.port();
    options.smtp.tls = SmtpOptions::Tls::kNone;
    options.public_url = "http://127.0.0.1:8080";
    options.link_key = kKey;
    auto made = Service::create(options, *world_.store, world_.bodies, clock_, std::move(on_sent));
    FLAWLESS_CHECK(made.is_ok());
    return std::move(*made);
  }
  bool soon(const std::function<bool()>& condition) {
    for (int i = 0; i < 2000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(5ms);
    }
    return false;
  }

  ScriptedSmtp server_;
  AheadClock clock_;
  World world_;
};

TEST_F(ServiceTest, SendsWhatWasQueuedBeforeItStartedAndWhatItIsWokenFor) {
  std::atomic<int> told{0};
  world_.fail("a.py");
  auto service = make([&](ProjectId, int64_t, const std::string&) { ++told; });
  service->start();
  ASSERT_TRUE(server_.wait_for_mails(1));
  world_.fail("b.py");
  service->wake();
  ASSERT_TRUE(server_.wait_for_mails(2));
  ASSERT_TRUE(soon([&] { return told == 2; }));
  const auto health = service->health();
  ASSERT_TRUE(health.is_ok());
  EXPECT_TRUE(health->enabled);
  EXPECT_EQ(health->sent, 2u);
  EXPECT_EQ(health->fault, "");
  EXPECT_TRUE(health->last_sent_at);
  EXPECT_EQ(server_.mails()[0].from, "flawless@127.0.0.1");
}

TEST_F(ServiceTest, GoesOnAfterAnException) {
  std::atomic<int> told{0};
  auto service = make([&](ProjectId, int64_t, const std::string&) {
    if (++told == 1) throw std::runtime_error("out of luck");
  });
  world_.fail("a.py");
  service->start();
  ASSERT_TRUE(server_.wait_for_mails(1));
  ASSERT_TRUE(soon([&] { return told == 1; }));
  world_.fail("b.py");
  service->wake();
  ASSERT_TRUE(server_.wait_for_mails(2));
  service->stop();
  EXPECT_EQ(server_.mails().size(), 2u);
}

TEST_F(ServiceTest, ComesBackByItself) {
  server_.on("CONNECT", "421 4.3.2 too busy");
  world_.fail("a.py");
  auto service = make();
  service->start();
  ASSERT_TRUE(soon([&] { return !service->health()->fault.empty(); }));
  EXPECT_THAT(service->health()->fault, HasSubstr("421 4.3.2 too busy"));
  EXPECT_TRUE(server_.mails().empty());
  clock_.advance(7s);
  service->wake();
  ASSERT_TRUE(server_.wait_for_mails(1));
  ASSERT_TRUE(soon([&] { return service->health()->fault.empty(); }));
}

TEST_F(ServiceTest, StopsInTheMiddleAndLosesNothing) {
  server_.on("CONNECT", kHang);
  world_.fail("a.py");
  auto service = make();
  service->start();
  ASSERT_TRUE(soon([&] { return server_.seen("CONNECT") == 1; }));
  const auto began = std::chrono::steady_clock::now();
  service->stop();
  service->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
  EXPECT_EQ(world_.outbox().queued + world_.outbox().sending, 1u);
}

TEST_F(ServiceTest, WithoutAServerNothingIsTried) {
  world_.fail("a.py");
  Options options;
  options.public_url = "http://127.0.0.1:8080";
  options.link_key = kKey;
  auto service = Service::create(options, *world_.store, world_.bodies, clock_, {});
  ASSERT_TRUE(service.is_ok());
  (*service)->start();
  (*service)->wake();
  (*service)->stop();
  EXPECT_FALSE((*service)->health()->enabled);
  EXPECT_EQ((*service)->health()->queued, 1u);
}

TEST_F(ServiceTest, TheSenderMustBeAnAddress) {
  Options options;
  options.from = "nobody";
  options.link_key = kKey;
  EXPECT_EQ(Service::create(options, *world_.store, world_.bodies, clock_, {}).code(),
            Code::kInvalid);
}

}  // namespace
}  // namespace flawless::notify
