// Proves that what the load generator sends is what it claims to send.
#pragma once

#include <string>

#include "base/result.h"
#include "requests.h"

namespace flawless::bench {

// For `ids` requests: the body inflates with zlib and with libdeflate to the text with its id in
// place, and is well-formed JSON (an envelope's item has the length it says). All groups occur, no
// id twice. On success says what was checked.
[[nodiscard]] Result<std::string> self_check(const RequestOptions& options, size_t ids);

}  // namespace flawless::bench
