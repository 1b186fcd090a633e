// Decides about lines of code as they fail: who wrote them, and whether a mail is due.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/locked.h"
#include "base/result.h"
#include "blame/decider.h"

namespace flawless::blame {

struct Health {
  uint64_t waiting = 0;         // decisions that are queued
  uint64_t decided = 0;         // the rest: since start
  uint64_t put_off = 0;         // times a decision was put off: a release or a clone was waited for
  uint64_t failed = 0;          // times the store did not take one; tried again
  uint64_t mailed = 0;          // decisions that put a mail into the outbox
  uint64_t third_party = 0;     // lines that a rule for third-party code silenced
  uint64_t nobody_to_tell = 0;  // lines whose mail was due, but for which there is no address
  std::string last_error;       // empty when the last one went well
  std::vector<scm::MirrorStatus> mirrors;
  std::vector<std::string> mirror_faults;  // see fault_of()
};

// What became of a line, for those who watch.
struct Concluded {
  ProjectId project;
  ItemId item;
  int64_t item_number = 0;
  LineId line;
  std::string developer;  // empty: nobody was found
  bool mailed = false;
};

// Life cycle: start() begins the workers and the mirrors' threads; stop() ends a git that runs for
// a decision and joins. What is not concluded stays queued in the store, and is decided after the
// next start: nothing is lost and nothing is mailed twice, whenever the process ends.
//
// Threads: any may call. At most one decision of a project is made at a time; the others' go on.
class Service {
 public:
  using OnConcluded = std::function<void(const Concluded&)>;

  struct Parts {
    store::Store& store;
    Mirrors& mirrors;
    const body::Bodies& bodies;
    const Clock& clock;
  };
  // `on_concluded`, which may be empty, is called on a worker after what it tells is durable.
  Service(Options options, const Parts& parts, OnConcluded on_concluded);
  ~Service();

  void start();
  void stop();        // idempotent
  void notify_new();  // there may be decisions; quick, never waits

  // The rules of the configuration from now on. Any thread.
  void set_rules(std::vector<store::Rule> rules) { decider_.set_rules(std::move(rules)); }

  [[nodiscard]] Health health() const;

 private:
  void work(const std::stop_token& stop);
  [[nodiscard]] std::optional<store::Decision> take();
  void try_to_decide(const store::Decision& decision, const std::stop_token& stop);
  void decide(const store::Decision& decision, const std::stop_token& stop);
  void fail(const store::Decision& decision, const std::string& why, const std::stop_token& stop);
  void give_back(ProjectId project);
  void note_error(const std::string& message);
  void on_more_known(const std::vector<std::string>& projects);

  const Options options_;
  const Parts parts_;
  const OnConcluded on_concluded_;
  Decider decider_;

  std::mutex taking_;  // so that two never take the same one; held while the store is asked
  Locked<std::vector<ProjectId>> busy_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  uint64_t notified_ = 0;  // under mutex_

  std::atomic<uint64_t> decided_{0}, put_off_{0}, failed_{0}, mailed_{0}, third_party_{0},
      nobody_to_tell_{0};
  Locked<std::string> last_error_;
  std::vector<std::jthread> workers_;
};

}  // namespace flawless::blame
