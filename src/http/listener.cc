#include "http/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace flawless::http {
namespace {

constexpr int kBacklog = 4096;

sockaddr* as_sockaddr(void* address) { return static_cast<sockaddr*>(address); }

void set_option(int fd, int level, int name, int value) {
  setsockopt(fd, level, name, &value, sizeof value);
}

std::string last_error() { return std::strerror(errno); }

Result<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return {Code::kInvalid, "the socket path \"" + path + "\" is longer than 107 bytes"};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// Removes what a dead server left behind; refuses to touch a live one's socket or another file.
Status remove_stale_socket(const std::string& path, sockaddr_un& address) {
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0) return Status::ok();
  if (!S_ISSOCK(info.st_mode)) return {Code::kConflict, path + " exists and is no socket"};
  const UniqueFd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int connected = connect(probe.get(), as_sockaddr(&address), sizeof address);
  if (connected == 0 || errno != ECONNREFUSED) {
    return {Code::kConflict, "another server listens on " + path};
  }
  unlink(path.c_str());
  return Status::ok();
}

// The address as the kernel wants it; false if it is none.
bool tcp_address(const std::string& text, uint16_t port, sockaddr_storage& storage,
                 socklen_t& size) {
  auto* v4 = static_cast<sockaddr_in*>(static_cast<void*>(&storage));
  auto* v6 = static_cast<sockaddr_in6*>(static_cast<void*>(&storage));
  const std::string& name = text == "localhost" ? "127.0.0.1" : text;
  if (inet_pton(AF_INET, name.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    size = sizeof *v4;
    return true;
  }
  if (inet_pton(AF_INET6, name.c_str(), &v6->sin6_addr) != 1) return false;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  size = sizeof *v6;
  return true;
}

Peer peer_of(int fd, const sockaddr_storage& storage) {
  Peer peer;
  if (storage.ss_family == AF_INET6) {
    const auto* v6 = static_cast<const sockaddr_in6*>(static_cast<const void*>(&storage));
    std::memcpy(peer.address.data(), &v6->sin6_addr, 16);
  } else if (storage.ss_family == AF_INET) {
    const auto* v4 = static_cast<const sockaddr_in*>(static_cast<const void*>(&storage));
    peer.address[10] = peer.address[11] = 0xff;
    std::memcpy(peer.address.data() + 12, &v4->sin_addr, 4);
  } else {
    peer.is_unix = true;
    peer.text = "local";
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
      peer.uid = credentials.uid;
    }
    return peer;
  }
  peer.text = to_text(peer.address);
  return peer;
}

}  // namespace

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Result<Listener> Listener::open(const Options& options) {
  if (options.inherited_socket >= 0) return adopt(options.inherited_socket);
  if (!options.unix_socket.empty()) return open_unix(options.unix_socket);
  return open_tcp(options.address, options.port);
}

Status Listener::begin_listening(const std::string& name) {
  if (::listen(fd_.get(), kBacklog) != 0) {
    return {Code::kConflict, "cannot listen on " + name + ": " + last_error()};
  }
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  getsockname(fd_.get(), as_sockaddr(&storage), &size);
  if (storage.ss_family == AF_INET || storage.ss_family == AF_INET6) {
    set_option(fd_.get(), IPPROTO_TCP, TCP_NODELAY, 1);  // accepted sockets inherit it
    // The port lies at the same place in both families.
    port_ = ntohs(static_cast<sockaddr_in*>(static_cast<void*>(&storage))->sin_port);
  }
  return Status::ok();
}

Result<Listener> Listener::adopt(int fd) {
  int listening = 0;
  socklen_t size = sizeof listening;
  const bool known = getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0;
  if (!known || listening == 0) {
    return {Code::kInvalid,
            "the inherited descriptor " + std::to_string(fd) + " is no listening socket"};
  }
  Listener listener;
  listener.fd_.reset(fd);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  RETURN_IF_ERROR(listener.begin_listening("the inherited socket"));
  return listener;
}

Result<Listener> Listener::open_unix(const std::string& path) {
  ASSIGN_OR_RETURN(sockaddr_un address, unix_address(path));
  RETURN_IF_ERROR(remove_stale_socket(path, address));
  Listener listener;
  listener.fd_.reset(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  fchmod(listener.fd(), 0600);  // before bind(), so that the file never has another mode
  if (bind(listener.fd(), as_sockaddr(&address), sizeof address) != 0) {
    return {errno == EADDRINUSE ? Code::kConflict : Code::kInvalid,
            "cannot create the socket " + path + ": " + last_error()};
  }
  struct stat info{};
  if (chmod(path.c_str(), 0600) == 0 && lstat(path.c_str(), &info) == 0) {
    listener.unix_inode_ = info.st_ino;
  }
  listener.unix_path_ = path;
  RETURN_IF_ERROR(listener.begin_listening(path));
  return listener;
}

Result<Listener> Listener::open_tcp(const std::string& address, uint16_t port) {
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (!tcp_address(address, port, storage, size)) {
    return {Code::kInvalid, "\"" + address + "\" is no IPv4 or IPv6 address to listen on"};
  }
  Listener listener;
  listener.fd_.reset(socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  set_option(listener.fd(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (storage.ss_family == AF_INET6) set_option(listener.fd(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  const std::string name = address + " port " + std::to_string(port);
  if (bind(listener.fd(), as_sockaddr(&storage), size) != 0) {
    return {errno == EADDRINUSE || errno == EACCES ? Code::kConflict : Code::kInvalid,
            "cannot listen on " + name + ": " + last_error()};
  }
  RETURN_IF_ERROR(listener.begin_listening(name));
  return listener;
}

std::pair<Listener::Accepted, int> Listener::accept() const {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  const int fd = accept4(fd_.get(), as_sockaddr(&storage), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return {Accepted{}, errno};
  return {Accepted{UniqueFd(fd), peer_of(fd, storage)}, 0};
}

void Listener::close() {
  struct stat info{};
  const bool ours =
      !unix_path_.empty() && lstat(unix_path_.c_str(), &info) == 0 && info.st_ino == unix_inode_;
  if (ours) unlink(unix_path_.c_str());
  unix_path_.clear();
  fd_.reset();
}

void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace flawless::http
