// One I/O thread: its event loop, its connections, and the answers that other threads hand in.
#pragma once

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/connection.h"
#include "http/shared.h"

namespace flawless::http {

class Loop : public std::enable_shared_from_this<Loop> {
 public:
  using Executor = boost::asio::io_context::executor_type;
  using SteadyTimer =
      boost::asio::basic_waitable_timer<SteadyClock, boost::asio::wait_traits<SteadyClock>,
                                        Executor>;
  static constexpr int64_t kNoneIdle = std::numeric_limits<int64_t>::max();

  explicit Loop(std::shared_ptr<Shared> shared);

  void start();
  // From any thread: lets running requests end, for at most `grace`, then closes everything.
  void begin_stop(std::chrono::milliseconds grace);
  void join();  // after begin_stop(); answers that come later are dropped

  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  [[nodiscard]] Shared& shared() { return *shared_; }

  // From any thread. Many deliveries wake the loop once.
  void enqueue(Delivery delivery);
  // True on this loop's own thread.
  [[nodiscard]] bool is_current() const;
  // When the connection that has idled longest became idle; kNoneIdle if none is.
  [[nodiscard]] int64_t oldest_idle() const { return oldest_idle_.load(std::memory_order_relaxed); }
  [[nodiscard]] uint64_t connections() const { return count_.load(std::memory_order_relaxed); }
  [[nodiscard]] uint64_t requests() const { return requests_.load(std::memory_order_relaxed); }

  // The rest on the loop's thread only.
  void count_request() {
    requests_.store(requests_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  void enter(Connection& connection);
  void leave(Connection& connection);
  void set_idle(Connection& connection, bool idle);
  // Closes the connection that has idled longest; false if none is idle.
  bool shed_one();
  [[nodiscard]] bool stopping() const { return stopping_; }
  // Where input is received before it is parsed; its content is gone after the next receive.
  [[nodiscard]] std::vector<char>& scratch() { return scratch_; }

 private:
  void run();
  void deliver_pending();
  void schedule_sweep();
  void sweep();
  void close_all();
  void finish_if_empty();
  void publish_oldest_idle();

  std::shared_ptr<Shared> shared_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<Executor> work_;
  SteadyTimer timer_;
  std::thread thread_;

  std::mutex mutex_;
  std::vector<Delivery> pending_;  // guarded by mutex_
  bool closed_ = false;            // guarded by mutex_: the thread has ended or never will run

  std::vector<char> scratch_;
  std::vector<Delivery> delivering_;
  boost::intrusive::list<Connection, boost::intrusive::base_hook<Connection::AllHook>> all_;
  boost::intrusive::list<Connection, boost::intrusive::base_hook<Connection::IdleHook>> idle_;
  bool stopping_ = false;
  SteadyClock::time_point stop_at_;
  std::atomic<int64_t> oldest_idle_{kNoneIdle};
  std::atomic<uint64_t> count_{0};
  std::atomic<uint64_t> requests_{0};
};

}  // namespace flawless::http
