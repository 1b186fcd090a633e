#include "server/server.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "api/admin.h"
#include "api/local.h"
#include "api/mount.h"
#include "base/log.h"
#include "body/bodies.h"
#include "digest/digest.h"
#include "http/router.h"
#include "http/server.h"
#include "intake/intake.h"
#include "journal/file_journal.h"
#include "os/lock_file.h"
#include "server/health.h"
#include "store/sqlite/sqlite_store.h"

namespace flawless::server {
namespace {

constexpr size_t kHandOffBytes = 24U << 20U;
constexpr int kMappedFromBytes = 256 << 10;
constexpr std::chrono::seconds kHousekeepingEvery{2};
constexpr int kFirstInheritedSocket = 3;  // sd_listen_fds(3)

int inherited_socket() {
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  if (pid == nullptr || count == nullptr || std::atoi(pid) != ::getpid()) return -1;
  return std::atoi(count) >= 1 ? kFirstInheritedSocket : -1;
}

http::Options http_options(const Config& config) {
  http::Options options;
  options.address = config.http.address;
  options.port = static_cast<uint16_t>(config.http.port);
  options.inherited_socket = inherited_socket();
  options.tls = {config.http.tls_certificate, config.http.tls_key};
  options.threads = static_cast<int>(config.http.threads);
  options.max_body_bytes = config.limits.request_bytes;
  options.max_connections = static_cast<size_t>(config.limits.connections);
  options.trusted_proxies = config.http.trusted_proxies;
  return options;
}

journal::Options journal_options(const Config& config) {
  journal::Options options;
  options.directory = config.data_dir + "/journal";
  options.max_record_bytes = config.limits.request_bytes + (1U << 20U);
  options.segment_bytes = std::max(options.segment_bytes, 2 * options.max_record_bytes);
  options.gather = std::chrono::milliseconds(2);
  options.keep_for = config.retention.journal_max_age;
  options.max_total_bytes = config.retention.journal_max_bytes;
  options.min_free_bytes = config.retention.min_free_bytes;
  return options;
}

// Now and then moves what intake counted into the store, and publishes the admission snapshot if
// that failed at start.
class Housekeeper {
 public:
  Housekeeper(intake::Refusals& refusals, store::Store& store, api::Admin& admin, bool published)
      : refusals_(refusals), store_(store), admin_(admin), published_(published) {
    thread_ = std::thread([this] { run(); });
  }
  ~Housekeeper() {
    {
      std::lock_guard guard(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
    flush();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kHousekeepingEvery, [&] { return stopping_; })) {
      lock.unlock();
      if (!published_) published_ = admin_.publish_admission().is_ok();
      flush();
      lock.lock();
    }
  }
  void flush() {
    auto taken = refusals_.take();
    if (taken.empty()) return;
    std::vector<store::Refusal> rows;
    for (const intake::RefusalCount& count : taken) {
      rows.push_back({count.project, count.reason, count.count, count.last_at});
    }
    Status added = store_.add_refusals(rows);
    if (added) return;
    log_warning("server", "counts of refused reports cannot be stored now: {}", added.message());
    refusals_.restore(taken);
  }

  intake::Refusals& refusals_;
  store::Store& store_;
  api::Admin& admin_;
  bool published_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

class ServerImpl final : public Server {
 public:
  explicit ServerImpl(const Config& config)
      : config_(config),
        scrubber_({config.scrub.names, config.scrub.use_defaults}),
        handoff_(kHandOffBytes),
        board_(disk_, config.data_dir + "/admission"),
        started_at_(clock_.now()) {}
  ~ServerImpl() override { stop(); }

  Status prepare();
  Status start() override;
  void stop() override;
  [[nodiscard]] std::string url() const override;

 private:
  Status open_store();
  Status listen_locally();
  [[nodiscard]] api::SystemHealth health();
  // With port 0 the public URL is known only after listening.
  [[nodiscard]] std::string public_url() const;

