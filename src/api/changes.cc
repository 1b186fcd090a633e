#include "api/changes.h"

#include <algorithm>
#include <utility>

#include "api/reply.h"
#include "api/v2/rows.h"
#include "base/json_writer.h"
#include "base/thread_name.h"

namespace flawless::api {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Where the item was seen last.
std::string newest_environment(const store::Item& item) {
  const auto newest =
      std::max_element(item.environments.begin(), item.environments.end(),
                       [](const auto& a, const auto& b) { return a.last_seen < b.last_seen; });
  return newest == item.environments.end() ? std::string() : newest->name;
}

std::string event_text(const Change& change, const store::Item& item) {
  JsonWriter json;
  json.object().field("kind", change_name(change.kind));
  json.field("project", item.project.v).field("number", item.number);
  json.field("title", item.title).field("level", level_name(item.level));
  json.field("status", store::status_name(item.status));
  json.field("environment",
             change.environment.empty() ? newest_environment(item) : change.environment);
  json.field("culprit", item.culprit).field("count", item.count);
  write_time(json, "last_seen", item.last_seen);
  json.field("developer", item.developer).end();
  return "event: item\ndata: " + json.take() + "\n\n";
}

Change::Kind kind_of(const store::Applied& applied) {
  if (applied.new_item) return Change::Kind::kNew;
  if (applied.reopened) return Change::Kind::kReopened;
  return applied.new_in_environment ? Change::Kind::kNewInEnvironment : Change::Kind::kCounted;
}

}  // namespace

std::string_view change_name(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::kNew:
      return "new";
    case Change::Kind::kReopened:
      return "reopened";
    case Change::Kind::kNewInEnvironment:
      return "new_in_environment";
    case Change::Kind::kCounted:
      return "counted";
    case Change::Kind::kBlamed:
      return "blamed";
    case Change::Kind::kMailed:
      return "mailed";
    case Change::Kind::kStatus:
      return "status";
  }
  return "counted";
}

Changes::Changes(ItemSource items, const Clock& clock, const ChangesOptions& options)
    : items_(std::move(items)), clock_(clock), options_(options) {}

Changes::~Changes() { stop(); }

// Changes that cannot wait here any more go with the item's next count.
void Changes::put(Inbox& inbox, const Change& change) const {
  if (change.kind != Change::Kind::kCounted && inbox.urgent.size() < options_.most_waiting) {
    inbox.urgent.push_back(change);
    return;
  }
  if (inbox.counted.size() >= options_.most_waiting) return;
  if (!inbox.counted_keys.insert({change.project, change.item_number}).second) return;
  inbox.counted.push_back(change);
  inbox.counted.back().kind = Change::Kind::kCounted;
}

void Changes::publish(const Change& change) {
  if (open_ == 0) return;
  {
    std::lock_guard guard(mutex_);
    put(inbox_, change);
  }
  wake_.notify_one();
}

void Changes::publish_applied(std::span<const store::Sighting> sightings,
                              std::span<const store::Applied> applied) {
  if (open_ == 0) return;
  {
    std::lock_guard guard(mutex_);
    for (size_t i = 0; i < std::min(sightings.size(), applied.size()); ++i) {
      if (applied[i].duplicate) continue;
      const Key key{sightings[i].project, applied[i].item_number};
      const Change::Kind kind = kind_of(applied[i]);
      if (kind == Change::Kind::kCounted && inbox_.counted_keys.count(key) > 0) continue;
      put(inbox_, {kind, key.first, key.second, std::string(sightings[i].environment)});
    }
  }
  wake_.notify_one();
}

http::Response Changes::greeting() const {
  http::Response head;
  head.content_type = "text/event-stream; charset=utf-8";
  head.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  JsonWriter json;
  json.object();
  write_time(json, "time", clock_.now());
  json.end();
  head.body = "retry: 2000\nevent: hello\ndata: " + json.take() + "\n\n";
  return head;
}

