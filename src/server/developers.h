// From a failing line to its developer: mirrors of the repositories, the blame service and the
// mailer, put together.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/changes.h"
#include "api/health.h"
#include "api/mount.h"
#include "base/locked.h"
#include "base/result.h"
#include "blame/service.h"
#include "body/bodies.h"
#include "notify/service.h"
#include "os/file.h"
#include "server/config.h"

namespace flawless::server {

// Life cycle: open(), start(), stop(). Everything in Parts outlives it.
class Developers {
 public:
  struct Parts {
    os::Disk& disk;
    store::Store& store;
    const body::Bodies& bodies;
    api::Changes& changes;
    const Clock& clock;
    std::string public_url;
    std::string link_key;
  };
  // kNotFound: repositories are configured and git is not installed; kInvalid: an address or a
  // repository of the configuration is unusable.
  [[nodiscard]] static Result<std::unique_ptr<Developers>> open(const Config& config,
                                                                const Parts& parts);
  ~Developers();

  void start();
  void stop();  // idempotent

  // Signs the links of mails that are made from then on. Between start() and stop(), one call at a
  // time. Waits a moment for a mail that is being handed over; if that takes longer, sending goes
  // on by itself afterwards.
  [[nodiscard]] Status set_link_key(const std::string& key);

  // The configuration's rules for code from now on. Any thread.
  void set_rules(std::vector<store::Rule> rules) { blame_->set_rules(std::move(rules)); }

  // There may be new decisions. Any thread; cheap.
  void notify_new();

  // Any thread.
  void fill(api::SystemHealth& health) const;
  [[nodiscard]] std::vector<api::RepositoryStatus> repositories() const;

 private:
  Developers(notify::Options mail, const Parts& parts) : parts_(parts), mail_(std::move(mail)) {}
  [[nodiscard]] Result<std::shared_ptr<notify::Service>> make_mailer(const std::string& link_key);
  void concluded(api::Changes& changes, const blame::Concluded& what);

  const Parts parts_;
  const notify::Options mail_;
  std::vector<blame::RepositoryOptions> options_;
  std::unique_ptr<blame::Mirrors> mirrors_;
  Locked<std::shared_ptr<notify::Service>> mailer_;
  std::future<void> replacing_;  // the last mailer by this one; it may hang on a mail server
  std::unique_ptr<blame::Service> blame_;
};

}  // namespace flawless::server
