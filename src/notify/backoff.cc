#include "notify/backoff.h"

#include <algorithm>
#include <iterator>

#include "base/bytes.h"

namespace flawless::notify {
namespace {

using std::chrono::milliseconds;
constexpr std::chrono::seconds kDelays[] = {std::chrono::seconds(5), std::chrono::seconds(30),
                                            std::chrono::minutes(2), std::chrono::minutes(10),
                                            std::chrono::hours(1)};

milliseconds delay(int tries, std::string_view key, size_t most) {
  const size_t step = std::min<size_t>(static_cast<size_t>(std::max(tries, 1)) - 1, most);
  const milliseconds base = kDelays[step];
  const auto spread = static_cast<uint64_t>(base.count() / 5);
  return base + milliseconds(hash64(key, static_cast<uint64_t>(tries)) % (spread + 1));
}

}  // namespace

milliseconds retry_delay(int tries, std::string_view key) {
  return delay(tries, key, std::size(kDelays) - 1);
}

milliseconds pause_delay(int tries, std::string_view key, bool away) {
  constexpr size_t kHalfAMinute = 1, kTenMinutes = 3;
  return delay(tries, key, away ? kHalfAMinute : kTenMinutes);
}

milliseconds confirm_delay(int hand_overs, std::string_view key) {
  return retry_delay(hand_overs <= 1 ? 1 : static_cast<int>(std::size(kDelays)), key);
}

}  // namespace flawless::notify
