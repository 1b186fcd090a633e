#include "http/server.h"

#include <fcntl.h>

#include <algorithm>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "base/log.h"
#include "http/loop.h"
#include "http/transport.h"

namespace flawless::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr int kAcceptBatch = 64;

// Hands new connections to the loops. Lives on the first loop's thread.
class Acceptor {
 public:
  Acceptor(Listener listener, std::vector<std::shared_ptr<Loop>> loops,
           std::shared_ptr<TlsContext> tls)
      : listener_(std::move(listener)),
        loops_(std::move(loops)),
        tls_(std::move(tls)),
        descriptor_(loops_.front()->context()),
        pause_(loops_.front()->context()) {
    spare_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  ~Acceptor() { release(); }

  [[nodiscard]] uint16_t port() const { return listener_.port(); }
  void start() {
    error_code error;
    descriptor_.assign(listener_.fd(), error);
    wait();
  }
  void close() {
    pause_.cancel();
    release();
    listener_.close();
  }

 private:
  // The listener owns the descriptor.
  void release() {
    if (descriptor_.is_open()) descriptor_.release();
  }
  void wait() {
    descriptor_.async_wait(Descriptor::wait_read, [this](const error_code& error) {
      if (!error) accept_some();
    });
  }
  void accept_some() {
    for (int i = 0; i < kAcceptBatch; ++i) {
      auto [accepted, error] = listener_.accept();
      if (error == EAGAIN) break;
      if (error == ECONNABORTED || error == EINTR) continue;
      if (error == EMFILE || error == ENFILE) {
        refuse_one();
      } else if (error != 0) {
        break;
      } else {
        place(std::move(accepted));
        continue;
      }
      return pause();
    }
    wait();
  }
  // Without descriptors the waiting client would wake us for ever: the spare one serves to hang up.
  void refuse_one() {
    spare_.reset();
    (void)listener_.accept();  // closed at once
    spare_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    loops_.front()->shared().shed.fetch_add(1, std::memory_order_relaxed);
    Loop* loop = longest_idle();
    asio::post(loop->context(), [loop] { (void)loop->shed_one(); });
  }
  void pause() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](const error_code& error) {
      if (!error) wait();
    });
  }

  void place(Listener::Accepted accepted) {
    Shared& shared = loops_.front()->shared();
    shared.accepted.fetch_add(1, std::memory_order_relaxed);
    const bool full =
        shared.open.fetch_add(1, std::memory_order_relaxed) >= shared.options.max_connections;
    Loop* loop = full ? longest_idle() : least_loaded();
    asio::post(loop->context(), [loop, full, tls = tls_, got = std::move(accepted)]() mutable {
      enter(*loop, full, got, tls.get());
    });
  }
  static void enter(Loop& loop, bool full, Listener::Accepted& accepted, TlsContext* tls) {
    Shared& shared = loop.shared();
    if (full) shared.shed.fetch_add(1, std::memory_order_relaxed);
    if (loop.stopping() || (full && !loop.shed_one())) {
      shared.open.fetch_sub(1, std::memory_order_relaxed);
      return;
    }
    make_connection(loop.shared_from_this(), std::move(accepted), tls)->start();
  }
  Loop* least_loaded() {
    next_ = (next_ + 1) % loops_.size();
    Loop* best = loops_[next_].get();  // starting elsewhere each time spreads ties
    for (size_t i = 1; i < loops_.size(); ++i) {
      Loop* other = loops_[(next_ + i) % loops_.size()].get();
      if (other->connections() < best->connections()) best = other;
    }
    return best;
  }
  Loop* longest_idle() {
    return std::min_element(
               loops_.begin(), loops_.end(),
               [](const auto& a, const auto& b) { return a->oldest_idle() < b->oldest_idle(); })
        ->get();
  }

  using Descriptor = asio::posix::basic_stream_descriptor<Loop::Executor>;
  Listener listener_;
  std::vector<std::shared_ptr<Loop>> loops_;
  std::shared_ptr<TlsContext> tls_;
  Descriptor descriptor_;
  Loop::SteadyTimer pause_;
  UniqueFd spare_;
  size_t next_ = 0;
};

class ServerImpl final : public Server {
 public:
  ServerImpl(std::shared_ptr<Shared> shared, Listener listener, std::shared_ptr<TlsContext> tls)
      : shared_(std::move(shared)), port_(listener.port()) {
    const int threads = std::max(1, shared_->options.threads);
    for (int i = 0; i < threads; ++i) loops_.push_back(std::make_shared<Loop>(shared_));
    acceptor_ = std::make_unique<Acceptor>(std::move(listener), loops_, std::move(tls));
  }
  ~ServerImpl() override { stop(); }

  void start() override {
    if (std::exchange(started_, true)) return;
    acceptor_->start();
    for (const auto& loop : loops_) loop->start();
  }

  void stop() override {
    if (std::exchange(stopped_, true)) return;
    if (started_) {
      asio::post(loops_.front()->context(), [this] { acceptor_->close(); });
      for (const auto& loop : loops_) loop->begin_stop(shared_->options.stop_grace);
    } else {
      acceptor_->close();
    }
    for (const auto& loop : loops_) loop->join();
    acceptor_.reset();
    shared_->handler = nullptr;
  }

  [[nodiscard]] uint16_t port() const override { return port_; }

  [[nodiscard]] Stats stats() const override {
    Stats stats;
    stats.connections_open = shared_->open.load(std::memory_order_relaxed);
    stats.connections_total = shared_->accepted.load(std::memory_order_relaxed);
    for (const auto& loop : loops_) stats.requests += loop->requests();
    stats.timeouts = shared_->timeouts.load(std::memory_order_relaxed);
    stats.too_large = shared_->too_large.load(std::memory_order_relaxed);
    stats.malformed = shared_->malformed.load(std::memory_order_relaxed);
    stats.shed = shared_->shed.load(std::memory_order_relaxed);
    return stats;
  }

 private:
  const std::shared_ptr<Shared> shared_;
  const uint16_t port_;
  std::vector<std::shared_ptr<Loop>> loops_;
  std::unique_ptr<Acceptor> acceptor_;
  bool started_ = false;
  bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(const Options& options, Handler handler) {
  raise_file_limit();
  ASSIGN_OR_RETURN(TrustedProxies proxies, TrustedProxies::parse(options.trusted_proxies));
  std::shared_ptr<TlsContext> tls;
  if (!options.tls.certificate.empty() || !options.tls.key.empty()) {
    ASSIGN_OR_RETURN(tls, TlsContext::load(options.tls));
  }
  ASSIGN_OR_RETURN(Listener listener, Listener::open(options));
  auto shared = std::make_shared<Shared>(options, std::move(handler), std::move(proxies));
  return std::unique_ptr<Server>(
      std::make_unique<ServerImpl>(std::move(shared), std::move(listener), std::move(tls)));
}

}  // namespace flawless::http
