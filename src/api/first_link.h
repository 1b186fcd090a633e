// The link by which the first person makes an account. In memory only: each start makes a new one.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/locked.h"
#include "base/time.h"

namespace flawless::api {

// Thread-safe. Single use: whoever take()s it has it alone, until put_back() or for good.
class FirstLink {
 public:
  explicit FirstLink(const Clock& clock) : clock_(clock) {}

  // A new token for PUBLIC_URL/welcome?link=TOKEN, valid for an hour. The one before is void.
  [[nodiscard]] std::string issue();
  [[nodiscard]] bool valid(std::string_view token);
  // True once, while valid.
  [[nodiscard]] bool take(std::string_view token);
  // The account could not be made: the link works again, for the rest of its hour.
  void put_back();

  static constexpr std::chrono::hours kLife{1};

 private:
  struct State {
    std::string hash;  // of the token; empty: none was issued
    Time expires;
    bool taken = false;
  };
  [[nodiscard]] bool matches(const State& state, std::string_view token) const;

  const Clock& clock_;
  Locked<State> state_;
};

}  // namespace flawless::api