  const Config config_;
  os::PosixDisk disk_;
  SystemClock clock_;
  std::optional<os::LockFile> lock_;
  triage::Scrubber scrubber_;
  wire::HandOff handoff_;
  intake::AdmissionBoard board_;
  const Time started_at_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<intake::Intake> intake_;
  std::unique_ptr<body::Bodies> bodies_;
  std::unique_ptr<store::Store> store_;
  std::atomic<store::Store*> open_store_{nullptr};
  Locked<std::string> store_fault_;
  api::Access access_;
  std::unique_ptr<api::Admin> admin_;
  std::unique_ptr<Housekeeper> housekeeper_;
  std::unique_ptr<digest::Digest> digest_;
  std::atomic<digest::Digest*> running_digest_{nullptr};
  std::unique_ptr<api::Pool> pool_;
  http::Router router_;
  std::unique_ptr<http::Server> http_;
  std::unique_ptr<http::Server> local_;
  bool stopped_ = false;
};

Status ServerImpl::prepare() {
  RETURN_IF_ERROR(disk_.make_directory(config_.data_dir));
  if (::chmod(config_.data_dir.c_str(), 0700) != 0) {
    return {Code::kDenied,
            fmt::format("{} belongs to another user; run as its owner", config_.data_dir)};
  }
  ASSIGN_OR_RETURN(lock_, os::LockFile::acquire(disk_, config_.data_dir + "/lock"));
  Status loaded = board_.load();
  if (loaded.code() == Code::kCorrupt) {
    log_warning("server", "{}", loaded.message());
  } else {
    RETURN_IF_ERROR(loaded);
  }
  ASSIGN_OR_RETURN(journal_, journal::open(disk_, journal_options(config_), clock_));
  intake_ = std::make_unique<intake::Intake>(
      intake::Intake::Options{
          .request_bytes = config_.limits.request_bytes,
          .soft_per_minute = static_cast<uint64_t>(config_.limits.reports_per_minute_soft),
          .hard_per_minute = static_cast<uint64_t>(config_.limits.reports_per_minute_hard)},
      board_, *journal_, handoff_, clock_);
  bodies_ = std::make_unique<body::Bodies>(*journal_, scrubber_);
  pool_ = std::make_unique<api::Pool>();
  intake_->mount(router_);
  api::mount(router_, {.store = [this] { return open_store_.load(); },
                       .bodies = *bodies_,
                       .access = access_,
                       .health = [this] { return health(); },
                       .clock = clock_,
                       .pool = *pool_});
  ASSIGN_OR_RETURN(http_,
                   http::Server::listen(http_options(config_),
                                        [this](http::Request&& request, http::Responder responder) {
                                          router_.route(std::move(request), std::move(responder));
                                        }));
  return Status::ok();
}

Status ServerImpl::start() {
  http_->start();
  Status opened = open_store();
  if (!opened) {
    *store_fault_.lock() = opened.message();
    return opened;
  }
  return listen_locally();
}

Status ServerImpl::open_store() {
  ASSIGN_OR_RETURN(store_, store::open_sqlite({.path = config_.data_dir + "/flawless.db"}));
  admin_ = std::make_unique<api::Admin>(*store_, board_, clock_, public_url(),
                                        [this] { return access_.refresh(*store_); });
  open_store_ = store_.get();
  // On a full disk the snapshot of the last run holds until there is space.
  Status published = admin_->publish_admission();
  if (!published)
    log_warning("server", "tokens are as they were at the last stop: {}", published.message());
  digest::Options options;
  options.running_marker = config_.data_dir + "/digest.running";
  digest_ = std::make_unique<digest::Digest>(options, *journal_, *store_, handoff_, disk_,
                                             digest::Rules{&scrubber_, {}}, nullptr, clock_);
  RETURN_IF_ERROR(digest_->start());
  housekeeper_ =
      std::make_unique<Housekeeper>(intake_->refusals(), *store_, *admin_, published.is_ok());
  running_digest_ = digest_.get();
  return Status::ok();
}

Status ServerImpl::listen_locally() {
  http::Options options;
  options.unix_socket = config_.data_dir + "/flawless.sock";
  options.threads = 1;
  options.max_body_bytes = 1U << 20U;
  options.max_connections = 64;
  auto handler = api::local_handler(*admin_, [this](std::function<void()> job) {
    return pool_->try_run(api::Pool::Lane::kWork, std::move(job));
  });
  ASSIGN_OR_RETURN(local_, http::Server::listen(options, std::move(handler)));
  local_->start();
  return Status::ok();
}

void ServerImpl::stop() {
  if (stopped_) return;
  stopped_ = true;
  if (local_) local_->stop();
  if (http_) http_->stop();
  if (pool_) pool_->stop();
  if (journal_) journal_->stop();
  running_digest_ = nullptr;
  if (digest_) digest_->stop();
  housekeeper_.reset();
  open_store_ = nullptr;
  if (store_) store_->stop();
}

api::SystemHealth ServerImpl::health() {
  Parts parts{*journal_,  *intake_,         *http_,
              disk_,      config_.data_dir, config_.retention.min_free_bytes,
              started_at_};
  return gather_health(parts, open_store_, running_digest_, store_fault_.copy(), clock_.now());
}

std::string ServerImpl::url() const {
  std::string address = config_.http.address;
  if (address == "0.0.0.0") address = "127.0.0.1";
  if (address == "::") address = "::1";
  if (address.find(':') != std::string::npos) address = "[" + address + "]";
  return fmt::format("{}://{}:{}", config_.http.tls_certificate.empty() ? "http" : "https", address,
                     http_->port());
}

std::string ServerImpl::public_url() const {
  return config_.http.port == 0 ? url() : config_.http.public_url;
}

// Large bodies come and go: memory for them is mapped, and given back when it is freed.
void give_large_blocks_back() { ::mallopt(M_MMAP_THRESHOLD, kMappedFromBytes); }

}  // namespace

Result<std::unique_ptr<Server>> Server::open(const Config& config) {
  give_large_blocks_back();
  auto server = std::make_unique<ServerImpl>(config);
  RETURN_IF_ERROR(server->prepare());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace flawless::server
