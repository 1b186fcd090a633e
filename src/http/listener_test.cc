// Sockets: addresses, Unix sockets, inherited ones, proxies in front.
#include "http/listener.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "http/server.h"
#include "http/test_client.h"

namespace flawless::http {
namespace {

using testing::Client;
using testing::echo;
using testing::get;
using testing::started;
using testing::text;

void tell_peer(Request&& request, Responder responder) {
  responder.send(text(request.peer + (request.secure ? " secure " : " plain ") +
                      std::to_string(request.peer_uid)));
}

class UnixSocketTest : public ::testing::Test {
 protected:
  UnixSocketTest() { options_.unix_socket = std::string(mkdtemp(folder_.data())) + "/socket"; }
  ~UnixSocketTest() override {
    unlink(options_.unix_socket.c_str());
    rmdir(folder_.c_str());
  }
  std::string folder_ = ::testing::TempDir() + "flawless-http-XXXXXX";
  Options options_;
};

TEST_F(UnixSocketTest, TellsWhoConnectsAndIsPrivate) {
  auto server = started(options_, tell_peer);
  struct stat info{};
  ASSERT_EQ(stat(options_.unix_socket.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
  EXPECT_EQ(Client(options_.unix_socket).ask(get("/")).body,
            "local plain " + std::to_string(getuid()));
  server->stop();
  EXPECT_NE(stat(options_.unix_socket.c_str(), &info), 0);
}

TEST_F(UnixSocketTest, ReplacesADeadServersSocketOnly) {
  {
    auto alive = started(options_, tell_peer);
    EXPECT_EQ(Server::listen(options_, echo).code(), Code::kConflict);
    EXPECT_EQ(Client(options_.unix_socket).ask(get("/")).status, 200);
  }
  const int dead = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  options_.unix_socket.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(dead, static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address), 0);
  ::close(dead);
  EXPECT_TRUE(Server::listen(options_, echo).is_ok());
  std::ofstream(options_.unix_socket) << "a file";
  EXPECT_EQ(Server::listen(options_, echo).code(), Code::kConflict);
}

TEST_F(UnixSocketTest, RefusesAPathThatDoesNotFit) {
  options_.unix_socket = "/" + std::string(200, 'x');
  EXPECT_EQ(Server::listen(options_, echo).code(), Code::kInvalid);
  options_.unix_socket = folder_ + "/socket";
}

TEST(ListenerTest, BadAddressesAreNamed) {
  Options options;
  options.address = "not-an-address";
  const auto server = Server::listen(options, echo);
  EXPECT_EQ(server.code(), Code::kInvalid);
  EXPECT_THAT(server.message(), ::testing::HasSubstr("not-an-address"));
  options.address = "127.0.0.1";
  options.trusted_proxies = {"proxy.example"};
  EXPECT_EQ(Server::listen(options, echo).code(), Code::kInvalid);
}

TEST(ListenerTest, ServesAnInheritedSocket) {
  Options first;
  auto listener = Listener::open(first);
  ASSERT_TRUE(listener.is_ok());
  Client waiting(listener->port());
  waiting.send(get("/early"));  // waits in the kernel's queue
  Options options;
  options.inherited_socket = dup(listener->fd());
  auto server = started(options, echo);
  EXPECT_EQ(server->port(), listener->port());
  EXPECT_EQ(waiting.receive().body, "GET /early  ");
}

TEST(ListenerTest, AnInheritedDescriptorMustListen) {
  Options options;
  options.inherited_socket = open("/dev/null", O_RDONLY);
  EXPECT_EQ(Server::listen(options, echo).code(), Code::kInvalid);
  ::close(options.inherited_socket);
}

TEST(ListenerTest, ForwardedHeadersCountOnlyFromTrustedProxies) {
  const std::string request =
      get("/", "X-Forwarded-For: 9.9.9.9, 1.2.3.4\r\nX-Forwarded-Proto: https\r\n");
  auto wary = started({}, tell_peer);
  EXPECT_THAT(Client(wary->port()).ask(request).body, ::testing::StartsWith("127.0.0.1 plain"));
  Options options;
  options.trusted_proxies = {"127.0.0.0/8"};
  auto trusting = started(options, tell_peer);
  EXPECT_THAT(Client(trusting->port()).ask(request).body, ::testing::StartsWith("1.2.3.4 secure"));
}

}  // namespace
}  // namespace flawless::http
