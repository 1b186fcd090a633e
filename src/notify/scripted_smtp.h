// For tests: an SMTP server on 127.0.0.1 that answers as told.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace flawless::notify {

inline constexpr std::string_view kHang = "HANG";  // say nothing, keep the connection
inline constexpr std::string_view kDrop = "DROP";  // close the connection
inline constexpr std::string_view kHesitate = "HESITATE";  // 2 s, then as usual

struct Received {
  std::string from, to, bytes;
};

// One thread; connections one after another.
class ScriptedSmtp {
 public:
  ScriptedSmtp() {
    listen();
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }
  ~ScriptedSmtp() {
    thread_.request_stop();
    thread_.join();
    ::close(listener_);
  }

  [[nodiscard]] int port() const { return port_; }

  // The next answer at a step: "CONNECT" "EHLO" "AUTH" "MAIL" "RCPT" "DATA" "END" "QUIT".
  void on(const std::string& step, std::string_view answer) {
    std::lock_guard guard(mutex_);
    script_[step].emplace_back(answer);
  }
  // Offers AUTH PLAIN, and takes nothing without it.
  void want_login(std::string plain) {
    std::lock_guard guard(mutex_);
    login_ = std::move(plain);
  }

  [[nodiscard]] int seen(const std::string& step) {
    std::lock_guard guard(mutex_);
    return seen_[step];
  }
  [[nodiscard]] std::vector<Received> mails() {
    std::lock_guard guard(mutex_);
    return mails_;
  }
  // True as soon as there are `count`; false after some seconds.
  bool wait_for_mails(size_t count) {
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, std::chrono::seconds(10),
                             [&] { return mails_.size() >= count; });
  }

 private:
  void listen() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 16);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }

  void serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (!readable(listener_)) continue;
      socket_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      buffer_.clear();
      converse(stop);
      ::close(socket_);
    }
  }

  void converse(const std::stop_token& stop) {
    if (!answer("CONNECT", "220 test ready", stop)) return;
    Received mail;
    std::string line;
    while (read_line(line, stop)) {
      const std::string word = line.substr(0, line.find_first_of(" :"));
      if (word == "QUIT") {
        answer("QUIT", "221 2.0.0 bye", stop);
        return;
      }
      if (!step(word, line, mail, stop)) return;
    }
  }

  bool step(const std::string& word, const std::string& line, Received& mail,
            const std::stop_token& stop) {
    if (word == "EHLO") return answer("EHLO", greeting(), stop);
    if (word == "AUTH") {
      std::string given = line.substr(std::min(line.size(), std::string("AUTH PLAIN ").size()));
      if (given.empty() && (!say("334 ") || !read_line(given, stop))) return false;
      const bool right = given == login();
      return answer("AUTH", right ? "235 2.7.0 welcome" : "535 5.7.8 wrong name or password", stop);
    }
    if (word == "MAIL") {
      mail = {};
      mail.from = between(line);
      return answer("MAIL", "250 2.1.0 ok", stop);
    }
    if (word == "RCPT") {
      mail.to = between(line);
      return answer("RCPT", "250 2.1.5 ok", stop);
    }
    if (word == "DATA") return take_data(mail, stop);
    return answer("OTHER", "250 ok", stop);
  }

  bool take_data(Received& mail, const std::stop_token& stop) {
    std::string code;
    if (!answer("DATA", "354 go ahead", stop, &code)) return false;
    if (!code.starts_with("354")) return true;
    std::string line;
    while (read_line(line, stop)) {
      if (line == ".") break;
      mail.bytes += (line.starts_with(".") ? line.substr(1) : line) + "\r\n";
    }
    if (line != ".") return false;
    const bool go_on = answer("END", "250 2.0.0 queued", stop, &code);
    if (code.starts_with("250")) {
      std::lock_guard guard(mutex_);
      mails_.push_back(mail);
      arrived_.notify_all();
    }
    return go_on;
  }

  std::string greeting() {
    std::lock_guard guard(mutex_);
    return login_.empty() ? "250-test\r\n250 8BITMIME" : "250-test\r\n250 AUTH PLAIN";
  }
  std::string login() {
    std::lock_guard guard(mutex_);
    return login_;
  }
  static std::string between(const std::string& line) {
    const size_t from = line.find('<'), to = line.find('>');
    return from == line.npos ? "" : line.substr(from + 1, to - from - 1);
  }

  bool answer(const std::string& step, std::string usual, const std::stop_token& stop,
              std::string* said = nullptr) {
    bool hesitate = false;
    {
      std::lock_guard guard(mutex_);
      ++seen_[step];
      auto& script = script_[step];
      hesitate = !script.empty() && script.front() == kHesitate;
      if (!script.empty() && !hesitate) usual = script.front();
      if (!script.empty()) script.pop_front();
    }
    if (hesitate) std::this_thread::sleep_for(std::chrono::seconds(2));
    if (said != nullptr) *said = usual;
    if (usual == kDrop) return false;
    if (usual == kHang) {
      while (!stop.stop_requested() && !closed()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
      return false;
    }
    return say(usual);
  }

  bool say(std::string text) const {
    text += "\r\n";
    return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }

  bool closed() const {
    char byte;
    return ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  }
  static bool readable(int fd) {
    pollfd wait{fd, POLLIN, 0};
    return ::poll(&wait, 1, 20) > 0;
  }

  bool read_line(std::string& line, const std::stop_token& stop) {
    while (true) {
      if (const size_t end = buffer_.find("\r\n"); end != buffer_.npos) {
        line = buffer_.substr(0, end);
        buffer_.erase(0, end + 2);
        return true;
      }
      if (stop.stop_requested()) return false;
      if (!readable(socket_)) continue;
      char bytes[65536];
      const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
      if (got <= 0) return false;
      buffer_.append(bytes, static_cast<size_t>(got));
    }
  }

  int listener_ = -1, port_ = 0, socket_ = -1;
  std::string buffer_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<std::string, std::deque<std::string>> script_;
  std::map<std::string, int> seen_;
  std::vector<Received> mails_;
  std::string login_;
  std::jthread thread_;
};

}  // namespace flawless::notify
