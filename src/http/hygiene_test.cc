// Requests that two servers in a row could understand differently, and other malformed ones.
#include <gmock/gmock.h>

#include "http/server.h"
#include "http/test_client.h"

namespace flawless::http {
namespace {

using testing::Answer;
using testing::Client;
using testing::echo;
using testing::get;
using testing::post;
using testing::started;

class HygieneTest : public ::testing::Test {
 protected:
  // Sends `request` with a second one behind it; the second must not be answered.
  void expect_refused(int status, const std::string& request) {
    Client client(server_->port());
    client.send(request + get("/smuggled"));
    Answer answer = client.receive();
    EXPECT_EQ(answer.status, status) << request;
    EXPECT_EQ(answer.headers["connection"], "close") << request;
    EXPECT_TRUE(client.ended()) << request;
  }
  std::unique_ptr<Server> server_ = started({}, echo);
};

TEST_F(HygieneTest, AmbiguousLengthsAreRefused) {
  const std::string head = "POST / HTTP/1.1\r\nHost: t\r\n";
  expect_refused(400, head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  expect_refused(400, head + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n");
  expect_refused(400, head + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd");
  expect_refused(400, head + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd");
  expect_refused(400, head + "Content-Length: 4, 4\r\n\r\nabcd");
  expect_refused(400, head + "Content-Length: +4\r\n\r\nabcd");
  expect_refused(400, head + "Content-Length: -4\r\n\r\nabcd");
  expect_refused(400, head + "Content-Length: 0x4\r\n\r\nabcd");
  expect_refused(400, head + "Content-Length: \r\n\r\nabcd");
  expect_refused(400, head + "Content-Length: 99999999999999999999999\r\n\r\nabcd");
  expect_refused(501, head + "Transfer-Encoding: gzip\r\n\r\n");
  expect_refused(501, head + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n");
  expect_refused(501, head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
  expect_refused(501, head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n");
  expect_refused(400, head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n");
  expect_refused(400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

TEST_F(HygieneTest, MalformedChunksAreRefused) {
  const std::string head = "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
  expect_refused(400, head + "x\r\nabc\r\n0\r\n\r\n");
  expect_refused(400, head + "-3\r\nabc\r\n0\r\n\r\n");
  expect_refused(400, head + "0x3\r\nabc\r\n0\r\n\r\n");
  expect_refused(400, head + "3\r\nabcd\r\n0\r\n\r\n");
  expect_refused(400, head + "\r\nabc\r\n0\r\n\r\n");
  expect_refused(400, head + "11111111111111111\r\nabc\r\n0\r\n\r\n");
  expect_refused(400, head + "3;" + std::string(40'000, 'x'));
}

TEST_F(HygieneTest, MalformedHeadsAreRefused) {
  expect_refused(400, "GET / HTTP/1.1\r\nHost : t\r\n\r\n");
  expect_refused(400, "GET / HTTP/1.1\r\nHost: t\r\nX\r\n\r\n");
  expect_refused(400, "GET / HTTP/1.1\r\nHost: t\r\nX: a\nY: b\r\n\r\n");
  expect_refused(400, "GET / HTTP/1.1\r\nHost: t\r\nX: a" + std::string(1, '\0') + "b\r\n\r\n");
  expect_refused(400, "GET / HTTP/1.1\r\n\r\n");
  expect_refused(400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  expect_refused(400, "GET / HTTP/3.1\r\nHost: a\r\n\r\n");
  expect_refused(400, "G{}T / HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_refused(400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_refused(400, std::string("\x16\x03\x01\x02\x01\xfc\x03\x03") + "\r\n\r\n");
  expect_refused(417, "POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\nContent-Length: 1\r\n\r\nx");
}

TEST_F(HygieneTest, BadTargetsAreRefused) {
  expect_refused(400, get("/%zz"));
  expect_refused(400, get("/%4"));
  expect_refused(400, get("/%"));
  expect_refused(400, get("/a%00b"));
  expect_refused(400, get("/?x=%zz"));
  expect_refused(400, get("/a/%2e%2e/b"));
  expect_refused(400, get("/.."));
  expect_refused(400, get("nothing"));
  expect_refused(400, "CONNECT host:443 HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST_F(HygieneTest, AbsoluteFormIsAccepted) {
  Client client(server_->port());
  EXPECT_EQ(client.ask(get("http://elsewhere:80/a?b=c")).body, "GET /a b=c ");
  EXPECT_EQ(client.ask(get("http://elsewhere?b")).body, "GET / b ");
  EXPECT_EQ(client.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").body, "OPTIONS /  ");
}

TEST_F(HygieneTest, RefusalsAreCounted) {
  expect_refused(400, get("/%zz"));
  EXPECT_EQ(server_->stats().malformed, 1u);
  EXPECT_EQ(server_->stats().requests, 0u);
}

}  // namespace
}  // namespace flawless::http
