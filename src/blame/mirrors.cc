#include "blame/mirrors.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "base/thread_name.h"

namespace flawless::blame {
namespace {

using State = scm::MirrorStatus::State;

constexpr int kLoggedStep = 25;  // percent
constexpr size_t kMostMissing = 100;  // each costs a git whenever something was pushed

// Logs a clone's progress in a few steps per phase; a fetch's is not worth a line.
std::function<void(std::string_view, int)> progress_log(
    const std::string& name, std::shared_ptr<const std::atomic<bool>> cloning) {
  return
      [name, cloning, phase = std::string(), next = 0](std::string_view now, int percent) mutable {
        if (!*cloning) return;
        if (now != phase) {
          phase = now;
          next = 0;
        }
        if (percent < next) return;
        next = (percent / kLoggedStep + 1) * kLoggedStep;
        log_info("blame", "cloning {}: {} {} %", name, phase, percent);
      };
}

void sleep(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

std::string fault_of(const scm::MirrorStatus& mirror) {
  const bool ready = mirror.state == State::kReady;
  const std::string name = "repository " + mirror.name;
  if (mirror.silent >= kSilence) {
    const auto silent = std::chrono::duration_cast<std::chrono::seconds>(mirror.silent);
    return name + (ready ? " cannot be fetched" : " cannot be cloned") +
           ": its remote has said nothing for " + std::to_string(silent.count()) +
           " s; check that it can be reached from here";
  }
  if (!mirror.error.empty()) {
    return name + (ready ? " cannot be updated: " : " cannot be cloned: ") + mirror.error;
  }
  if (!mirror.no_tip.empty()) return name + ": " + mirror.no_tip;
  if (!mirror.shallow) return {};
  return name + " is a shallow clone: who wrote its older lines cannot be told; " +
         std::string(kMakeWhole);
}

void MissingReleases::note(std::string_view release, std::string_view project) {
  auto missing = missing_.lock();
  for (Missing& one : *missing) {
    if (one.release != release || one.project != project) continue;
    one.is_new = true;
    return;
  }
  if (missing->size() >= kMostMissing) missing->erase(missing->begin());
  missing->push_back({std::string(release), std::string(project)});
}

std::vector<std::string> MissingReleases::take_arrived(scm::Mirror& mirror) {
  const uint64_t changes = mirror.status().changes;
  const bool changed = changes_.exchange(changes) != changes;
  std::vector<Missing> wanted;
  {
    auto missing = missing_.lock();
    for (Missing& one : *missing) {
      if (std::exchange(one.is_new, false) || changed) wanted.push_back(one);
    }
  }
  std::vector<std::string> projects;
  for (const Missing& one : wanted) {
    if (!mirror.resolve(one.release)) continue;
    std::erase_if(*missing_.lock(), [&](const Missing& other) {
      return other.release == one.release && other.project == one.project;
    });
    projects.push_back(one.project);
  }
  std::sort(projects.begin(), projects.end());
  projects.erase(std::unique(projects.begin(), projects.end()), projects.end());
  return projects;
}

std::unique_ptr<Mirrors> Mirrors::none() { return std::unique_ptr<Mirrors>(new Mirrors()); }

Result<std::unique_ptr<Mirrors>> Mirrors::open(const scm::Git& git,
                                               std::vector<RepositoryOptions> repositories,
                                               const Clock& clock) {
  std::unique_ptr<Mirrors> mirrors(new Mirrors());
  for (RepositoryOptions& options : repositories) {
    const std::string& name = options.mirror.name;
    for (const auto& other : mirrors->repositories_) {
      if (lower_case(other->name()) != lower_case(name)) continue;
      return Status(Code::kInvalid, "there are two repositories " + name);
    }
    auto cloning = std::make_shared<std::atomic<bool>>(true);
    options.mirror.on_progress = progress_log(name, cloning);
    ASSIGN_OR_RETURN(auto mirror, scm::Mirror::open(git, options.mirror, clock));
    *cloning = mirror->status().state != State::kReady;
    mirrors->repositories_.push_back(
        std::make_unique<Repository>(std::move(options), std::move(mirror), std::move(cloning)));
  }
  return mirrors;
}

Mirrors::~Mirrors() { stop(); }

void Mirrors::start(OnMoreKnown on_more_known) {
  on_more_known_ = std::move(on_more_known);
  for (const auto& repository : repositories_) {
    threads_.emplace_back([this, &one = *repository](const std::stop_token& stop) {
      name_this_thread("mirror");
      keep_updated(one, stop);
    });
  }
}

void Mirrors::stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

void Mirrors::keep_updated(Repository& repository, const std::stop_token& stop) {
  std::string last_error;
  bool was_shallow = repository.mirror->status().shallow;
  while (!stop.stop_requested()) {
    const Status updated = repository.mirror->update(stop);
    if (stop.stop_requested()) return;
    if (!updated && updated.message() != last_error) {
      log_warning("blame", "repository {}: {}", repository.name(), updated.message());
    }
    last_error = updated.message();
    tell_what_is_new(repository, was_shallow);
    was_shallow = repository.mirror->status().shallow;
    sleep(repository.options.fetch_every, stop);
  }
}

void Mirrors::tell_what_is_new(Repository& repository, bool was_shallow) const {
  const scm::MirrorStatus mirror = repository.mirror->status();
  if (mirror.state != State::kReady) return;
  const bool cloned = repository.cloning->exchange(false);
  if (cloned) log_info("blame", "repository {} is cloned", repository.name());
  const auto arrived = repository.missing.take_arrived(*repository.mirror);
  if (!on_more_known_) return;
  if (cloned || (was_shallow && !mirror.shallow)) {
    on_more_known_(repository.options.projects);
  } else if (!arrived.empty()) {
    on_more_known_(arrived);
  }
}

std::vector<Repository*> Mirrors::of_project(std::string_view name) const {
  std::vector<Repository*> found;
  const std::string wanted = lower_case(name);
  for (const auto& repository : repositories_) {
    const auto& projects = repository->options.projects;
    const bool holds = projects.empty() ||
                       std::any_of(projects.begin(), projects.end(), [&](const std::string& one) {
                         return lower_case(one) == wanted;
                       });
    if (holds) found.push_back(repository.get());
  }
  return found;
}

std::vector<scm::MirrorStatus> Mirrors::status() const {
  std::vector<scm::MirrorStatus> all;
  for (const auto& repository : repositories_) all.push_back(repository->mirror->status());
  return all;
}

}  // namespace flawless::blame
