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

namespace flawless::blame {

// A repository at the commit that is to be read.
struct Revision {
  Repository* repository = nullptr;
  std::string commit;
  bool at_release = false;  // the report's release; else the tip
};

struct Revisions {
  // When set, nothing is decided yet: ask again after this long.
  std::optional<std::chrono::milliseconds> later;
  std::vector<Revision> usable;  // empty: see problem
  std::string problem;           // why a release, or a repository, could not be had
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

  // Fetches, within bounds, when the release is in none of the mirrors.
  [[nodiscard]] Revisions find(std::span<Repository* const> repositories, std::string_view release,
                               const Waited& waited, const std::stop_token& stop);

 private:
  struct Search;
  [[nodiscard]] Search look_for(std::span<Repository* const> repositories, std::string_view release,
                                const Waited& waited, const std::stop_token& stop);
  [[nodiscard]] bool may_wait(const std::string& name);
  void give_up(const std::string& name);

  struct Unknown {
    std::chrono::steady_clock::time_point since;
    bool given_up = false;
  };
  const Options& options_;
  Locked<std::map<std::string, Unknown>> unknown_;  // by release and repositories
};

}  // namespace flawless::blame
