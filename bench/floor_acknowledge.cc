#include <libdeflate.h>
#include <simdjson.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "floors.h"
#include "least_http.h"
#include "load.h"
#include "scratch.h"

namespace flawless::bench {
namespace {

using namespace std::chrono_literals;

constexpr size_t kReadBytes = 64U << 10U, kMostBytes = 1U << 20U;
constexpr size_t kCompany = 32;  // a commit waits for so many …
constexpr auto kGather = 2ms;    // … but no longer

struct Waiting {
  int client;
  std::string body;
};

// Records that wait for the disk.
class Queue {
 public:
  void push(Waiting waiting) {
    size_t count = 0;
    {
      std::lock_guard guard(mutex_);
      waiting_.push_back(std::move(waiting));
      count = waiting_.size();
    }
    if (count == 1 || count == kCompany) arrived_.notify_one();
  }
  // What has gathered; empty only when the queue is closed and nothing is left.
  std::vector<Waiting> take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
    arrived_.wait_for(lock, kGather, [&] { return closed_ || waiting_.size() >= kCompany; });
    return std::exchange(waiting_, {});
  }
  void close() {
    {
      std::lock_guard guard(mutex_);
      closed_ = true;
    }
    arrived_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Waiting> waiting_;
  bool closed_ = false;
};

// Receives, inflates and parses; what is well formed goes into the queue.
class Receiver {
 public:
  Receiver(Queue& queue, Form form) : queue_(queue), form_(form) {}
  Receiver(Receiver&&) = delete;
  void add(int client) {
    clients_[client].clear();
    epoll_event event{.events = EPOLLIN, .data = {.fd = client}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client, &event);
  }
  void start() {
    thread_ = std::thread([this] { serve(); });
  }
  // Waits until all clients are gone; CPU microseconds of the thread.
  double join() {
    if (thread_.joinable()) thread_.join();
    ::close(epoll_);
    return cpu_us_;
  }

 private:
  void serve() {
    epoll_event events[64];
    while (!clients_.empty()) {
      int ready = ::epoll_wait(epoll_, events, std::size(events), -1);
      for (int i = 0; i < ready; ++i) receive(events[i].data.fd);
    }
    cpu_us_ = thread_cpu_us();
  }

  void receive(int client) {
    std::string& in = clients_[client];
    size_t had = in.size();
    in.resize(had + kReadBytes);
    ssize_t got = ::recv(client, in.data() + had, kReadBytes, MSG_DONTWAIT);
    in.resize(had + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) {
      ::close(client);
      clients_.erase(client);
    } else if (auto body = whole_body(in)) {
      if (is_well_formed(*body)) queue_.push({client, std::string(*body)});
      in.clear();
    }
  }

  bool is_well_formed(std::string_view gzip) {
    size_t size = 0;
    auto result = libdeflate_gzip_decompress(inflater_.get(), gzip.data(), gzip.size(),
                                             inflated_.data(), kMostBytes, &size);
    if (result != LIBDEFLATE_SUCCESS) return false;
    std::string_view text(inflated_.data(), size);
    if (form_ == Form::kSentry) text.remove_prefix(text.find('\n', text.find('\n') + 1) + 1);
    return parser_.parse(text.data(), text.size(), false).error() == simdjson::SUCCESS;
  }

  Queue& queue_;
  const Form form_;
  const int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::map<int, std::string> clients_;
  std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> inflater_{
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor};
  std::string inflated_ = std::string(kMostBytes + simdjson::SIMDJSON_PADDING, '\0');
  simdjson::dom::parser parser_;
  std::thread thread_;
  double cpu_us_ = 0;
};

// Appends what has gathered, syncs, answers.
class Committer {
 public:
  Committer(Queue& queue, ScratchFile& file) : queue_(queue), file_(file) {}
  void start() {
    thread_ = std::thread([this] { run(); });
  }
  double join() {
    queue_.close();
    if (thread_.joinable()) thread_.join();
    return cpu_us_;
  }
  [[nodiscard]] const Status& outcome() const { return outcome_; }

