// The mirrors of all configured repositories, kept up to date.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/locked.h"
#include "base/result.h"
#include "base/time.h"
#include "blame/options.h"
#include "scm/blame.h"
#include "scm/file_list.h"
#include "scm/git.h"
#include "scm/mirror.h"

namespace flawless::blame {

// Releases that reports named and a repository does not have, and whose reports: the newest of
// them. Any thread.
class MissingReleases {
 public:
  void note(std::string_view release, std::string_view project);
  // Forgets those that the mirror has by now and returns the projects, each once.
  [[nodiscard]] std::vector<std::string> take_arrived(scm::Mirror& mirror);

 private:
  struct Missing {
    std::string release, project;
    bool is_new = true;  // nobody has looked for it since
  };
  Locked<std::vector<Missing>> missing_;  // the oldest first
  std::atomic<uint64_t> changes_ = 0;     // of the mirror when they were looked for
};

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
  MissingReleases missing;
};

// A remote that says nothing for this long while it is cloned or fetched is a fault.
inline constexpr std::chrono::seconds kSilence{30};

// What to do about a shallow clone.
inline constexpr std::string_view kMakeWhole =
    "run 'git fetch --unshallow' there, or give the address of the whole repository in "
    "repository.url";

// What is wrong with a repository and what to do about it; empty when all is well. No secrets.
[[nodiscard]] std::string fault_of(const scm::MirrorStatus& mirror);

// Life cycle: open() looks at what is on disk; start() begins one thread per repository, which
// clones or fetches at once and then every `fetch_every`; stop() ends a git that runs and joins.
class Mirrors {
 public:
  // Called on a repository's thread with names of projects (none: all) about whose code more is
  // known: the repository can be read for the first time, it is shallow no longer, or a release has
  // come that was missing.
  using OnMoreKnown = std::function<void(const std::vector<std::string>& projects)>;

  // kInvalid: a name or an address is unusable, or a name is given twice (letter case aside).
  [[nodiscard]] static Result<std::unique_ptr<Mirrors>> open(
      const scm::Git& git, std::vector<RepositoryOptions> repositories, const Clock& clock);
  // Without a repository; needs no git.
  [[nodiscard]] static std::unique_ptr<Mirrors> none();
  ~Mirrors();

  void start(OnMoreKnown on_more_known);
  void stop();  // idempotent

  // Those that may hold the project's code, in the order of the configuration; names are compared
  // letter case aside. They live as long as this.
  [[nodiscard]] std::vector<Repository*> of_project(std::string_view name) const;
  [[nodiscard]] std::vector<scm::MirrorStatus> status() const;

 private:
  Mirrors() = default;
  void keep_updated(Repository& repository, const std::stop_token& stop);
  void tell_what_is_new(Repository& repository, bool was_shallow) const;

  std::vector<std::unique_ptr<Repository>> repositories_;
  OnMoreKnown on_more_known_;
  std::vector<std::jthread> threads_;
};

}  // namespace flawless::blame
