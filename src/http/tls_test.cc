#include <gmock/gmock.h>
#include <openssl/ssl.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "http/server.h"
#include "http/test_client.h"

namespace flawless::http {
namespace {

using testing::Client;
using testing::get;
using testing::post;
using testing::started;
using testing::text;

// A client's side of TLS on a connected socket.
class TlsClient {
 public:
  explicit TlsClient(uint16_t port, int newest = TLS1_3_VERSION)
      : socket_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_, newest);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, socket_.fd());
    connected_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  [[nodiscard]] bool connected() const { return connected_; }
  void send(std::string_view bytes) {
    size_t sent = 0;
    SSL_write_ex(ssl_, bytes.data(), bytes.size(), &sent);
  }
  // Reads until what was received ends with `end`, or the peer closes.
  std::string until(std::string_view end) {
    std::string all;
    char bytes[16384];
    for (size_t got = 0; !std::string_view(all).ends_with(end);) {
      if (SSL_read_ex(ssl_, bytes, sizeof bytes, &got) != 1) break;
      all.append(bytes, got);
    }
    return all;
  }
  // True if the server has ended the session in an orderly way.
  bool closed_properly() {
    char byte = 0;
    return SSL_read(ssl_, &byte, 1) <= 0 && (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

 private:
  Client socket_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
};

class TlsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = ::testing::TempDir() + "flawless-tls-XXXXXX";
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    make_certificate("server");
    make_certificate("other");
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }
  static void make_certificate(const std::string& name) {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=localhost -keyout " +
        file(name + ".key") + " -out " + file(name + ".pem") + " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  static std::string file(const std::string& name) { return folder_ + "/" + name; }
  static Options options() {
    Options options;
    options.tls = {file("server.pem"), file("server.key")};
    options.header_timeout = std::chrono::seconds(1);
    return options;
  }
  static void echo(Request&& request, Responder responder) {
    responder.send(text(std::string(request.secure ? "secure " : "plain ") +
                        std::string(request.body.view()) + "."));
  }
  static std::string folder_;
};
std::string TlsTest::folder_;

TEST_F(TlsTest, ServesOverTls) {
  auto server = started(options(), echo);
  TlsClient client(server->port());
  ASSERT_TRUE(client.connected());
  for (const size_t size : {3u, 50'000u, 2'000'000u}) {
    const std::string body(size, 'x');
    std::thread sender([&] { client.send(post("/", body)); });
    sender.join();
    const std::string answer = client.until(".");
    EXPECT_THAT(answer, ::testing::StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(answer.substr(answer.find("\r\n\r\n") + 4), "secure " + body + ".");
  }
}

TEST_F(TlsTest, EndsTheSessionProperly) {
  auto server = started(options(), echo);
  TlsClient client(server->port());
  client.send(get("/", "Connection: close\r\n"));
  EXPECT_THAT(client.until("."), ::testing::HasSubstr("secure"));
  EXPECT_TRUE(client.closed_properly());
}

TEST_F(TlsTest, OldVersionsAreRefused) {
  auto server = started(options(), echo);
  EXPECT_FALSE(TlsClient(server->port(), TLS1_1_VERSION).connected());
  EXPECT_TRUE(TlsClient(server->port(), TLS1_2_VERSION).connected());
}

TEST_F(TlsTest, AFailedHandshakeCostsOnlyItsConnection) {
  auto server = started(options(), echo);
  TlsClient healthy(server->port());
  Client plain(server->port());
  plain.send(get("/"));
  while (!plain.ended()) {  // it may be sent an alert first
    (void)plain.receive();
  }
  Client silent(server->port());
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(silent.ended());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
  EXPECT_TRUE(TlsClient(server->port()).connected());
}

TEST_F(TlsTest, TooLargeABodyIsAnswered) {
  Options limited = options();
  limited.max_body_bytes = 1000;
  auto server = started(limited, echo);
  TlsClient client(server->port());
  client.send(post("/", std::string(300'000, 'x')));
  EXPECT_THAT(client.until("}}"), ::testing::StartsWith("HTTP/1.1 413"));
}

TEST_F(TlsTest, StreamsOverTls) {
  auto server = started(options(), [](Request&&, Responder responder) {
    auto stream = responder.stream({});
    for (int i = 0; i < 20; ++i) (void)stream.write(std::string(10'000, 'x'));
    (void)stream.write("last");
  });
  TlsClient client(server->port());
  client.send(get("/"));
  EXPECT_THAT(client.until("0\r\n\r\n"), ::testing::EndsWith("\r\n4\r\nlast\r\n0\r\n\r\n"));
}

TEST_F(TlsTest, StopWithOpenSessions) {
  auto server = started(options(), echo);
  TlsClient client(server->port());
  client.send(get("/"));
  EXPECT_THAT(client.until("."), ::testing::HasSubstr("200"));
  server->stop();
  EXPECT_EQ(server->stats().connections_open, 0u);
}

TEST_F(TlsTest, UnusableFilesAreNamed) {
  Options missing = options();
  missing.tls.certificate = file("missing.pem");
  EXPECT_THAT(Server::listen(missing, echo).message(), ::testing::HasSubstr("missing.pem"));
  Options no_key = options();
  no_key.tls.key = "";
  EXPECT_EQ(Server::listen(no_key, echo).code(), Code::kInvalid);
  Options mixed = options();
  mixed.tls.key = file("other.key");
  const auto server = Server::listen(mixed, echo);
  EXPECT_EQ(server.code(), Code::kInvalid);
  EXPECT_THAT(server.message(), ::testing::HasSubstr("other.key"));
}

}  // namespace
}  // namespace flawless::http
