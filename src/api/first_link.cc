#include "api/first_link.h"

#include "api/secrets.h"
#include "base/bytes.h"

namespace flawless::api {

std::string FirstLink::issue() {
  std::string token = random_token();
  *state_.lock() = State{sha256(token), clock_.now() + kLife, false};
  return token;
}

bool FirstLink::matches(const State& state, std::string_view token) const {
  return !state.hash.empty() && !state.taken && clock_.now() < state.expires &&
         equal_constant_time(state.hash, sha256(token));
}

bool FirstLink::valid(std::string_view token) { return matches(*state_.lock(), token); }

bool FirstLink::take(std::string_view token) {
  auto state = state_.lock();
  if (!matches(*state, token)) return false;
  state->taken = true;
  return true;
}

void FirstLink::put_back() { state_.lock()->taken = false; }

}  // namespace flawless::api
