#include "least_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <charconv>

namespace flawless::bench {

Result<LoopbackSocket> listen_on_loopback() {
  LoopbackSocket made{.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (made.fd < 0 || ::bind(made.fd, generic, size) != 0 || ::listen(made.fd, 128) != 0 ||
      ::getsockname(made.fd, generic, &size) != 0)
    return {Code::kUnavailable, "cannot listen on 127.0.0.1"};
  made.port = ntohs(address.sin_port);
  return made;
}

int accept_client(int listener) {
  int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  int one = 1;
  if (fd >= 0) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

std::optional<std::string_view> whole_body(std::string_view in) {
  constexpr std::string_view kLength = "Content-Length: ";
  size_t head = in.find("\r\n\r\n"), at = in.find(kLength);
  if (head == std::string_view::npos || at > head) return std::nullopt;
  size_t body = 0;
  std::from_chars(in.data() + at + kLength.size(), in.data() + head, body);
  if (in.size() < head + 4 + body) return std::nullopt;
  return in.substr(head + 4, body);
}

}  // namespace flawless::bench
