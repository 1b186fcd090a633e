#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "floors.h"
#include "least_http.h"
#include "load.h"

namespace flawless::bench {
namespace {

// The least HTTP server that can be: finds the length, reads that much, answers.
class Echo {
 public:
  Result<Target> start() {
    ASSIGN_OR_RETURN(LoopbackSocket socket, listen_on_loopback());
    listener_ = socket.fd;
    watch(listener_);
    watch(wake_);
    thread_ = std::thread([this] { serve(); });
    return Target{.v6 = false, .port = socket.port};
  }
  ~Echo() { stop(); }

  // CPU microseconds of the thread that served.
  double stop() {
    uint64_t one = 1;
    if (thread_.joinable()) {
      [[maybe_unused]] auto written = ::write(wake_, &one, sizeof one);
      thread_.join();
      for (auto& [fd, in] : clients_) ::close(fd);
      for (int fd : {listener_, wake_, epoll_}) ::close(fd);
    }
    return cpu_us_;
  }

 private:
  void watch(int fd) const {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  void serve() {
    epoll_event events[64];
    for (;;) {
      int ready = ::epoll_wait(epoll_, events, std::size(events), -1);
      for (int i = 0; i < ready; ++i) {
        int fd = events[i].data.fd;
        if (fd == wake_) {
          cpu_us_ = thread_cpu_us();
          return;
        }
        fd == listener_ ? accept_one() : answer(fd);
      }
    }
  }

  void accept_one() {
    int fd = accept_client(listener_);
    if (fd < 0) return;
    clients_[fd].clear();
    watch(fd);
  }

  void answer(int fd) {
    std::string& in = clients_[fd];
    size_t had = in.size();
    in.resize(had + kReadBytes);
    ssize_t got = ::recv(fd, in.data() + had, kReadBytes, MSG_DONTWAIT);
    in.resize(had + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) {
      ::close(fd);
      clients_.erase(fd);
    } else if (whole_body(in)) {
      in.clear();
      [[maybe_unused]] auto sent = ::send(fd, kLeastReply.data(), kLeastReply.size(), MSG_NOSIGNAL);
    }
  }

  static constexpr size_t kReadBytes = 64U << 10U;
  int listener_ = -1;
  int epoll_ = ::epoll_create1(EPOLL_CLOEXEC), wake_ = ::eventfd(0, EFD_CLOEXEC);
  std::map<int, std::string> clients_;
  std::thread thread_;
  double cpu_us_ = 0;
};

}  // namespace

Result<Floor> echo_floor(const FloorOptions& options, Requests& requests) {
  Floor floor{"echo", "receive and answer over loopback, bare epoll, 64 connections", {}};
  for (size_t round = 0; round < options.rounds; ++round) {
    Echo echo;
    ASSIGN_OR_RETURN(Target target, echo.start());
    LoadOptions load{.target = target, .seconds = 60, .count = options.events * 4};
    ASSIGN_OR_RETURN(LoadResult result, run_load(load, [&] { return requests.next(); }));
    if (result.statuses[200] != load.count)
      return {Code::kInternal, "the echo server lost requests"};
    floor.us_per_event.push_back(echo.stop() / static_cast<double>(load.count));
  }
  return floor;
}

}  // namespace flawless::bench
