// The mirrors of all configured repositories, kept up to date.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "blame/options.h"
#include "scm/blame.h"
#include "scm/file_list.h"
#include "scm/git.h"
#include "scm/mirror.h"

namespace flawless::blame {

// One repository, and what is read from it. Any thread.
struct Repository {
  Repository(RepositoryOptions its_options, std::unique_ptr<scm::Mirror> its_mirror,
             std::shared_ptr<std::atomic<bool>> is_cloning)
      : options(std::move(its_options)),
        mirror(std::move(its_mirror)),
        cloning(std::move(is_cloning)),
        files(*mirror),
        blamer(*mirror) {}

  [[nodiscard]] const std::string& name() const { return options.mirror.name; }

  const RepositoryOptions options;
  const std::unique_ptr<scm::Mirror> mirror;
  const std::shared_ptr<std::atomic<bool>> cloning;  // for the first time
  scm::FileLists files;
  scm::Blamer blamer;
};

// A remote that says nothing for this long while it is cloned or fetched is a fault.
inline constexpr std::chrono::seconds kSilence{30};

// What is wrong with a repository and what to do about it; empty when all is well. No secrets.
[[nodiscard]] std::string fault_of(const scm::MirrorStatus& mirror, Time now);

// Life cycle: open() looks at what is on disk; start() begins one thread per repository, which
// clones or fetches at once and then every `fetch_every`; stop() ends a git that runs and joins.
class Mirrors {
 public:
  // Called on a repository's thread when it can be read for the first time.
  using OnCloned = std::function<void(const RepositoryOptions&)>;

  // kInvalid: a name or an address is unusable, or a name is given twice (letter case aside).
  [[nodiscard]] static Result<std::unique_ptr<Mirrors>> open(
      const scm::Git& git, std::vector<RepositoryOptions> repositories, const Clock& clock);
  // Without a repository; needs no git.
  [[nodiscard]] static std::unique_ptr<Mirrors> none();
  ~Mirrors();

  void start(OnCloned on_cloned);
  void stop();  // idempotent

  // Those that may hold the project's code, in the order of the configuration; names are compared
  // letter case aside. They live as long as this.
  [[nodiscard]] std::vector<Repository*> of_project(std::string_view name) const;
  [[nodiscard]] std::vector<scm::MirrorStatus> status() const;

 private:
  Mirrors() = default;
  void keep_updated(Repository& repository, const std::stop_token& stop);

  std::vector<std::unique_ptr<Repository>> repositories_;
  OnCloned on_cloned_;
  std::vector<std::jthread> threads_;
};

}  // namespace flawless::blame
