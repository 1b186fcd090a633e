// When to try again. Pure.
#pragma once

#include <chrono>
#include <string_view>

namespace flawless::notify {

// A mail that its recipient's side put off for so long and so often is given up. Often, since it
// may have waited for a server before.
inline constexpr std::chrono::hours kGiveUpAfter{72};
inline constexpr int kFewestTries = 6;

// After the `tries`th try (from 1): 5 s, 30 s, 2 min, 10 min, then hourly; up to a fifth longer, by
// `key`, so that many do not come back together.
[[nodiscard]] std::chrono::milliseconds retry_delay(int tries, std::string_view key);

// The same while nothing can be sent at all. There the server is asked at least every ten minutes;
// one that is away, which no attempt annoys, every half a minute.
[[nodiscard]] std::chrono::milliseconds pause_delay(int tries, std::string_view key, bool away);

// A mail that was handed over and not confirmed may have arrived, or the connection just broke: 5 s
// after the first time, then hourly, so that a server in trouble has time to recover.
[[nodiscard]] std::chrono::milliseconds confirm_delay(int hand_overs, std::string_view key);

}  // namespace flawless::notify