void Changes::subscribe(Subscriber subscriber, http::Responder responder) {
  std::unique_lock lock(mutex_);
  if (inbox_.stopping || open_ >= options_.most_streams) {
    lock.unlock();
    http::Response busy = busy_reply("Too many live connections are open; try again later.");
    return responder.send(std::move(busy));
  }
  // Under the lock: whatever is published after the greeting reaches this stream.
  ++open_;
  inbox_.joining.push_back({std::move(subscriber), responder.stream(greeting())});
  if (!inbox_.running) {
    inbox_.running = true;
    thread_ = std::thread([this] { run(); });
  }
  lock.unlock();
  wake_.notify_one();
}

void Changes::ask_again() {
  if (open_ == 0) return;
  {
    std::lock_guard guard(mutex_);
    inbox_.asking = true;
  }
  wake_.notify_one();
}

void Changes::stop() {
  {
    std::lock_guard guard(mutex_);
    inbox_.stopping = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// Under the mutex.
bool Changes::anything_due() const {
  if (inbox_.stopping || inbox_.asking || !inbox_.urgent.empty() || !inbox_.joining.empty()) {
    return true;
  }
  return !inbox_.counted.empty() && SteadyClock::now() >= next_counted_;
}

// Waits for something to do; takes it out.
std::vector<Change> Changes::take(std::vector<Stream>& streams) {
  std::unique_lock lock(mutex_);
  while (!anything_due() && SteadyClock::now() < next_ping_) {
    const auto until = inbox_.counted.empty() ? next_ping_ : std::min(next_ping_, next_counted_);
    wake_.wait_until(lock, until);
  }
  for (Stream& stream : inbox_.joining) streams.push_back(std::move(stream));
  inbox_.joining.clear();
  if (std::exchange(inbox_.asking, false)) next_ping_ = SteadyClock::now();
  std::vector<Change> changes(inbox_.urgent.begin(), inbox_.urgent.end());
  inbox_.urgent.clear();
  if (inbox_.counted.empty() || SteadyClock::now() < next_counted_) return changes;
  next_counted_ = SteadyClock::now() + options_.counted_every;
  for (size_t i = 0; i < options_.counted_at_once && !inbox_.counted.empty(); ++i) {
    Change& change = inbox_.counted.front();
    inbox_.counted_keys.erase({change.project, change.item_number});
    changes.push_back(std::move(change));
    inbox_.counted.pop_front();
  }
  return changes;
}

void Changes::run() {
  name_this_thread("changes");
  std::vector<Stream> streams;
  next_ping_ = SteadyClock::now() + options_.ping_every;
  for (;;) {
    const std::vector<Change> changes = take(streams);
    {
      std::lock_guard guard(mutex_);
      if (inbox_.stopping) break;
    }
    if (SteadyClock::now() >= next_ping_) ping(streams);
    forget_gone(streams);
    for (const Change& change : changes) send(change, streams);
    forget_gone(streams);
  }
  open_ = 0;
}

void Changes::send(const Change& change, std::vector<Stream>& streams) {
  const bool wanted = std::any_of(streams.begin(), streams.end(), [&](const Stream& stream) {
    return stream.to.visible.includes(change.project) &&
           (!stream.to.project || stream.to.project == change.project);
  });
  if (!wanted) return;
  auto item = items_(change.project, change.item_number);
  if (item) write_to_all(streams, event_text(change, *item), change.project);
}

void Changes::write_to_all(std::vector<Stream>& streams, const std::string& text,
                           ProjectId project) {
  for (Stream& stream : streams) {
    if (!stream.to.visible.includes(project)) continue;
    if (stream.to.project && stream.to.project != project) continue;
    if (!stream.stream.write(text)) stream.gone = true;
  }
}

void Changes::ping(std::vector<Stream>& streams) {
  next_ping_ = SteadyClock::now() + options_.ping_every;
  for (Stream& stream : streams) {
    const bool ended = stream.to.alive && !stream.to.alive();
    if (ended || !stream.stream.write("event: ping\ndata: {}\n\n")) stream.gone = true;
  }
}

// Dropping the stream ends the answer.
void Changes::forget_gone(std::vector<Stream>& streams) {
  open_ -= std::erase_if(streams, [](const Stream& stream) { return stream.gone; });
}

}  // namespace flawless::api
