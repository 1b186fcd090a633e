#include "server/server.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/stat.h>

#include <mutex>

#include "api/admin.h"
#include "api/app.h"
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
#include "render/link_signer.h"
#include "server/config_blame.h"
#include "server/config_watch.h"
#include "server/developers.h"
#include "server/effective_options.h"
#include "server/health.h"
#include "server/housekeeper.h"
#include "server/library.h"
#include "server/options.h"
#include "store/sqlite/sqlite_store.h"
#include "web/assets.h"

namespace flawless::server {
namespace {

constexpr size_t kHandOffBytes = 24U << 20U;
constexpr int kMappedFromBytes = 256 << 10;
constexpr std::chrono::seconds kHousekeepingEvery{2};

std::vector<store::Refusal> rows_of(const std::vector<intake::RefusalCount>& counts) {
  std::vector<store::Refusal> rows;
  for (const intake::RefusalCount& count : counts) {
    rows.push_back({count.project, count.reason, count.count, count.last_at});
  }
  return rows;
}

class ServerImpl final : public Server {
 public:
  explicit ServerImpl(const Config& config)
      : config_(config),
        watch_(config, process_environment()),
        scrubber_({config.scrub.names, config.scrub.use_defaults}),
        handoff_(kHandOffBytes),
        board_(disk_, config.data_dir + "/admission"),
        started_at_(clock_.now()) {}
  ~ServerImpl() override { stop(); }

  Status prepare();
  Status start() override;
  void stop() override;
  [[nodiscard]] std::string url() const override;
  [[nodiscard]] Result<std::optional<std::string>> welcome_url() override;

 private:
  [[nodiscard]] api::ApiParts api_parts();
  [[nodiscard]] api::Admin::Followers followers();
  [[nodiscard]] api::QuarantineParts quarantine_parts();
  Status open_store();
  Status listen_locally();
  [[nodiscard]] digest::Library library_code();
  [[nodiscard]] std::vector<scm::PathRule> path_mappings() const;
  void refresh_library();
  void look_at_config();
  [[nodiscard]] Result<std::string> administer(std::string_view operation,
                                               std::string_view arguments);
  void keep_house();
  void store_refusals();
  [[nodiscard]] api::SystemHealth health();
  // With port 0 the public URL is known only after listening, unless it was given.
  [[nodiscard]] std::string public_url() const;

  const Config config_;
  ConfigWatch watch_;
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
  api::Sessions sessions_{clock_};
  api::FirstLink first_link_{clock_};
  std::unique_ptr<api::Changes> changes_;
  std::unique_ptr<render::LinkSigner> signer_;
  std::atomic<const render::LinkSigner*> ready_signer_{nullptr};
  std::unique_ptr<api::Admin> admin_;
  std::unique_ptr<Housekeeper> housekeeper_;
  std::unique_ptr<Developers> developers_;
  std::atomic<Developers*> running_developers_{nullptr};
  std::unique_ptr<digest::Digest> digest_;
  std::atomic<digest::Digest*> running_digest_{nullptr};
  std::mutex library_mutex_;
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
  ASSIGN_OR_RETURN(
      lock_, os::LockFile::acquire(disk_, config_.data_dir + "/lock", os::LockFile::kOfTheDead));
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
          .hard_per_minute = static_cast<uint64_t>(config_.limits.reports_per_minute_hard),
          .is_for_reading = [this](std::string_view t) { return access_.is_for_reading(t); }},
      board_, *journal_, handoff_, clock_);
  bodies_ = std::make_unique<body::Bodies>(*journal_, scrubber_);
  pool_ = std::make_unique<api::Pool>();
  intake_->mount(router_);
  changes_ = std::make_unique<api::Changes>(
      [this](ProjectId project, int64_t number) -> Result<store::Item> {
        store::Store* store = open_store_;
        if (store == nullptr) return {Code::kUnavailable, "the store is not open yet"};
        return store->item({.all = true, .projects = {}}, project, number, clock_.now());
      },
      clock_);
  api::mount(router_, api_parts());
  http::Options options = http_options(config_);
  options.refused = [this](http::Request&& head, const http::Refused& why, http::Responder to) {
    router_.route_refused(std::move(head), why, std::move(to));
  };
  ASSIGN_OR_RETURN(http_,
                   http::Server::listen(options, api::with_app(router_, &web::find_asset)));
  return Status::ok();
}

