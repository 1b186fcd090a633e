#include "server/developers.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "scm/git.h"
#include "server/config_blame.h"

namespace flawless::server {
namespace {

using Change = api::Change;

constexpr std::chrono::seconds kHandingOver{2};

notify::SmtpOptions::Tls tls_of(std::string_view name) {
  if (name == "none") return notify::SmtpOptions::Tls::kNone;
  return name == "tls" ? notify::SmtpOptions::Tls::kImplicit : notify::SmtpOptions::Tls::kStartTls;
}

notify::Options mail_options(const Config& config, const Developers::Parts& parts) {
  notify::Options options;
  options.smtp.host = config.mail.smtp_host;
  options.smtp.port = static_cast<int>(config.mail.smtp_port);
  options.smtp.user = config.mail.smtp_user;
  options.smtp.password = config.mail.smtp_password;
  options.smtp.tls = tls_of(config.mail.smtp_tls);
  options.smtp.ca_file = config.mail.smtp_ca_file;
  options.from = config.mail.from;
  options.default_contact = config.mail.default_contact;
  options.pace = {.at_once = static_cast<size_t>(config.mail.at_once),
                  .window = config.mail.roll_up_every};
  options.public_url = parts.public_url;
  return options;
}

Result<std::unique_ptr<blame::Mirrors>> open_mirrors(
    const std::vector<blame::RepositoryOptions>& repositories, const Developers::Parts& parts) {
  if (repositories.empty()) return blame::Mirrors::none();
  scm::Git::Options options;
  options.home = os::directory_of(repositories.front().mirror.directory) + "/git";
  ASSIGN_OR_RETURN(const scm::Git git, scm::Git::prepare(parts.disk, options));
  return blame::Mirrors::open(git, repositories, parts.clock);
}

std::string state_of(const scm::MirrorStatus& mirror) {
  if (mirror.updating) return "updating";
  if (!mirror.error.empty() || !mirror.no_tip.empty()) return "failed";
  return mirror.state == scm::MirrorStatus::State::kReady ? "ready" : "absent";
}

void fill_blame(const blame::Health& from, api::SystemHealth& health) {
  health.blame = {.waiting = from.waiting,
                  .decided = from.decided,
                  .failed = from.failed,
                  .ignored = from.third_party,
                  .last_error = from.last_error};
  health.faults.insert(health.faults.end(), from.mirror_faults.begin(), from.mirror_faults.end());
  if (from.nobody_to_tell > 0) {
    health.faults.push_back(
        fmt::format("the mails about {} lines had nobody to go to; set mail.default_contact",
                    from.nobody_to_tell));
  }
}

void fill_mail(const notify::Health& from, api::SystemHealth& health) {
  health.mail = {.configured = from.enabled,
                 .queued = from.queued,
                 .sending = from.sending,
                 .sent = from.sent,
                 .failed = from.failed,
                 .last_error = from.last_error,
                 .last_sent_at = from.last_sent_at,
                 .undeliverable = from.undeliverable};
  if (!from.fault.empty()) {
    health.faults.push_back(fmt::format("mail cannot be sent: {}", from.fault));
  }
}

}  // namespace

Result<std::unique_ptr<Developers>> Developers::open(const Config& config, const Parts& parts) {
  std::unique_ptr<Developers> made(new Developers(mail_options(config, parts), parts));
  made->options_ = repository_options(config);
  ASSIGN_OR_RETURN(made->mirrors_, open_mirrors(made->options_, parts));
  api::Changes& changes = parts.changes;
  ASSIGN_OR_RETURN(*made->mailer_.lock(), made->make_mailer(parts.link_key));
  made->blame_ = std::make_unique<blame::Service>(
      blame_options(config),
      blame::Service::Parts{parts.store, *made->mirrors_, parts.bodies, parts.clock},
      [self = made.get(), &changes](const blame::Concluded& what) {
        self->concluded(changes, what);
      });
  return made;
}

Result<std::shared_ptr<notify::Service>> Developers::make_mailer(const std::string& link_key) {
  notify::Options options = mail_;
  options.link_key = link_key;
  ASSIGN_OR_RETURN(std::shared_ptr<notify::Service> made,
                   notify::Service::create(
                       options, parts_.store, parts_.bodies, parts_.clock,
                       [&changes = parts_.changes](ProjectId project, int64_t item, const auto&) {
                         changes.publish({Change::Kind::kMailed, project, item, {}});
                       }));
  return made;
}

Developers::~Developers() { stop(); }

void Developers::start() {
  mailer_.copy()->start();
  blame_->start();
}

// Blame first: what it puts into the outbox meanwhile is sent after the next start.
void Developers::stop() {
  if (blame_) blame_->stop();
  if (replacing_.valid()) replacing_.wait();
  if (const auto mailer = mailer_.copy()) mailer->stop();
}

// A mailer keeps its key for life, so another takes its place; what must outlast it is in the
// outbox.
Status Developers::set_link_key(const std::string& key) {
  ASSIGN_OR_RETURN(auto next, make_mailer(key));
  const auto last = std::exchange(*mailer_.lock(), next);
  auto replace = [before = std::move(replacing_), last, next] {
    if (before.valid()) before.wait();
    last->stop();
    next->start();
  };
  replacing_ = std::async(std::launch::async, std::move(replace));
  (void)replacing_.wait_for(kHandingOver);
  return Status::ok();
}

void Developers::notify_new() { blame_->notify_new(); }

void Developers::concluded(api::Changes& changes, const blame::Concluded& what) {
  if (what.mailed) mailer_.copy()->wake();
  changes.publish({Change::Kind::kBlamed, what.project, what.item_number, {}});
}

void Developers::fill(api::SystemHealth& health) const {
  fill_blame(blame_->health(), health);
  auto of_mail = mailer_.copy()->health();
  if (of_mail) fill_mail(*of_mail, health);
}

std::vector<api::RepositoryStatus> Developers::repositories() const {
  std::vector<api::RepositoryStatus> rows;
  for (const scm::MirrorStatus& mirror : mirrors_->status()) {
    api::RepositoryStatus& row = rows.emplace_back();
    row.name = mirror.name;
    row.url = scm::hide_queries(mirror.url);
    row.state = state_of(mirror);
    row.progress = mirror.progress;
    row.tip = mirror.tip;
    row.last_success = mirror.last_success;
    row.error = mirror.error.empty() ? mirror.no_tip : mirror.error;
    for (const blame::RepositoryOptions& options : options_) {
      if (options.mirror.name == mirror.name) row.projects = options.projects;
    }
  }
  return rows;
}

}  // namespace flawless::server
