// What all loops and connections of one server have in common.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "http/proxies.h"
#include "http/request_reader.h"
#include "http/server.h"

namespace flawless::http {

struct Shared {
  Shared(Options o, Handler h, TrustedProxies p)
      : options(std::move(o)),
        handler(std::move(h)),
        proxies(std::move(p)),
        limits{options.max_header_bytes, options.max_body_bytes},
        budget(options.max_buffered_bytes) {}

  const Options options;
  Handler handler;  // cleared once every loop has ended
  const TrustedProxies proxies;
  const ReadLimits limits;
  ByteBudget budget;

  std::atomic<uint64_t> open{0}, accepted{0}, timeouts{0}, too_large{0}, malformed{0}, shed{0};
};

}  // namespace flawless::http
