// Answers without end.
#include <gmock/gmock.h>

#include <thread>

#include "base/locked.h"
#include "http/server.h"
#include "http/test_client.h"

namespace flawless::http {
namespace {

using std::chrono::milliseconds;
using testing::Answer;
using testing::Client;
using testing::get;
using testing::started;

class StreamTest : public ::testing::Test {
 protected:
  std::shared_ptr<Responder::Stream> stream() {
    while (!stream_.copy()) std::this_thread::yield();
    return stream_.copy();
  }
  void drop_stream() { stream_.lock()->reset(); }

  Locked<std::shared_ptr<Responder::Stream>> stream_;
  std::unique_ptr<Server> server_ = started({}, [this](Request&&, Responder responder) {
    Response head;
    head.content_type = "text/event-stream";
    *stream_.lock() = std::make_shared<Responder::Stream>(responder.stream(std::move(head)));
  });
};

TEST_F(StreamTest, ChunksArriveAsTheyAreWritten) {
  Client client(server_->port());
  client.send(get("/"));
  const Answer head = client.receive_head();
  EXPECT_EQ(head.headers.at("transfer-encoding"), "chunked");
  EXPECT_EQ(head.headers.at("content-type"), "text/event-stream");
  EXPECT_EQ(head.headers.count("content-length"), 0u);
  EXPECT_TRUE(stream()->write("data: 1\n\n"));
  EXPECT_EQ(client.chunk(), "data: 1\n\n");
  EXPECT_TRUE(stream()->write(""));  // an empty chunk must not end the stream
  EXPECT_TRUE(stream()->write("data: 2\n\n"));
  EXPECT_EQ(client.chunk(), "data: 2\n\n");
  drop_stream();
  EXPECT_EQ(client.chunk(), "");
  EXPECT_TRUE(client.ended());
}

TEST_F(StreamTest, WritersOnSeveralThreadsDoNotMixTheirChunks) {
  Client client(server_->port());
  client.send(get("/"));
  client.receive_head();
  std::vector<std::thread> writers;
  for (char c = 'a'; c < 'e'; ++c) {
    writers.emplace_back([&, c] {
      for (int i = 0; i < 100; ++i) EXPECT_TRUE(stream()->write(std::string(1000, c)));
    });
  }
  for (int i = 0; i < 400; ++i) {
    const std::string chunk = client.chunk();
    ASSERT_EQ(chunk, std::string(1000, chunk.at(0)));
  }
  for (auto& writer : writers) writer.join();
}

TEST_F(StreamTest, WriteFailsOnceThePeerHasLeft) {
  {
    Client client(server_->port());
    client.send(get("/"));
    client.receive_head();
  }
  const auto gone = [&] { return !stream()->write("x"); };
  for (int i = 0; i < 300 && !gone(); ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_TRUE(gone());
  EXPECT_EQ(server_->stats().connections_open, 0u);
}

TEST_F(StreamTest, AReaderThatStandsStillIsCutOff) {
  Client client(server_->port(), 4096);
  client.send(get("/"));
  size_t written = 0;
  while (written < (64u << 20) && stream()->write(std::string(10'000, 'x'))) written += 10'000;
  EXPECT_LT(written, 64u << 20);
  EXPECT_FALSE(stream()->write("x"));
  for (int i = 0; i < 300 && server_->stats().connections_open > 0; ++i) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_EQ(server_->stats().connections_open, 0u);
}

TEST_F(StreamTest, Http10GetsNoChunks) {
  Client client(server_->port());
  client.send("GET / HTTP/1.0\r\n\r\n");
  (void)stream()->write("one");
  (void)stream()->write("two");
  drop_stream();
  EXPECT_EQ(client.receive().body, "onetwo");
}

TEST_F(StreamTest, HeadEndsAtOnce) {
  Client client(server_->port());
  client.send("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_EQ(client.receive_head().status, 200);
  EXPECT_TRUE(client.ended());
  EXPECT_FALSE(stream()->write("not seen"));
}

TEST_F(StreamTest, StopEndsStreams) {
  Client client(server_->port());
  client.send(get("/"));
  client.receive_head();
  const auto begin = std::chrono::steady_clock::now();
  server_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  EXPECT_EQ(client.chunk(), "");
  EXPECT_TRUE(client.ended());
  EXPECT_FALSE(stream()->write("late"));
}

}  // namespace
}  // namespace flawless::http
