// How often people may fail to sign in.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/locked.h"
#include "base/time.h"

namespace flawless::api {

struct AttemptLimits {
  size_t of_peer = 10;
  // More than one peer has, so that a single one cannot keep the owner of an address out.
  size_t of_address = 50;
  std::chrono::minutes within{10};
  size_t most_keys = 20'000;  // over it the one that failed longest ago is forgotten
};

// Thread-safe; memory is bounded. An attempt counts as failed from its begin, so that many at the
// same time cannot outrun the limit; succeeded() takes that back.
class Attempts {
 public:
  explicit Attempts(const Clock& clock, const AttemptLimits& limits = {});

  // Nothing: go ahead. Else how long to wait; nothing was counted then.
  [[nodiscard]] std::optional<std::chrono::seconds> begin(std::string_view email,
                                                          std::string_view peer);
  void succeeded(std::string_view email, std::string_view peer);
  [[nodiscard]] size_t keys() { return failures_.lock()->size(); }

 private:
  using Failures = std::unordered_map<uint64_t, std::deque<Time>>;
  [[nodiscard]] std::chrono::milliseconds wait_for(Failures& failures, uint64_t key, size_t most,
                                                   Time now) const;
  void make_room(Failures& failures, Time now) const;
  [[nodiscard]] uint64_t email_key(std::string_view email) const;
  [[nodiscard]] uint64_t peer_key(std::string_view peer) const;

  const Clock& clock_;
  const AttemptLimits limits_;
  const uint64_t seed_;
  Locked<Failures> failures_;
};

}  // namespace flawless::api
