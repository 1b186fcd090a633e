// The server: builds the object graph from a configuration, starts and stops it.
//
// Order of start: lock the data directory, admission and journal, listen and accept reports, then
// open (and migrate) the store, then digest and serve the API. Stop goes the other way: what was
// acknowledged is on disk at every moment.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "server/config.h"

namespace flawless::server {

class Server {
 public:
  virtual ~Server() = default;

  // Takes the data directory and the address; nothing is served yet. kConflict: another server has
  // the directory or the port. A port-less listener can be inherited from the service manager
  // (LISTEN_FDS, sd_listen_fds(3)).
  [[nodiscard]] static Result<std::unique_ptr<Server>> open(const Config& config);

  // Serves. Returns when the store is open and the API answers; reports are accepted from the
  // beginning.
  [[nodiscard]] virtual Status start() = 0;
  // Bounded: about five seconds for running requests, then what is queued is left to the journal.
  // Idempotent.
  virtual void stop() = 0;
  // What clients on this machine call: "http://127.0.0.1:8080".
  [[nodiscard]] virtual std::string url() const = 0;
  // While nobody has an account: where the first one is made. Each call voids the link before;
  // valid for an hour, in memory only. After start().
  [[nodiscard]] virtual Result<std::optional<std::string>> welcome_url() = 0;
};

}  // namespace flawless::server
