#include "http/loop.h"

#include <boost/asio/post.hpp>
#include <exception>

#include "base/log.h"
#include "base/thread_name.h"

namespace flawless::http {
namespace {

constexpr auto kSweepPeriod = std::chrono::milliseconds(500);
constexpr size_t kScratchBytes = 64u << 10;

thread_local const Loop* current_loop = nullptr;

}  // namespace

Loop::Loop(std::shared_ptr<Shared> shared)
    : shared_(std::move(shared)),
      work_(context_.get_executor()),
      timer_(context_),
      scratch_(kScratchBytes) {}

void Loop::start() {
  thread_ = std::thread([this] { run(); });
}

void Loop::run() {
  name_this_thread("http");
  current_loop = this;
  schedule_sweep();
  for (bool done = false; !done;) {
    try {
      context_.run();
      done = true;
    } catch (const std::exception& error) {
      log_error("http", "an I/O thread goes on after: {}", error.what());
    }
  }
  current_loop = nullptr;
}

bool Loop::is_current() const { return current_loop == this; }

void Loop::begin_stop(std::chrono::milliseconds grace) {
  boost::asio::post(context_, [this, grace] {
    stopping_ = true;
    stop_at_ = SteadyClock::now() + grace;
    for (auto at = all_.begin(); at != all_.end();) {
      const auto connection = (at++)->shared_from_this();
      connection->begin_stop();
    }
    finish_if_empty();
  });
}

void Loop::join() {
  if (thread_.joinable()) thread_.join();
  std::vector<Delivery> dropped;
  const std::lock_guard guard(mutex_);
  closed_ = true;
  dropped.swap(pending_);
}

void Loop::enqueue(Delivery delivery) {
  bool first = false;
  {
    const std::lock_guard guard(mutex_);
    if (closed_) return;
    first = pending_.empty();
    pending_.push_back(std::move(delivery));
  }
  if (first) boost::asio::post(context_, [this] { deliver_pending(); });
}

void Loop::deliver_pending() {
  {
    const std::lock_guard guard(mutex_);
    delivering_.swap(pending_);
  }
  for (Delivery& delivery : delivering_) {
    const auto to = std::move(delivery.to);
    to->deliver(std::move(delivery));
  }
  delivering_.clear();
}

void Loop::enter(Connection& connection) {
  all_.push_back(connection);
  count_.fetch_add(1, std::memory_order_relaxed);
}

void Loop::leave(Connection& connection) {
  all_.erase(all_.iterator_to(connection));
  count_.fetch_sub(1, std::memory_order_relaxed);
  shared_->open.fetch_sub(1, std::memory_order_relaxed);
  if (stopping_) finish_if_empty();
}

void Loop::set_idle(Connection& connection, bool idle) {
  if (idle) {
    idle_.push_back(connection);
  } else {
    idle_.erase(idle_.iterator_to(connection));
  }
  publish_oldest_idle();
}

void Loop::publish_oldest_idle() {
  const int64_t since =
      idle_.empty() ? kNoneIdle : idle_.front().idle_since().time_since_epoch().count();
  oldest_idle_.store(since, std::memory_order_relaxed);
}

bool Loop::shed_one() {
  if (idle_.empty()) return false;
  const auto connection = idle_.front().shared_from_this();
  connection->close();
  return true;
}

void Loop::schedule_sweep() {
  timer_.expires_after(kSweepPeriod);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    sweep();
    if (!(stopping_ && all_.empty())) schedule_sweep();
  });
}

void Loop::sweep() {
  const auto now = SteadyClock::now();
  if (stopping_ && now >= stop_at_) return close_all();
  for (auto at = all_.begin(); at != all_.end();) {
    const auto connection = (at++)->shared_from_this();
    connection->check_deadline(now);
  }
}

void Loop::close_all() {
  while (!all_.empty()) {
    const auto connection = all_.front().shared_from_this();
    connection->close();
  }
}

void Loop::finish_if_empty() {
  if (!all_.empty()) return;
  timer_.cancel();
  work_.reset();
}

}  // namespace flawless::http