api::ApiParts ServerImpl::api_parts() {
  api::ApiParts parts{.store = [this] { return open_store_.load(); },
                      .bodies = *bodies_,
                      .access = access_,
                      .health = [this] { return health(); },
                      .clock = clock_,
                      .pool = *pool_};
  parts.sessions = &sessions_;
  parts.first_link = &first_link_;
  parts.changes = changes_.get();
  parts.public_url = [this] { return public_url(); };
  parts.signer = [this] { return ready_signer_.load(); };
  parts.administer = [this](std::string_view operation, std::string_view arguments) {
    return administer(operation, arguments);
  };
  parts.options = [this] { return effective_options(config_); };
  parts.repositories = [this] {
    const Developers* developers = running_developers_;
    return developers != nullptr ? developers->repositories()
                                 : std::vector<api::RepositoryStatus>();
  };
  parts.configured_rules = [this] { return watch_.rules(); };
  parts.unstored_refusals = [this] { return rows_of(intake_->refusals().waiting()); };
  parts.on_rules_changed = [this] { refresh_library(); };
  if (auto day = blame_options(config_).minimum_date) parts.report_only_after = Time(*day);
  return parts;
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
  admin_ = std::make_unique<api::Admin>(*store_, board_, clock_, public_url(), followers(),
                                        quarantine_parts());
  ASSIGN_OR_RETURN(std::string link_key, store_->accounts().secret(store::kLinkSecret));
  signer_ = std::make_unique<render::LinkSigner>(link_key);
  ASSIGN_OR_RETURN(developers_, Developers::open(config_, {.disk = disk_,
                                                           .store = *store_,
                                                           .bodies = *bodies_,
                                                           .changes = *changes_,
                                                           .clock = clock_,
                                                           .public_url = public_url(),
                                                           .link_key = link_key}));
  ready_signer_ = signer_.get();
  open_store_ = store_.get();
  // On a full disk the snapshot of the last run holds until there is space.
  Status published = admin_->publish_admission();
  if (!published)
    log_warning("server", "tokens are as they were at the last stop: {}", published.message());
  digest::Options options;
  options.running_marker = config_.data_dir + "/digest.running";
  digest_ = std::make_unique<digest::Digest>(
      options, *journal_, *store_, handoff_, disk_, digest::Rules{&scrubber_, library_code()},
      [this](auto sightings, auto applied) {
        developers_->notify_new();
        changes_->publish_applied(sightings, applied);
      },
      clock_);
  RETURN_IF_ERROR(digest_->start());
  developers_->start();
  running_developers_ = developers_.get();
  keep_house();
  running_digest_ = digest_.get();
  refresh_library();  // rules may have changed since it was made
  return Status::ok();
}

// What commands change holds at once: nothing of it is remembered, and nobody goes on listening.
api::Admin::Followers ServerImpl::followers() {
  return {.admission =
              [this] {
                Status refreshed = access_.refresh(*store_);
                changes_->ask_again();
                return refreshed;
              },
          .account =
              [this](UserId user) {
                sessions_.forget(user);
                changes_->ask_again();
              },
          .link_key =
              [this](const std::string& key) {
                signer_->set_key(key);
                return developers_->set_link_key(key);
              }};
}

api::QuarantineParts ServerImpl::quarantine_parts() {
  return {.oldest_record = [this] { return journal_->health().first_sequence; },
          .retry = [this](const std::vector<uint64_t>& sequences)
              -> Result<std::vector<store::Retried>> {
            digest::Digest* digest = running_digest_;
            if (digest == nullptr) return {Code::kUnavailable, "the server is just starting"};
            return digest->retry(sequences);
          }};
}

// What was made is told, though intake learns of it a little later.
Result<std::string> ServerImpl::administer(std::string_view operation, std::string_view arguments) {
  if (open_store_ == nullptr) return {Code::kUnavailable, "the store is not open yet"};
  ASSIGN_OR_RETURN(auto outcome, admin_->call(operation, arguments));
  if (!outcome.status) log_warning("server", "{}: {}", operation, outcome.status.message());
  return std::move(outcome.reply);
}

