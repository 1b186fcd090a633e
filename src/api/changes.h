// Changes: what happens to items, pushed to whoever looks at them (GET /api/2/events).
//
// Told by digestion, blame, mail and the status routes; sent as server-sent events to every stream
// that may see the project. An event names what happened and carries the item as it is when it is
// sent. Nothing is remembered: a client that was away asks for the list again.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "http/server.h"
#include "store/types.h"

namespace flawless::api {

struct Change {
  enum class Kind : uint8_t {
    kNew,
    kReopened,
    kNewInEnvironment,
    kCounted,  // seen once more: at most one event per item and second
    kBlamed,
    kMailed,
    kStatus
  };
  Kind kind = Kind::kCounted;
  ProjectId project;
  int64_t item_number = 0;
  std::string environment;  // where it was seen; empty: the item's newest
};
[[nodiscard]] std::string_view change_name(Change::Kind kind);  // "new" "reopened" …

struct ChangesOptions {
  size_t most_streams = 200;
  size_t most_waiting = 2'000;  // changes of each sort; over it they are dropped
  size_t counted_at_once = 100;
  std::chrono::milliseconds counted_every{1'000};
  std::chrono::milliseconds ping_every{15'000};
};

// Thread-safe. One thread of its own reads the items and writes to the streams; it runs from the
// first stream on. A reader that is too slow is cut off by its connection.
class Changes {
 public:
  using ItemSource = std::function<Result<store::Item>(ProjectId project, int64_t number)>;

  Changes(ItemSource items, const Clock& clock, const ChangesOptions& options = {});
  ~Changes();
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;

  // Never waits for disk or network. Free while nobody listens.
  void publish(const Change& change);
  // A batch that digestion has applied: one Applied per sighting.
  void publish_applied(std::span<const store::Sighting> sightings,
                       std::span<const store::Applied> applied);

  struct Subscriber {
    store::Visible visible;
    ProjectId project;            // none: all that are visible
    std::function<bool()> alive;  // asked at every ping; false ends the stream. May wait.
  };
  // Begins the stream; 503 when there are too many, or after stop().
  void subscribe(Subscriber subscriber, http::Responder responder);
  // Asks all subscribers now whether they are still alive, before anything else is sent.
  void ask_again();
  // Ends all streams and joins the thread. Idempotent. To be called before the HTTP server stops,
  // which waits for requests that run.
  void stop();

  [[nodiscard]] size_t streams() const { return open_; }

 private:
  using Key = std::pair<ProjectId, int64_t>;
  struct Stream {
    Subscriber to;
    http::Responder::Stream stream;
    bool gone = false;
  };
  struct Inbox {  // what the thread takes when it wakes
    std::vector<Stream> joining;
    std::deque<Change> urgent;
    std::deque<Change> counted;
    std::set<Key> counted_keys;
    bool asking = false;
    bool stopping = false;
    bool running = false;
  };

  void put(Inbox& inbox, const Change& change) const;
  void run();
  [[nodiscard]] std::vector<Change> take(std::vector<Stream>& streams);
  [[nodiscard]] bool anything_due() const;
  void send(const Change& change, std::vector<Stream>& streams);
  static void write_to_all(std::vector<Stream>& streams, const std::string& text,
                           ProjectId project);
  void ping(std::vector<Stream>& streams);
  void forget_gone(std::vector<Stream>& streams);
  [[nodiscard]] http::Response greeting() const;

  const ItemSource items_;
  const Clock& clock_;
  const ChangesOptions options_;
  std::atomic<size_t> open_{0};

  std::mutex mutex_;
  std::condition_variable wake_;
  Inbox inbox_;                                                         // guarded by mutex_
  std::chrono::steady_clock::time_point next_counted_{}, next_ping_{};  // of the thread
  std::thread thread_;
};

}  // namespace flawless::api
