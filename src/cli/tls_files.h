// Whether a certificate and a key can be served with.
#pragma once

#include <string>

#include "base/result.h"

namespace flawless::cli {

// kInvalid says what is wrong: unreadable, not PEM, expired, or not a pair.
[[nodiscard]] Status check_tls_files(const std::string& certificate, const std::string& key);

[[nodiscard]] std::string openssl_version();

}  // namespace flawless::cli