 private:
  void run() {
    for (auto batch = queue_.take(); outcome_ && !batch.empty(); batch = queue_.take()) {
      outcome_ = commit(batch);
    }
    cpu_us_ = thread_cpu_us();
  }
  Status commit(const std::vector<Waiting>& batch) {
    bytes_.clear();
    for (const Waiting& waiting : batch) {
      append_le(bytes_, static_cast<uint32_t>(waiting.body.size()));
      append_le(bytes_, crc32c(as_bytes(waiting.body)));
      bytes_ += waiting.body;
    }
    RETURN_IF_ERROR(file_.append(bytes_));
    for (const Waiting& waiting : batch) {
      [[maybe_unused]] auto sent =
          ::send(waiting.client, kLeastReply.data(), kLeastReply.size(), MSG_NOSIGNAL);
    }
    return Status::ok();
  }

  Queue& queue_;
  ScratchFile& file_;
  std::string bytes_;
  Status outcome_;
  std::thread thread_;
  double cpu_us_ = 0;
};

// The three threads, for one round.
class LeastServer {
 public:
  LeastServer(Form form, ScratchFile& file)
      : receivers_{Receiver(queue_, form), Receiver(queue_, form)}, committer_(queue_, file) {}

  Result<Target> start(size_t clients) {
    ASSIGN_OR_RETURN(listener_, listen_on_loopback());
    committer_.start();
    acceptor_ = std::thread([this, clients] { accept(clients); });
    return Target{.v6 = false, .port = listener_.port};
  }
  // When the clients are gone: CPU microseconds in all.
  Result<double> stop() {
    ::shutdown(listener_.fd, SHUT_RDWR);  // ends an accept() that still waits
    acceptor_.join();
    ::close(listener_.fd);
    double cpu_us = 0;
    for (Receiver& receiver : receivers_) cpu_us += receiver.join();
    cpu_us += committer_.join();
    RETURN_IF_ERROR(committer_.outcome());
    return cpu_us;
  }

 private:
  void accept(size_t clients) {
    for (size_t i = 0; i < clients; ++i) {
      int fd = accept_client(listener_.fd);
      if (fd < 0) break;
      receivers_[i % receivers_.size()].add(fd);
    }
    for (Receiver& receiver : receivers_) receiver.start();
  }

  Queue queue_;
  std::array<Receiver, 2> receivers_;
  Committer committer_;
  LoopbackSocket listener_;
  std::thread acceptor_;
};

Result<double> acknowledge_round(const FloorOptions& options, Requests& requests,
                                 ScratchFile& file) {
  LeastServer server(options.requests.events.form, file);
  LoadOptions load{.target = {}, .seconds = 60, .count = options.events * 4};
  ASSIGN_OR_RETURN(load.target, server.start(load.connections));
  auto result = run_load(load, [&] { return requests.next(); });
  ASSIGN_OR_RETURN(double cpu_us, server.stop());
  RETURN_IF_ERROR(result.status());
  if (result->statuses[200] != load.count)
    return {Code::kInternal, "the least server lost requests"};
  return cpu_us / static_cast<double>(load.count);
}

}  // namespace

Result<Floor> acknowledge_floor(const FloorOptions& options, Requests& requests) {
  Floor floor{"acknowledge", "received, inflated, parsed, appended and answered by one least server",
              {}};
  for (size_t round = 0; round < options.rounds; ++round) {
    Scratch scratch(options.folder);
    if (scratch.path().empty()) return system_error(options.folder);
    ScratchFile file(scratch.path() + "/append");
    auto bytes = static_cast<size_t>(requests.mean_wire_bytes() * 1.2) * options.events * 4;
    RETURN_IF_ERROR(file.fill_with_zeros(bytes));
    ASSIGN_OR_RETURN(double us, acknowledge_round(options, requests, file));
    floor.us_per_event.push_back(us);
  }
  return floor;
}

}  // namespace flawless::bench
