// What a client may not do: send too much, too slowly, or come in too great numbers.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <thread>

#include "http/server.h"
#include "http/test_client.h"

namespace flawless::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Answer;
using testing::Client;
using testing::echo;
using testing::get;
using ::testing::HasSubstr;
using testing::post;
using testing::started;

bool eventually(const std::function<bool()>& true_now) {
  for (int i = 0; i < 400; ++i) {
    if (true_now()) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return false;
}

Options small() {
  Options options;
  options.max_body_bytes = 100'000;
  options.max_header_bytes = 4096;
  return options;
}

TEST(LimitsTest, ABodyAnnouncedTooLargeIs413BeforeItIsSent) {
  auto server = started(small(), echo);
  Client client(server->port());
  const Answer answer = client.ask(
      "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 100001\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_EQ(answer.body,
            R"({"err":1,"message":"the request body is too large: over 100000 bytes",)"
            R"("detail":"the request body is too large: over 100000 bytes",)"
            R"("error":{"code":"too_large",)"
            R"("message":"the request body is too large: over 100000 bytes"}})");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(server->stats().too_large, 1u);
}

TEST(LimitsTest, WhatIsRefusedCanBeAnsweredByItsOwner) {
  Options options = small();
  options.refused = [](Request&& head, const Refused& why, Responder responder) {
    Response response;
    response.status = why.status;
    response.body = head.path + " " + std::string(head.header("X-Key")) + " " + why.code + " " +
                    std::to_string(head.body.size());
    responder.send(std::move(response));
  };
  auto server = started(options, echo);
  Client announced(server->port());
  const Answer answer = announced.ask(
      "POST /in?a=b HTTP/1.1\r\nHost: t\r\nX-Key: k\r\nContent-Length: 100001\r\n\r\nxyz");
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.body, "/in k too_large 0");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(announced.ended());
  Client grown(server->port());
  grown.send("POST /in HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 11; ++i) grown.send("2710\r\n" + std::string(10'000, 'x') + "\r\n");
  EXPECT_EQ(grown.receive().body, "/in  too_large 0");
  Client headless(server->port());  // nobody knows whose it is
  EXPECT_EQ(headless.ask(get("/", "X: " + std::string(5000, 'x') + "\r\n")).status, 431);
  EXPECT_EQ(server->stats().too_large, 2u);
}

TEST(LimitsTest, AClientThatSendsTooMuchAllTheSameReadsTheAnswer) {
  auto server = started(small(), echo);
  Client client(server->port());
  EXPECT_TRUE(client.send(post("/", std::string(5'000'000, 'x'))));
  EXPECT_EQ(client.receive().status, 413);
  EXPECT_TRUE(client.ended());
  EXPECT_FALSE(client.was_reset());
}

TEST(LimitsTest, ABodyOfExactlyTheLimitIsRead) {
  auto server = started(small(), echo);
  Client client(server->port());
  EXPECT_EQ(client.ask(post("/", std::string(100'000, 'x'))).status, 200);
}

TEST(LimitsTest, AChunkedBodyThatGrowsTooLargeIs413) {
  auto server = started(small(), echo);
  const std::string head = "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
  Client growing(server->port());
  growing.send(head);
  for (int i = 0; i < 11; ++i) growing.send("2710\r\n" + std::string(10'000, 'x') + "\r\n");
  EXPECT_EQ(growing.receive().status, 413);
  Client announcing(server->port());
  EXPECT_EQ(announcing.ask(head + "ffffffffffffff\r\nx").status, 413);
}

TEST(LimitsTest, HeadersTooLargeAre431) {
  auto server = started(small(), echo);
  Client one(server->port());
  EXPECT_EQ(one.ask(get("/", "X: " + std::string(5000, 'x') + "\r\n")).status, 431);
  Client many(server->port());
  std::string headers;
  for (int i = 0; i < 1000; ++i) headers += "X: y\r\n";
  EXPECT_EQ(many.ask(get("/", headers)).status, 431);
  Client line(server->port());
  EXPECT_EQ(line.ask(get("/" + std::string(5000, 'x'))).status, 431);
  Client endless(server->port());
  endless.send("GET / HTTP/1.1\r\nX: " + std::string(5000, 'x'));
  EXPECT_EQ(endless.receive().status, 431);
}

TEST(LimitsTest, BodiesTogetherStayWithinTheBudget) {
  Options options = small();
  options.max_buffered_bytes = 150'000;
  options.threads = 1;
  auto server = started(options, echo);
  const std::string body(90'000, 'x');
  const std::string request = post("/", body);
  Client first(server->port());
  first.send(std::string_view(request).substr(0, request.size() - 1));
  std::this_thread::sleep_for(milliseconds(100));  // it is read, and 90,000 bytes are held
  const Answer refused = Client(server->port()).ask(request);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.count("retry-after"), 1u);
  first.send("x");
  EXPECT_EQ(first.receive().status, 200);
  EXPECT_EQ(Client(server->port()).ask(request).status, 200);  // all of it was given back
}

TEST(LimitsTest, AnnouncingABodyTakesNoMemory) {
  Options options;
  options.max_buffered_bytes = 40u << 20;
  auto server = started(options, echo);
  std::vector<Client> liars;
  for (int i = 0; i < 100; ++i) {
    liars.emplace_back(server->port());
    liars.back().send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 20000000\r\n\r\nx");
  }
  EXPECT_EQ(Client(server->port()).ask(post("/", std::string(1'000'000, 'x'))).status, 200);
}

// One test for all time-outs, because each takes seconds.
TEST(LimitsTest, SlowClientsAreClosedInTimeWhileOthersAreServed) {
  Options options;
  options.header_timeout = options.body_timeout = seconds(1);
  options.idle_timeout = seconds(2);
  auto server = started(options, echo);
  const auto begin = std::chrono::steady_clock::now();
  Client silent(server->port()), header(server->port()), body(server->port()), idle(server->port()),
      deaf(server->port(), 4096);
  EXPECT_EQ(idle.ask(get("/")).status, 200);
  body.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n");
  header.send("GET / HTTP/1.1\r\nHost: t\r\n");
  deaf.send(post("/", std::string(8'000'000, 'x')));  // the echo does not fit into its buffers
  Client served(server->port());
  while (std::chrono::steady_clock::now() - begin < milliseconds(1900)) {
    header.send("X");  // dribbling does not buy time
    body.send("x");
    EXPECT_EQ(served.ask(get("/")).status, 200);
    std::this_thread::sleep_for(milliseconds(50));
  }
  EXPECT_EQ(header.receive().status, 408);
  EXPECT_EQ(body.receive().status, 408);
  EXPECT_TRUE(silent.ended());
  EXPECT_TRUE(idle.ended());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(4));
  EXPECT_TRUE(eventually([&] { return server->stats().timeouts == 3; }));  // header, body, deaf
  EXPECT_EQ(served.ask(get("/")).status, 200);
}

TEST(LimitsTest, OverTheCapTheLongestIdleConnectionGoes) {
  Options options;
  options.max_connections = 3;
  auto server = started(options, echo);
  Client first(server->port()), second(server->port()), third(server->port());
  for (Client* client : {&first, &second, &third, &first}) {
    EXPECT_EQ(client->ask(get("/")).status, 200);
    std::this_thread::sleep_for(milliseconds(5));
  }
  Client fourth(server->port());
  EXPECT_EQ(fourth.ask(get("/")).status, 200);
  EXPECT_TRUE(second.ended());
  EXPECT_EQ(first.ask(get("/")).status, 200);
  EXPECT_EQ(third.ask(get("/")).status, 200);
  EXPECT_EQ(server->stats().shed, 1u);
  EXPECT_EQ(server->stats().connections_open, 3u);
}

TEST(LimitsTest, OverTheCapWithNoneIdleTheNewcomerIsRefused) {
  Options options;
  options.max_connections = 2;
  auto server = started(options, echo);
  Client one(server->port()), two(server->port());
  for (Client* client : {&one, &two}) client->send("POST / HTTP/1.1\r\nHost: t\r\n");
  EXPECT_TRUE(eventually([&] { return server->stats().connections_open == 2; }));
  std::this_thread::sleep_for(milliseconds(20));  // the bytes are read
  Client three(server->port());
  EXPECT_EQ(three.receive().status, 0);
  EXPECT_EQ(one.ask("Content-Length: 1\r\n\r\nx").body, "POST /  x");
  EXPECT_EQ(server->stats().connections_open, 2u);
}

TEST(LimitsTest, ThousandsOfIdleConnectionsDoNotStopService) {
  auto server = started({}, echo);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  EXPECT_EQ(files.rlim_cur, files.rlim_max);  // raised by listen()
  const size_t count = std::min<size_t>(2000, (files.rlim_cur - 100) / 2);
  std::vector<Client> idle;
  for (size_t i = 0; i < count; ++i) idle.emplace_back(server->port());
  EXPECT_TRUE(eventually([&] { return server->stats().connections_open == count; }));
  Client client(server->port());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client.ask(post("/", "x")).status, 200);
  EXPECT_EQ(idle.front().ask(get("/")).status, 200);
  EXPECT_EQ(idle.back().ask(get("/")).status, 200);
}

TEST(LimitsTest, RunningOutOfDescriptorsDoesNotStopService) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer's own check of virtual tables needs descriptors";
#endif
  auto server = started({}, echo);
  Client client(server->port());
  EXPECT_EQ(client.ask(get("/")).status, 200);
  const int newcomer = socket(AF_INET, SOCK_STREAM, 0);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  rlimit none = files;
  none.rlim_cur = 3;  // every new descriptor is over it
  setrlimit(RLIMIT_NOFILE, &none);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(server->port());
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connect(newcomer, static_cast<sockaddr*>(static_cast<void*>(&to)), sizeof to);
  EXPECT_TRUE(eventually([&] { return server->stats().shed > 0; }));
  setrlimit(RLIMIT_NOFILE, &files);
  ::close(newcomer);
  EXPECT_EQ(Client(server->port()).ask(get("/")).status, 200);
}

}  // namespace
}  // namespace flawless::http
