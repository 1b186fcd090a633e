#include "load.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "histogram.h"
#include "self_check.h"

namespace flawless::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kRequest = "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n";

// Serves one connection at a time; `answer` gets the request's number and gives the reply's bytes,
// or nothing to close the connection.
class Sink {
 public:
  explicit Sink(std::function<std::string(int)> answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_, generic, size), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    EXPECT_EQ(::getsockname(listener_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Sink() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  [[nodiscard]] LoadOptions load() const {
    return {.target = {.v6 = false, .port = port_}, .connections = 1, .patience_seconds = 2};
  }

 private:
  void serve() {
    for (;;) {
      int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      int one = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      serve_one(fd);
      ::close(fd);
    }
  }
  void serve_one(int fd) {
    char buffer[256];
    while (::recv(fd, buffer, kRequest.size(), MSG_WAITALL) > 0) {
      std::string reply = answer_(++requests_);
      if (reply.empty()) return;
      // In two parts: a reply may arrive in pieces.
      if (::send(fd, reply.data(), 5, MSG_NOSIGNAL) < 0) return;
      if (::send(fd, reply.data() + 5, reply.size() - 5, MSG_NOSIGNAL) < 0) return;
    }
  }

  std::function<std::string(int)> answer_;
  int listener_ = -1, requests_ = 0;
  uint16_t port_ = 0;
  std::thread thread_;
};

std::string reply(int status) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\ncontent-length: 2\r\n\r\nok";
}

std::string_view request() { return kRequest; }

TEST(Load, CountsAnswersByStatusAndTimesOnlyGoodOnes) {
  Sink sink([](int n) { return reply(n % 4 == 0 ? 429 : 200); });
  LoadOptions options = sink.load();
  options.count = 40;
  auto result = run_load(options, request);
  ASSERT_TRUE(result) << result.message();
  EXPECT_EQ(result->sent, 40U);
  EXPECT_EQ(result->answered, 40U);
  EXPECT_EQ(result->statuses[200], 30U);
  EXPECT_EQ(result->statuses[429], 10U);
  EXPECT_EQ(result->latency.count(), 30U);
}

TEST(Load, ConnectionsThatBreakAreCountedAndReplaced) {
  Sink sink([](int n) { return n == 3 ? std::string() : reply(200); });
  LoadOptions options = sink.load();
  options.count = 10;
  auto result = run_load(options, request);
  ASSERT_TRUE(result) << result.message();
  EXPECT_EQ(result->broken, 1U);
  EXPECT_EQ(result->statuses[200], 9U);
}

TEST(Load, RequestsWithoutAnAnswerAreReported) {
  Sink sink([](int n) {
    if (n == 2) std::this_thread::sleep_for(600ms);
    return reply(200);
  });
  LoadOptions options = sink.load();
  options.count = 2;
  options.patience_seconds = 0.2;
  auto result = run_load(options, request);
  ASSERT_TRUE(result) << result.message();
  EXPECT_EQ(result->unanswered, 1U);
  EXPECT_EQ(result->answered, 1U);
}

// A stall of 300 ms at 1,000/s delays some 300 requests, not one.
TEST(Load, OpenLoopCountsAStallForAllThatHadToWait) {
  Sink sink([](int n) {
    if (n == 100) std::this_thread::sleep_for(300ms);
    return reply(200);
  });
  LoadOptions options = sink.load();
  options.rate = 1000;
  options.count = 600;
  auto result = run_load(options, request);
  ASSERT_TRUE(result) << result.message();
  EXPECT_EQ(result->statuses[200], 600U);
  EXPECT_GT(result->latency.quantile_ns(0.8), 50'000'000);
  EXPECT_GT(result->max_backlog, 200U);
  EXPECT_GT(result->seconds, 0.55);
}

TEST(Load, NobodyListening) {
  LoadOptions options{.target = {.v6 = false, .port = 1}, .connections = 1};
  EXPECT_EQ(run_load(options, request).code(), Code::kUnavailable);
}

TEST(Target, IsThisMachineOnly) {
  for (const char* url : {"http://10.0.0.1:80", "http://127.0.0.1.example.com:80",
                          "http://localhost:80", "http://[::2]:80"}) {
    EXPECT_EQ(Target::parse(url).code(), Code::kDenied) << url;
  }
  for (const char* url : {"https://127.0.0.1:80", "http://127.0.0.1:0", "http://127.0.0.1:70000",
                          "http://127.0.0.1:80@example.com"}) {
    EXPECT_EQ(Target::parse(url).code(), Code::kInvalid) << url;
  }
  EXPECT_EQ(Target::parse("http://127.0.0.1:8080/x").value().port, 8080);
  EXPECT_TRUE(Target::parse("http://[::1]:9").value().v6);
}

TEST(Histogram, QuantilesAreWithinOnePercent) {
  Histogram histogram;
  for (int64_t i = 1; i <= 100'000; ++i) histogram.add(i * 1000);
  for (double share : {0.01, 0.5, 0.95, 0.99, 0.999}) {
    double exact = share * 100'000 * 1000;
    EXPECT_NEAR(static_cast<double>(histogram.quantile_ns(share)), exact, exact * 0.01) << share;
  }
  EXPECT_EQ(histogram.quantile_ns(1), 100'000'000);
  EXPECT_EQ(histogram.max_ns(), 100'000'000);
  EXPECT_NEAR(histogram.mean_ns(), 50'000'500, 1);
}

TEST(Histogram, TakesAnyDuration) {
  Histogram histogram;
  EXPECT_EQ(histogram.quantile_ns(0.5), 0);
  for (int64_t ns : {int64_t{-5}, int64_t{0}, int64_t{127}, int64_t{128}, INT64_MAX})
    histogram.add(ns);
  EXPECT_EQ(histogram.count(), 5U);
  EXPECT_EQ(histogram.quantile_ns(0.6), 127);
  EXPECT_EQ(histogram.quantile_ns(1), INT64_MAX);
}

class SelfCheck : public testing::TestWithParam<std::pair<Form, const char*>> {};

TEST_P(SelfCheck, Passes) {
  RequestOptions options;
  options.events = {.size_bytes = 4000,
                    .groups = 7,
                    .bodies = 30,
                    .form = GetParam().first,
                    .token = "t",
                    .sources = GetParam().second};
  auto checked = self_check(options, 500);
  EXPECT_TRUE(checked) << checked.message();
}

INSTANTIATE_TEST_SUITE_P(Forms, SelfCheck,
                         testing::Values(std::pair{Form::kSentry, "/usr/lib/python3.11"},
                                         std::pair{Form::kSentry, "/no/python/here"},
                                         std::pair{Form::kRollbar, "/no/python/here"}));

TEST(Generator, SizeFollowsTheOption) {
  for (size_t size : {size_t{2'000}, size_t{25'000}, size_t{200'000}}) {
    GeneratorOptions options;
    options.size_bytes = size;
    options.groups = 10;
    options.bodies = 20;
    auto bodies = Generator(options).bodies();
    double sum = 0;
    for (const Body& body : bodies) sum += static_cast<double>(body.size());
    double mean = sum / static_cast<double>(bodies.size());
    EXPECT_GT(mean, static_cast<double>(size) * 0.8);
    EXPECT_LT(mean, static_cast<double>(size) * 1.3);
  }
}

}  // namespace
}  // namespace flawless::bench
