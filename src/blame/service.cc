#include "blame/service.h"

#include <algorithm>
#include <exception>

#include "base/log.h"
#include "base/thread_name.h"

namespace flawless::blame {
namespace {

// Decisions that were put off come due by the clock only.
constexpr std::chrono::milliseconds kLookEvery{500};

}  // namespace

Service::Service(Options options, const Parts& parts, OnConcluded on_concluded)
    : options_(std::move(options)),
      parts_(parts),
      on_concluded_(std::move(on_concluded)),
      decider_(options_, {parts.store, parts.mirrors, parts.bodies, parts.clock}) {}

Service::~Service() { stop(); }

void Service::start() {
  parts_.mirrors.start(
      [this](const std::vector<std::string>& projects) { on_more_known(projects); });
  for (int i = 0; i < options_.workers; ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) {
      name_this_thread("blame");
      work(stop);
    });
  }
}

void Service::stop() {
  for (std::jthread& worker : workers_) worker.request_stop();
  workers_.clear();
  parts_.mirrors.stop();
}

void Service::notify_new() {
  {
    std::lock_guard guard(mutex_);
    ++notified_;
  }
  wake_.notify_one();
}

void Service::work(const std::stop_token& stop) {
  uint64_t seen = 0;
  while (!stop.stop_requested()) {
    {
      std::lock_guard guard(mutex_);
      seen = notified_;
    }
    if (const auto decision = take()) {
      try_to_decide(*decision, stop);
      give_back(decision->project);
      continue;
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, kLookEvery, [&] { return notified_ != seen; });
  }
}

std::optional<store::Decision> Service::take() {
  std::lock_guard guard(taking_);
  auto decision = parts_.store.lines().next_decision(busy_.copy(), parts_.clock.now());
  if (!decision) {
    note_error(decision.message());
    return std::nullopt;
  }
  if (decision->has_value()) busy_.lock()->push_back((*decision)->project);
  return std::move(*decision);
}

void Service::give_back(ProjectId project) {
  std::erase(*busy_.lock(), project);
  notify_new();  // its next one can be taken, by whoever is free
}

// What somebody's report or repository makes a library throw must not end the process: it would
// again after every start.
void Service::try_to_decide(const store::Decision& decision, const std::stop_token& stop) {
  try {
    decide(decision, stop);
  } catch (const std::exception& error) {
    fail(decision, error.what(), stop);
  }
}

void Service::fail(const store::Decision& decision, const std::string& why,
                   const std::stop_token& stop) {
  ++failed_;
  note_error(why);
  // If not even that can be stored, the pause below keeps this from going round and round.
  (void)parts_.store.lines().postpone(decision.id, parts_.clock.now() + options_.retry_after);
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, stop, kLookEvery, [] { return false; });
}

void Service::decide(const store::Decision& decision, const std::stop_token& stop) {
  const auto decided = decider_.decide(decision, stop);
  if (!decided) return fail(decision, decided.message(), stop);
  if (!decided->concluded) {
    ++put_off_;
    return;
  }
  last_error_.lock()->clear();
  ++decided_;
  if (decided->mailed) ++mailed_;
  if (decided->third_party) ++third_party_;
  if (decided->nobody_to_tell) ++nobody_to_tell_;
  if (on_concluded_) {
    on_concluded_({decision.project, decision.item, decision.item_number, decided->line,
                   decided->developer, decided->mailed});
  }
}

void Service::note_error(const std::string& message) {
  auto last = last_error_.lock();
  if (*last != message) log_error("blame", "a decision cannot be made now: {}", message);
  *last = message;
}

// Lines that were seen before the repository could be read, or before it had their release: they
// get their authors.
void Service::on_more_known(const std::vector<std::string>& projects) {
  const auto again = [&](ProjectId project) {
    const Status queued = parts_.store.lines().decide_again(project, parts_.clock.now());
    if (!queued) note_error(queued.message());
  };
  if (projects.empty()) again({});
  const auto all = parts_.store.projects({.all = true, .projects = {}});
  for (const store::Project& project : all.value_or({})) {
    for (const std::string& name : projects) {
      if (lower_case(name) == lower_case(project.name)) again(project.id);
    }
  }
  notify_new();
}

Health Service::health() const {
  Health health;
  health.waiting = parts_.store.lines().decisions_waiting().value_or(0);
  health.decided = decided_;
  health.put_off = put_off_;
  health.failed = failed_;
  health.mailed = mailed_;
  health.third_party = third_party_;
  health.nobody_to_tell = nobody_to_tell_;
  health.last_error = last_error_.copy();
  health.mirrors = parts_.mirrors.status();
  for (const scm::MirrorStatus& mirror : health.mirrors) {
    std::string fault = fault_of(mirror);
    if (!fault.empty()) health.mirror_faults.push_back(std::move(fault));
  }
  return health;
}

}  // namespace flawless::blame
