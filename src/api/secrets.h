// Passwords and tokens as they are kept: only what cannot be turned back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace flawless::api {

// The rule for every new password, wherever it is set.
inline constexpr size_t kFewestPasswordCharacters = 10;
inline constexpr size_t kMostPasswordBytes = 1024;

// Argon2id (19 MiB, two passes: about 20 ms) in its standard text form, with a random salt.
// kInvalid for a password that breaks the rule above. Any thread; keep it off the I/O threads.
[[nodiscard]] Result<std::string> hash_password(std::string_view password);

// An empty or unreadable hash matches nothing and costs as much time as a wrong password.
[[nodiscard]] bool password_matches(std::string_view hash, std::string_view password);

// 256 random bits as 43 characters that need no escaping in addresses and cookies.
[[nodiscard]] std::string random_token();

// 32 bytes: how the store knows a token.
[[nodiscard]] std::string sha256(std::string_view text);

}  // namespace flawless::api