// Now and then moves what intake counted into the store, takes over changed rules, and publishes the
// admission snapshot if that failed.
void ServerImpl::keep_house() {
  housekeeper_ = std::make_unique<Housekeeper>(
      kHousekeepingEvery, std::vector<std::function<void()>>{
                              [this] { admin_->retry_publishing(); },
                              [this] { store_refusals(); },
                              [this] { look_at_config(); },
                          });
}

void ServerImpl::store_refusals() {
  auto taken = intake_->refusals().take();
  if (taken.empty()) return;
  Status added = store_->add_refusals(rows_of(taken));
  if (added) return;
  log_warning("server", "counts of refused reports cannot be stored now: {}", added.message());
  intake_->refusals().restore(taken);
}

Status ServerImpl::listen_locally() {
  auto handler = api::local_handler(*admin_, [this](std::function<void()> job) {
    return pool_->try_run(api::Pool::Lane::kWork, std::move(job));
  });
  ASSIGN_OR_RETURN(local_, http::Server::listen(local_options(config_), std::move(handler)));
  local_->start();
  return Status::ok();
}

void ServerImpl::stop() {
  if (stopped_) return;
  stopped_ = true;
  if (digest_) digest_->end_retries();
  if (local_) local_->stop();
  if (changes_) changes_->stop();
  if (http_) http_->stop();
  if (pool_) pool_->stop();
  if (intake_) intake_->stop();
  if (journal_) journal_->stop();
  running_digest_ = nullptr;
  if (digest_) digest_->stop();
  running_developers_ = nullptr;
  if (developers_) developers_->stop();
  housekeeper_.reset();
  open_store_ = nullptr;
  if (store_) store_->stop();
}

api::SystemHealth ServerImpl::health() {
  Parts parts{*journal_,
              *intake_,
              handoff_,
              *http_,
              disk_,
              config_.data_dir,
              config_.retention.min_free_bytes,
              started_at_};
  api::SystemHealth all =
      gather_health(parts, open_store_, running_digest_, store_fault_.copy(), clock_.now());
  if (const Developers* developers = running_developers_) developers->fill(all);
  if (std::string fault = watch_.fault(); !fault.empty()) all.faults.push_back(std::move(fault));
  std::string notice = watch_.notice();
  if (!notice.empty()) all.notices.push_back(std::move(notice));
  return all;
}

std::vector<scm::PathRule> ServerImpl::path_mappings() const {
  std::vector<scm::PathRule> all;
  for (const blame::RepositoryOptions& repository : repository_options(config_)) {
    all.insert(all.end(), repository.path_rules.begin(), repository.path_rules.end());
  }
  return all;
}

digest::Library ServerImpl::library_code() {
  auto stored = store_->lines().rules({.all = true, .projects = {}});
  if (!stored) log_warning("server", "rules for library code cannot be read: {}", stored.message());
  return library_of(watch_.rules(), stored.value_or({}), path_mappings());
}

// One after another, so that the newest rules stay; those that were known, if they cannot be read.
void ServerImpl::refresh_library() {
  std::lock_guard guard(library_mutex_);
  digest::Digest* digest = running_digest_;
  if (digest == nullptr) return;
  auto stored = store_->lines().rules({.all = true, .projects = {}});
  if (!stored) return log_warning("server", "changed rules cannot be read: {}", stored.message());
  digest->set_library(library_of(watch_.rules(), *stored, path_mappings()));
}

void ServerImpl::look_at_config() {
  if (!watch_.look()) return;
  developers_->set_rules(watch_.rules());
  refresh_library();
}

Result<std::optional<std::string>> ServerImpl::welcome_url() {
  ASSIGN_OR_RETURN(auto users, store_->accounts().users());
  if (!users.empty()) return std::optional<std::string>();
  return std::optional(fmt::format("{}/welcome?link={}", public_url(), first_link_.issue()));
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
  const std::string& configured = config_.http.public_url;
  return configured == config_.local_url() ? url() : configured;
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
