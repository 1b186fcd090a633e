// As little HTTP as a server can do with, for floors: listen on the loopback, see where a request
// ends, a fixed answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace flawless::bench {

constexpr std::string_view kLeastReply =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

struct LoopbackSocket {
  int fd = -1;
  uint16_t port = 0;
};
// A listening socket on a free port of 127.0.0.1.
[[nodiscard]] Result<LoopbackSocket> listen_on_loopback();
// The next client, without delay of small packets; -1 if there is none.
[[nodiscard]] int accept_client(int listener);
// The body of the request that `in` begins with; nothing while part of it is missing.
[[nodiscard]] std::optional<std::string_view> whole_body(std::string_view in);

}  // namespace flawless::bench
