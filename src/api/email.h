// E-mail addresses that people type.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace flawless::api {

// The address in lower case. kInvalid: it has not the looks of one.
[[nodiscard]] Result<std::string> read_email(std::string_view text);

}  // namespace flawless::api
