// The certification authorities that a mail server's certificate is judged by.
#pragma once

#include <string>

#include "base/result.h"

namespace flawless::notify {

// Whether `file` can be used as SmtpOptions::ca_file: PEM with at least one certificate and nothing
// broken in it. kInvalid says what is wrong and what to do.
[[nodiscard]] Status check_authorities(const std::string& file);

}  // namespace flawless::notify
