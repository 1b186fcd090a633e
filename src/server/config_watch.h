// flawless.cfg as it is edited while the server runs: its rules for code hold at once, all else
// from the next start.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/locked.h"
#include "base/time.h"
#include "server/config.h"
#include "store/lines.h"

namespace flawless::server {

// look() is called every few seconds, by one thread; the others may be called by any.
class ConfigWatch {
 public:
  // `running` is what the server was started with.
  ConfigWatch(Config running, Environment environment);

  // Reads the file if it is another than the last time, by its inode, size and time of change. True
  // if the rules are others now. Those that were known stay as long as anything in the file is
  // wrong.
  bool look();

  [[nodiscard]] std::vector<store::Rule> rules() const { return rules_.copy(); }
  // For health: what is wrong in the file, and which keys wait for a restart. Empty if nothing;
  // they name no values.
  [[nodiscard]] std::string fault() const { return fault_.copy(); }
  [[nodiscard]] std::string notice() const { return notice_.copy(); }

 private:
  struct Version {
    uint64_t device = 0, inode = 0;
    int64_t size = 0, changed_ns = 0;
    bool operator==(const Version&) const = default;
  };
  [[nodiscard]] static std::optional<Version> version_of(const std::string& file);
  [[nodiscard]] bool is_another();
  bool take(const Config& fresh);
  void refuse(const std::string& errors);

  const Config running_;
  const Environment environment_;
  // Of look() alone.
  Config in_force_;  // as to the rules
  std::optional<Version> seen_;
  bool settled_ = false;  // what was read can be told from a later version
  Locked<std::vector<store::Rule>> rules_;
  Locked<std::string> fault_, notice_;
};

}  // namespace flawless::server
