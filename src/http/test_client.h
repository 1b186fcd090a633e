// For tests: a blocking client that shows the bytes as they are, and a server on a free port.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/server.h"
#include "http/text.h"

namespace flawless::http::testing {

struct Answer {
  int status = 0;                              // 0: the connection ended before an answer came
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class Client {
 public:
  explicit Client(uint16_t port, int receive_buffer = 0) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer > 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect_to(&to, sizeof to);
  }
  explicit Client(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, path.data(), path.size());
    connect_to(&to, sizeof to);
  }
  Client(Client&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
  ~Client() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int fd() const { return fd_; }

  // False once the peer has reset the connection.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  Answer receive(bool head = false) {
    Answer answer;
    const size_t end = until("\r\n\r\n");
    if (end == std::string::npos) return answer;
    parse_head(buffer_.substr(0, end), answer);
    buffer_.erase(0, end + 4);
    if (head || answer.status < 200 || answer.status == 204) return answer;
    if (answer.headers.count("transfer-encoding") > 0) {
      for (std::string part; !(part = chunk()).empty();) answer.body += part;
    } else if (answer.headers.count("content-length") > 0) {
      answer.body = exactly(std::stoul(answer.headers["content-length"]));
    } else {
      while (more()) {
      }
      answer.body = std::exchange(buffer_, "");
    }
    return answer;
  }
  Answer ask(std::string_view request) { return send(request), receive(); }

  // The head of an answer whose body is read with chunk().
  Answer receive_head() { return receive(true); }
  std::string chunk() {
    const size_t end = until("\r\n");
    if (end == std::string::npos) return "";
    const size_t size = std::stoul(buffer_.substr(0, end), nullptr, 16);
    buffer_.erase(0, end + 2);
    std::string data = exactly(size);
    exactly(2);
    return data;
  }

  // True if the peer closes within the time-out and sends nothing more.
  bool ended() { return buffer_.empty() && !more() && !timed_out_ && buffer_.empty(); }
  [[nodiscard]] bool was_reset() const { return reset_; }

 private:
  void connect_to(void* address, socklen_t size) {
    const timeval patience{8, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ = connect(fd_, static_cast<sockaddr*>(address), size) == 0;
  }
  bool more() {
    char bytes[65536];
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    timed_out_ = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    reset_ = got < 0 && errno == ECONNRESET;
    if (got > 0) buffer_.append(bytes, static_cast<size_t>(got));
    return got > 0;
  }
  size_t until(std::string_view mark) {
    for (;;) {
      const size_t at = buffer_.find(mark);
      if (at != std::string::npos || !more()) return at;
    }
  }
  std::string exactly(size_t size) {
    while (buffer_.size() < size && more()) {
    }
    std::string bytes = buffer_.substr(0, size);
    buffer_.erase(0, bytes.size());
    return bytes;
  }
  static void parse_head(const std::string& head, Answer& answer) {
    answer.status = std::stoi(head.substr(9, 3));
    for (size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
      const std::string line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
      const size_t colon = line.find(':');
      std::string name = line.substr(0, colon);
      for (char& c : name) c = lower_ascii(c);
      answer.headers[name] = trim(std::string_view(line).substr(colon + 1));
    }
  }

  int fd_;
  bool connected_ = false;
  bool timed_out_ = false;
  bool reset_ = false;
  std::string buffer_;
};

inline std::string get(std::string_view target, std::string_view headers = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n" + std::string(headers) +
         "\r\n";
}
inline std::string post(std::string_view target, std::string_view body,
                        std::string_view headers = "") {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

inline std::unique_ptr<Server> started(const Options& options, Handler handler) {
  auto server = Server::listen(options, std::move(handler)).value();  // ends the test if it failed
  server->start();
  return server;
}

inline Response text(std::string body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

// Answers with method, path, query and body, so that a test sees what arrived.
inline void echo(Request&& request, Responder responder) {
  responder.send(text(std::string(method_name(request.method)) + " " + request.path + " " +
                      request.query + " " + std::string(request.body.view())));
}

}  // namespace flawless::http::testing
