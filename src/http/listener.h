// The listening socket: TCP, Unix or inherited. POSIX only.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"
#include "http/proxies.h"
#include "http/server.h"

namespace flawless::http {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// Who is at the other end of a socket.
struct Peer {
  Address address{};
  std::string text;
  uint32_t uid = ~0u;  // Unix sockets only
  bool is_unix = false;
};

// Owns the listening descriptor and, for a Unix socket, its file.
class Listener {
 public:
  // Non-blocking and listening on return. kConflict when taken, kInvalid for a bad address or
  // socket.
  static Result<Listener> open(const Options& options);
  Listener(Listener&&) = default;
  Listener& operator=(Listener&&) = default;
  ~Listener() { close(); }

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] uint16_t port() const { return port_; }  // 0 for a Unix socket

  struct Accepted {
    UniqueFd fd;
    Peer peer;
  };
  // The next waiting connection, non-blocking; errno if there is none or it failed.
  [[nodiscard]] std::pair<Accepted, int> accept() const;

  // Removes the socket's file if it is still ours.
  void close();

 private:
  Listener() = default;
  static Result<Listener> adopt(int fd);
  static Result<Listener> open_unix(const std::string& path);
  static Result<Listener> open_tcp(const std::string& address, uint16_t port);
  Status begin_listening(const std::string& name);

  UniqueFd fd_;
  uint16_t port_ = 0;
  std::string unix_path_;
  uint64_t unix_inode_ = 0;
};

// Raises the soft limit of open files to the hard one.
void raise_file_limit();

}  // namespace flawless::http
