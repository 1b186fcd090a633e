#include "blame/release.h"

#include <algorithm>

#include "scm/revision.h"

namespace flawless::blame {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;
using State = scm::MirrorStatus::State;

constexpr milliseconds kAskAgain{1000};
constexpr milliseconds kHangs{2000};  // a fetch under way that is silent for so long
constexpr std::chrono::minutes kGivenUpFor{10}, kWaitedForAtMost{60};
constexpr int kMostWaitedFor = 20;
constexpr size_t kMostRemembered = 1000;

bool is_ready(const Repository* repository) {
  return repository->mirror->status().state == State::kReady;
}

Revision revision_of(Repository& repository, const scm::NamedCommit& named,
                     std::string_view release) {
  return {.repository = &repository,
          .commit = named.id,
          .at_release = !named.is_branch,
          .by_full_id = lower_case(release).find(named.id) != std::string::npos,
          .of_branch = named.is_branch};
}

// Whether the commit may be there a little later.
bool may_come(const Status& answer, std::string_view release) {
  switch (answer.code()) {
    case Code::kExhausted:
    case Code::kUnavailable:
      return true;
    case Code::kNotFound:
      // Deployed before it was pushed; a name that the remote does not know is no revision.
      return scm::is_hex_revision(release);
    default:
      return false;
  }
}

}  // namespace

bool Revisions::know_release() const {
  return std::any_of(usable.begin(), usable.end(),
                     [](const Revision& revision) { return revision.at_release; });
}

struct ReleaseFinder::Search {
  std::vector<Revision> found;
  std::optional<milliseconds> later;
  std::string problem;
};

bool ReleaseFinder::may_wait(const std::string& name) {
  const auto now = Steady::now();
  auto unknown = unknown_.lock();
  std::erase_if(*unknown, [&](const auto& entry) {
    return now - entry.second.since > (entry.second.given_up ? kGivenUpFor : kWaitedForAtMost);
  });
  if (const auto found = unknown->find(name); found != unknown->end()) {
    return !found->second.given_up;
  }
  const auto waiting = std::count_if(unknown->begin(), unknown->end(),
                                     [](const auto& entry) { return !entry.second.given_up; });
  if (waiting >= kMostWaitedFor) return false;
  unknown->insert({name, {now, false}});
  return true;
}

void ReleaseFinder::give_up(const std::string& name) {
  auto unknown = unknown_.lock();
  if (unknown->size() >= kMostRemembered) unknown->clear();
  (*unknown)[name] = {Steady::now(), true};
}

ReleaseFinder::Search ReleaseFinder::look_for(std::span<Repository* const> repositories,
                                              std::string_view release, const Waited& waited,
                                              const std::stop_token& stop) {
  Search search;
  for (Repository* one : repositories) {
    if (const auto named = one->mirror->look_up(release)) {
      search.found.push_back(revision_of(*one, *named, release));
    }
  }
  if (!search.found.empty()) return search;
  std::string name(release);
  for (const Repository* one : repositories) name += '\n' + one->name();
  milliseconds left = options_.wait_for_release - waited.time;
  if (waited.times == 0) {
    left = std::max(left, std::min(options_.fetch_bound, options_.wait_for_release));
  }
  search.problem = "release " + std::string(release) + " is not in the repository";
  if (left <= milliseconds(0)) give_up(name);
  if (left <= milliseconds(0) || !may_wait(name)) return search;
  const scm::Turn::Held turn(fetching_, Steady::now(), stop);
  if (!turn) {
    search.later = std::min(kAskAgain, left);
    return search;
  }
  for (Repository* one : repositories) {
    if (one->mirror->status().silent >= kHangs) {
      search.later = kAskAgain;  // what it brings will be there then
      continue;
    }
    const auto bound = std::min(options_.fetch_bound, left);
    auto commit = one->mirror->resolve_fetching(release, bound, stop);
    const auto named = commit ? one->mirror->look_up(release) : commit.status();
    if (named) {
      search.found.push_back(revision_of(*one, *named, release));
      return search;
    }
    if (may_come(named.status(), release)) search.later = kAskAgain;
  }
  if (search.later) search.later = std::min(*search.later, left);
  if (!search.later) give_up(name);
  return search;
}

bool ReleaseFinder::note_absent(const Repository& one, const Waited& waited,
                                Revisions& result) const {
  const scm::MirrorStatus mirror = one.mirror->status();
  const bool failed = !mirror.error.empty() || mirror.silent >= kSilence;
  result.absent = "repository " + one.name() + (failed ? " cannot be cloned" : " is being cloned");
  if (waited.time < (failed ? options_.wait_for_release : options_.wait_for_clone)) {
    result.absent_later = kAskAgain;
  }
  return !failed && result.absent_later;
}

Revisions ReleaseFinder::find(std::span<Repository* const> repositories, std::string_view release,
                              const Waited& waited, const std::stop_token& stop) {
  Revisions result;
  std::vector<Repository*> ready;
  bool more_to_come = false;
  for (Repository* one : repositories) {
    if (is_ready(one)) {
      ready.push_back(one);
    } else if (note_absent(*one, waited, result)) {
      more_to_come = true;
    }
  }

  Search search;
  if (!ready.empty() && !scm::revision_candidates(release).empty()) {
    search = look_for(ready, release, waited, stop);
    if (search.found.empty()) result.problem = search.problem;
    result.missing = search.found.empty();
    result.later = search.later;
    if (result.later) return result;
  }
  for (Repository* one : ready) {
    const auto found =
        std::find_if(search.found.begin(), search.found.end(),
                     [&](const Revision& revision) { return revision.repository == one; });
    if (found != search.found.end()) {
      result.usable.push_back(*found);
    } else if (auto tip = one->mirror->tip()) {
      result.usable.push_back({.repository = one, .commit = *tip});
    } else {
      result.problem = tip.message();
    }
  }
  if (more_to_come && !result.know_release()) result.later = kAskAgain;
  return result;
}

}  // namespace flawless::blame
