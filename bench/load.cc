#include "load.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <vector>

namespace flawless::bench {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr size_t kReadBytes = 16U << 10U;
constexpr size_t kMostReplyBytes = 1U << 20U;

int64_t clock_ns(clockid_t clock) {
  timespec at{};
  clock_gettime(clock, &at);
  return at.tv_sec * kNsPerSecond + at.tv_nsec;
}

int64_t now_ns() { return clock_ns(CLOCK_MONOTONIC); }

int connect_to(const Target& target) {
  int fd = ::socket(target.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(target.port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(target.port);
  v6.sin6_addr = in6addr_loopback;
  const auto* address =
      target.v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
  auto size = static_cast<socklen_t>(target.v6 ? sizeof v6 : sizeof v4);
  int one = 1;
  if (fd >= 0 && ::connect(fd, address, size) == 0 &&
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0)
    return fd;
  int error = errno;
  if (fd >= 0) ::close(fd);
  errno = error;
  return -1;
}

// What the front of `in` holds: a whole reply (its size and status), the start of one, or nonsense.
struct Reply {
  size_t bytes = 0;  // 0: not whole yet
  int status = 0;
  bool bad = false;
};

template <typename Number>
bool read_number(std::string_view text, Number& out) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc();
}

bool same_letters(std::string_view a, std::string_view lower) {
  return a.size() == lower.size() &&
         std::equal(a.begin(), a.end(), lower.begin(),
                    [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

Reply parse_reply(std::string_view in) {
  constexpr std::string_view kLength = "content-length:";
  size_t head_end = in.find("\r\n\r\n");
  if (head_end == std::string_view::npos)
    return {.bytes = 0, .status = 0, .bad = in.size() > kMostReplyBytes};
  Reply reply;
  if (!in.starts_with("HTTP/1.1 ") || !read_number(in.substr(9, 3), reply.status))
    return {0, 0, true};
  size_t body = 0;
  bool found = reply.status == 204;
  for (size_t at = in.find("\r\n"); at < head_end; at = in.find("\r\n", at + 2)) {
    std::string_view line = in.substr(at + 2, head_end - at);
    if (same_letters(line.substr(0, kLength.size()), kLength)) {
      found = read_number(line.substr(kLength.size()), body);
    }
  }
  if (!found || body > kMostReplyBytes) return {0, 0, true};
  size_t whole = head_end + 4 + body;
  if (in.size() >= whole) reply.bytes = whole;
  return reply;
}

class Load {
 public:
  Load(const LoadOptions& options, const RequestSource& source)
      : options_(options), source_(source), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}
  ~Load() {
    for (Connection& connection : connections_) {
      if (connection.fd >= 0) ::close(connection.fd);
    }
    ::close(epoll_);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  Result<LoadResult> run();

 private:
  struct Connection {
    int fd = -1;
    bool waiting = false;
    int64_t due_ns = 0;
    std::string in, out;  // out: what the socket did not take at once
  };

  bool open(size_t index);
  bool may_send(int64_t now) const;
  int64_t due_of_next() const;
  void send_due(int64_t now);
  void send_on(size_t index, int64_t due);
  void write_out(size_t index, std::string_view bytes);
  void watch(size_t index, bool writable);
  void wait(int64_t now);
  void handle(const epoll_event& event);
  void receive(size_t index);
  void take_replies(size_t index);
  void lose(size_t index);
  bool finished(int64_t now) const;

  const LoadOptions& options_;
  const RequestSource& source_;
  const int epoll_;
  std::vector<Connection> connections_;
  std::vector<size_t> idle_;
  std::vector<char> buffer_ = std::vector<char>(kReadBytes);
  LoadResult result_;
  int64_t start_ns_ = 0, stop_ns_ = 0, last_answer_ns_ = 0;
  bool unreachable_ = false;
};

bool Load::open(size_t index) {
  Connection& connection = connections_[index];
  connection = Connection();
  connection.fd = connect_to(options_.target);
  if (connection.fd < 0) return false;
  epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event) != 0) return false;
  idle_.push_back(index);
  return true;
}

Result<LoadResult> Load::run() {
  connections_.resize(options_.connections);
  for (size_t i = 0; i < connections_.size(); ++i) {
    if (!open(i)) {
      return {Code::kUnavailable, fmt::format("cannot connect to port {}: {}", options_.target.port,
                                              std::strerror(errno))};
    }
  }
  int64_t cpu_start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  start_ns_ = last_answer_ns_ = now_ns();
  stop_ns_ = start_ns_ + static_cast<int64_t>(options_.seconds * static_cast<double>(kNsPerSecond));
  for (int64_t now = start_ns_; !finished(now); now = now_ns()) {
    send_due(now);
    wait(now);
  }
  for (const Connection& connection : connections_)
    result_.unanswered += connection.waiting ? 1 : 0;
  result_.cpu_seconds = static_cast<double>(clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_start) / 1e9;
  result_.seconds = static_cast<double>(last_answer_ns_ - start_ns_) / 1e9;
  if (unreachable_)
    return {Code::kUnavailable, "the server closed a connection and takes no new one"};
  return std::move(result_);
}

bool Load::may_send(int64_t now) const {
  return !unreachable_ && now < stop_ns_ && (options_.count == 0 || result_.sent < options_.count);
}

bool Load::finished(int64_t now) const {
  if (unreachable_) return true;
  if (may_send(now)) return false;
  auto patience =
      static_cast<int64_t>(options_.patience_seconds * static_cast<double>(kNsPerSecond));
  return idle_.size() == connections_.size() || now > stop_ns_ + patience ||
         now > last_answer_ns_ + patience;
}

int64_t Load::due_of_next() const {
  return start_ns_ + static_cast<int64_t>(static_cast<double>(result_.sent) / options_.rate *
                                          static_cast<double>(kNsPerSecond));
}

void Load::send_due(int64_t now) {
  bool open_loop = options_.rate > 0;
  if (open_loop && due_of_next() <= now) {
    auto due =
        static_cast<uint64_t>(static_cast<double>(now - start_ns_) / 1e9 * options_.rate) + 1;
    if (due > result_.sent) result_.max_backlog = std::max(result_.max_backlog, due - result_.sent);
  }
  while (!idle_.empty() && may_send(now)) {
    int64_t due = open_loop ? due_of_next() : now_ns();
    if (due > now && open_loop) return;
    size_t index = idle_.back();
    idle_.pop_back();
    send_on(index, due);
  }
}

void Load::send_on(size_t index, int64_t due) {
  connections_[index].waiting = true;
  connections_[index].due_ns = due;
  ++result_.sent;
  write_out(index, source_());
}

void Load::write_out(size_t index, std::string_view bytes) {
  Connection& connection = connections_[index];
  ssize_t taken = ::send(connection.fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (taken < 0 && errno != EAGAIN && errno != EINTR) return lose(index);
  bytes.remove_prefix(static_cast<size_t>(std::max<ssize_t>(taken, 0)));
  bool was_waiting_to_write = !connection.out.empty();
  std::string rest(bytes);
  connection.out = std::move(rest);
  if (was_waiting_to_write != !connection.out.empty()) watch(index, !connection.out.empty());
}

void Load::watch(size_t index, bool writable) {
  epoll_event event{.events = EPOLLIN | (writable ? uint32_t{EPOLLOUT} : 0U),
                    .data = {.u64 = index}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connections_[index].fd, &event);
}

void Load::wait(int64_t now) {
  int64_t until = now < stop_ns_ ? stop_ns_ : now + kNsPerSecond / 20;
  if (options_.rate > 0 && !idle_.empty() && may_send(now)) until = std::min(until, due_of_next());
  int64_t left = std::clamp<int64_t>(until - now_ns(), 0, kNsPerSecond / 10);
  timespec timeout{.tv_sec = 0, .tv_nsec = left};
  epoll_event events[64];
  int ready = ::epoll_pwait2(epoll_, events, std::size(events), &timeout, nullptr);
  for (int i = 0; i < ready; ++i) handle(events[i]);
}

void Load::handle(const epoll_event& event) {
  auto index = static_cast<size_t>(event.data.u64);
  if ((event.events & EPOLLOUT) != 0 && !connections_[index].out.empty()) {
    write_out(index, std::string(connections_[index].out));
  }
  if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive(index);
}

void Load::receive(size_t index) {
  Connection& connection = connections_[index];
  ssize_t got = ::recv(connection.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return lose(index);
  connection.in.append(buffer_.data(), static_cast<size_t>(got));
  take_replies(index);
}

void Load::take_replies(size_t index) {
  Connection& connection = connections_[index];
  Reply reply = parse_reply(connection.in);
  if (reply.bad || (reply.bytes != 0 && !connection.waiting)) return lose(index);
  if (reply.bytes == 0) return;
  connection.in.erase(0, reply.bytes);
  last_answer_ns_ = now_ns();
  ++result_.answered;
  ++result_.statuses[reply.status];
  if (reply.status == 200) result_.latency.add(last_answer_ns_ - connection.due_ns);
  connection.waiting = false;
  idle_.push_back(index);
}

// The server closed the connection, or answers nonsense: count what was under way, open another.
void Load::lose(size_t index) {
  if (connections_[index].waiting) ++result_.broken;
  std::erase(idle_, index);
  ::close(connections_[index].fd);
  connections_[index].fd = -1;
  if (!open(index)) unreachable_ = true;
}

}  // namespace

Result<Target> Target::parse(std::string_view url) {
  Target target;
  if (!url.starts_with("http://")) return {Code::kInvalid, "the URL must begin with http://"};
  url.remove_prefix(7);
  if (url.starts_with("[::1]:")) {
    target.v6 = true;
    url.remove_prefix(6);
  } else if (url.starts_with("127.0.0.1:")) {
    url.remove_prefix(10);
  } else {
    return {Code::kDenied,
            "load is sent to this machine only: http://127.0.0.1:PORT or http://[::1]:PORT"};
  }
  auto [end, error] = std::from_chars(url.data(), url.data() + url.size(), target.port);
  bool rest_is_path = end == url.data() + url.size() || *end == '/';
  if (error != std::errc() || target.port == 0 || !rest_is_path) {
    return {Code::kInvalid, "the URL needs a port from 1 to 65535"};
  }
  return target;
}

Result<LoadResult> run_load(const LoadOptions& options, const RequestSource& source) {
  return Load(options, source).run();
}

}  // namespace flawless::bench
