#include "http/server.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/locked.h"
#include "http/test_client.h"

namespace flawless::http {
namespace {

using testing::Answer;
using testing::Client;
using testing::echo;
using testing::get;
using ::testing::HasSubstr;
using testing::post;
using testing::started;
using testing::text;

TEST(ServerTest, KeepsTheConnectionAndAnswersEachRequest) {
  auto server = started({}, echo);
  Client client(server->port());
  const Answer first = client.ask(post("/a%20b/?x=1", "hello"));
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "POST /a b/ x=1 hello");
  EXPECT_EQ(first.headers.at("server"), "flawless");
  EXPECT_EQ(first.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(first.headers.count("connection"), 0u);
  EXPECT_EQ(client.ask(get("/second")).body, "GET /second  ");
  EXPECT_EQ(server->stats().requests, 2u);
  EXPECT_EQ(server->stats().connections_total, 1u);
}

TEST(ServerTest, AnswersPipelinedRequestsInOrder) {
  auto server = started({}, echo);
  Client client(server->port());
  std::string all;
  for (int i = 0; i < 300; ++i) all += post("/" + std::to_string(i), std::string(500, 'x'));
  std::thread sender([&] { client.send(all); });
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(client.receive().body, "POST /" + std::to_string(i) + "  " + std::string(500, 'x'));
  }
  sender.join();
}

TEST(ServerTest, SkipsAnEmptyLineBehindABody) {
  auto server = started({}, echo);
  Client client(server->port());
  EXPECT_EQ(client.ask(post("/a", "1") + "\r\n").status, 200);
  EXPECT_EQ(client.ask(get("/b")).body, "GET /b  ");
}

TEST(ServerTest, ReadsARequestSentByteByByte) {
  auto server = started({}, echo);
  Client client(server->port());
  for (const char c : post("/slow", "body")) {
    ASSERT_TRUE(client.send({&c, 1}));
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  EXPECT_EQ(client.receive().body, "POST /slow  body");
}

TEST(ServerTest, ReadsChunkedBodiesAndIgnoresTrailers) {
  auto server = started({}, [](Request&& request, Responder responder) {
    Response response;
    response.body = std::string(request.body.view()) + "|" + std::string(request.header("x-late"));
    responder.send(std::move(response));
  });
  Client client(server->port());
  const std::string head = "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(client.ask(head + "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Late: 1\r\n\r\n").body,
            "hello world|");
  const std::string large(100'000, 'y');
  EXPECT_EQ(client.ask(head + "186a0\r\n" + large + "\r\n0\r\n\r\n").body, large + "|");
}

TEST(ServerTest, PutsZeroBytesBehindTheBody) {
  Locked<std::string> behind;
  auto server = started({}, [&](Request&& request, Responder responder) {
    const auto view = request.body.view();
    behind.lock()->assign(view.data() + view.size(), kSlackBytes);
    responder.send({});
  });
  for (const size_t size : {size_t{0}, size_t{1}, size_t{8000}, size_t{70'000}, size_t{300'000}}) {
    Client client(server->port());
    behind.lock()->clear();
    EXPECT_EQ(client.ask(post("/", std::string(size, 'x'))).status, 200);
    EXPECT_EQ(behind.copy(), std::string(kSlackBytes, '\0')) << size;
  }
}

TEST(ServerTest, AnswersExpectContinueBeforeTheBodyComes) {
  auto server = started({}, echo);
  Client client(server->port());
  client.send("POST /e HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  EXPECT_EQ(client.ask("data").body, "POST /e  data");
}

TEST(ServerTest, HeadHasTheLengthButNoBody) {
  auto server = started({}, echo);
  Client client(server->port());
  client.send("HEAD /h HTTP/1.1\r\nHost: t\r\n\r\n");
  const Answer answer = client.receive(true);
  EXPECT_EQ(answer.headers.at("content-length"), "9");
  EXPECT_EQ(client.ask(get("/next")).body, "GET /next  ");  // nothing of a body came in between
}

TEST(ServerTest, Http10ClosesUnlessAskedToKeep) {
  auto server = started({}, echo);
  Client closing(server->port());
  EXPECT_EQ(closing.ask("GET / HTTP/1.0\r\n\r\n").headers.at("connection"), "close");
  EXPECT_TRUE(closing.ended());
  Client keeping(server->port());
  const std::string request = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  EXPECT_EQ(keeping.ask(request).headers.at("connection"), "keep-alive");
  EXPECT_EQ(keeping.ask(request).status, 200);
}

TEST(ServerTest, ClosesWhenTheClientOrTheAnswerSaysSo) {
  auto server = started({}, [](Request&& request, Responder responder) {
    Response response;
    response.close = request.path == "/close";
    responder.send(std::move(response));
  });
  Client asked(server->port());
  EXPECT_EQ(asked.ask(get("/", "Connection: close\r\n")).headers.at("connection"), "close");
  EXPECT_TRUE(asked.ended());
  Client told(server->port());
  EXPECT_EQ(told.ask(get("/close")).headers.at("connection"), "close");
  EXPECT_TRUE(told.ended());
}

TEST(ServerTest, SendsLargeAnswersWhole) {
  const std::string large(5'000'000, 'z');
  auto server = started({}, [&](Request&&, Responder responder) {
    Response response;
    response.body = large;
    responder.send(std::move(response));
  });
  Client client(server->port(), 4096);
  client.send(get("/"));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(client.receive().body, large);
  EXPECT_EQ(client.ask(get("/")).body.size(), large.size());
}

TEST(ServerTest, HeaderValuesCannotAddHeaders) {
  auto server = started({}, [](Request&&, Responder responder) {
    Response response;
    response.headers.push_back({"X-Name", "a\r\nSet-Cookie: b=c"});
    responder.send(std::move(response));
  });
  const Answer answer = Client(server->port()).ask(get("/"));
  EXPECT_EQ(answer.headers.count("set-cookie"), 0u);
  EXPECT_EQ(answer.headers.at("x-name"), "a  Set-Cookie: b=c");
}

TEST(ServerTest, AnswersFromAnotherThread) {
  std::vector<std::thread> threads;
  Locked<std::vector<std::shared_ptr<Responder>>> waiting;
  auto server = started({}, [&](Request&&, Responder responder) {
    waiting.lock()->push_back(std::make_shared<Responder>(std::move(responder)));
  });
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<Client>(server->port()));
    clients.back()->send(post("/", "x"));
  }
  while (waiting.lock()->size() < clients.size()) std::this_thread::yield();
  std::thread committer([&] {  // a group commit answers all at once
    auto all = waiting.lock();
    for (auto& responder : *all) responder->send(text("done"));
  });
  for (auto& client : clients) EXPECT_EQ(client->receive().body, "done");
  committer.join();
}

TEST(ServerTest, DeferredAnswersToPipelinedRequestsStayInOrder) {
  Locked<std::vector<std::thread>> threads;
  auto server = started({}, [&](Request&& request, Responder responder) {
    auto kept = std::make_shared<Responder>(std::move(responder));
    threads.lock()->emplace_back([kept, path = request.path] { kept->send(text(path)); });
  });
  Client client(server->port());
  client.send(get("/1") + get("/2") + post("/3", "x") + get("/4"));
  for (const char* path : {"/1", "/2", "/3", "/4"}) EXPECT_EQ(client.receive().body, path);
  server->stop();
  for (auto& thread : *threads.lock()) thread.join();
}

TEST(ServerTest, ADroppedResponderAnswers500WithAReference) {
  auto server = started({}, [](Request&&, Responder) {});
  Client client(server->port());
  ::testing::internal::CaptureStderr();
  const Answer answer = client.ask(get("/x?token=secret"));
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(log, HasSubstr("GET \"/x\" answered 500, reference "));
  EXPECT_THAT(log, ::testing::Not(HasSubstr("token")));
  EXPECT_THAT(log, ::testing::Not(HasSubstr("secret")));
  EXPECT_THAT(answer.body,
              ::testing::MatchesRegex(
                  ".*\"err\":1.*\"code\":\"internal\".*\"reference\":\"[0-9a-f]{16}\".*"));
  EXPECT_EQ(client.ask(get("/again")).status, 500);  // the connection lives on
}

TEST(ServerTest, AThrowingHandlerAnswers500) {
  auto server = started({}, [](Request&& request, Responder responder) {
    const Responder taken = std::move(responder);
    if (request.path == "/std") throw std::runtime_error("no");
    throw 7;
  });
  Client client(server->port());
  EXPECT_EQ(client.ask(get("/std")).status, 500);
  EXPECT_EQ(client.ask(get("/int")).status, 500);
}

TEST(ServerTest, AnAnswerAfterTheClientLeftIsDropped) {
  Locked<std::shared_ptr<Responder>> kept;
  auto server = started({}, [&](Request&&, Responder responder) {
    *kept.lock() = std::make_shared<Responder>(std::move(responder));
  });
  {
    Client(server->port()).send(get("/"));
  }
  while (!kept.copy()) std::this_thread::yield();
  kept.copy()->send(text(std::string(1'000'000, 'x')));
  kept.lock()->reset();
  Client other(server->port());
  other.send(get("/"));
  while (!kept.copy()) std::this_thread::yield();
  kept.copy()->send(text("still here"));
  EXPECT_EQ(other.receive().body, "still here");
}

TEST(ServerTest, StopLetsRunningRequestsEndAndIsIdempotent) {
  Locked<std::shared_ptr<Responder>> kept;
  auto server = started({}, [&](Request&&, Responder responder) {
    *kept.lock() = std::make_shared<Responder>(std::move(responder));
  });
  Client idle(server->port());
  Client busy(server->port());
  busy.send(get("/"));
  while (!kept.copy()) std::this_thread::yield();
  std::thread stopper([&] { server->stop(); });
  EXPECT_TRUE(idle.ended());
  kept.copy()->send(text("in time"));
  const Answer answer = busy.receive();
  EXPECT_EQ(answer.body, "in time");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  stopper.join();
  server->stop();
  EXPECT_EQ(server->stats().connections_open, 0u);
  EXPECT_FALSE(Client(server->port()).connected());
}

TEST(ServerTest, AResponderMayOutliveTheServer) {
  Locked<std::shared_ptr<Responder>> kept;
  Options options;
  options.stop_grace = std::chrono::milliseconds(100);
  auto server = started(options, [&](Request&&, Responder responder) {
    *kept.lock() = std::make_shared<Responder>(std::move(responder));
  });
  Client client(server->port());
  client.send(get("/"));
  while (!kept.copy()) std::this_thread::yield();
  const auto begin = std::chrono::steady_clock::now();
  server.reset();  // waits a moment for the answer
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
  EXPECT_TRUE(client.ended());
  kept.copy()->send(text("late"));
  kept.lock()->reset();
}

TEST(ServerTest, StopBeforeStartFreesThePort) {
  auto first = Server::listen({}, echo);
  ASSERT_TRUE(first.is_ok());
  Options same;
  same.port = (*first)->port();
  const auto second = Server::listen(same, echo);
  EXPECT_EQ(second.code(), Code::kConflict);
  (*first)->stop();
  EXPECT_TRUE(Server::listen(same, echo).is_ok());
}

}  // namespace
}  // namespace flawless::http
