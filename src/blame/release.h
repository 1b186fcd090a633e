// Which commit of a repository stands for a report's release.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/locked.h"
#include "base/time.h"
#include "blame/mirrors.h"
#include "scm/turn.h"

namespace flawless::blame {

// A repository at the commit that is to be read.
struct Revision {
  Repository* repository = nullptr;
  std::string commit;
  bool at_release = false;  // the report's release; else a tip: what was deployed may be older
  bool by_full_id = false;  // the release holds the commit's whole id: it is of this repository
  bool of_branch = false;   // the tip is that of the branch which the release names
};

struct Revisions {
  // When set, nothing is decided yet: ask again after this long.
  std::optional<std::chrono::milliseconds> later;
  std::vector<Revision> usable;
  std::string problem;  // why a release, or a tip, could not be had
  bool missing = false;  // the release may come yet; what is decided is without it

  [[nodiscard]] bool know_release() const;

  // Of a repository that cannot be read: "repository shop is being cloned"; empty: there is none.
  std::string absent;
  // When set, it is worth asking again after this long, but only for a file that lies in none of
  // the usable ones: what can be decided without that repository does not wait for it. A report
  // without a release, or with one that none of them knows, may be that repository's: while it is
  // being cloned, see `later`.
  std::optional<std::chrono::milliseconds> absent_later;
};

// How long a decision has waited since it was queued, and how often it was put off. The first time
// it has a right to one fetch, however long nobody looked at it.
struct Waited {
  std::chrono::milliseconds time{0};
  int times = 0;
};

// Remembers releases that nobody knows: none is waited for longer than once, and only a few at a
// time, since reports may name any number. Any thread.
class ReleaseFinder {
 public:
  explicit ReleaseFinder(const Options& options) : options_(options) {}

  // Looks into those that can be read. Fetches, within bounds, when the release is in none of them.
  [[nodiscard]] Revisions find(std::span<Repository* const> repositories, std::string_view release,
                               const Waited& waited, const std::stop_token& stop);

 private:
  struct Search;
  [[nodiscard]] Search look_for(std::span<Repository* const> repositories, std::string_view release,
                                const Waited& waited, const std::stop_token& stop);
  // Whether it may soon be there.
  bool note_absent(const Repository& one, const Waited& waited, Revisions& result) const;
  [[nodiscard]] bool may_wait(const std::string& name);
  void give_up(const std::string& name);

  struct Unknown {
    std::chrono::steady_clock::time_point since;
    bool given_up = false;
  };
  const Options& options_;
  scm::Turn fetching_;  // one at a time, lest remotes that hang take all the workers
  Locked<std::map<std::string, Unknown>> unknown_;  // by release and repositories
};

}  // namespace flawless::blame
