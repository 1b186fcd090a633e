// Health, gathered from the running parts.
#pragma once

#include <string_view>

#include "api/health.h"
#include "digest/digest.h"
#include "http/server.h"
#include "intake/intake.h"
#include "journal/journal.h"
#include "os/file.h"
#include "store/store.h"

namespace flawless::server {

struct Parts {
  const journal::Journal& journal;
  const intake::Intake& intake;
  const wire::HandOff& handoff;
  const http::Server& http;
  os::Disk& disk;
  const std::string& data_dir;
  uint64_t min_free_bytes;
  Time started_at;
};

// `store` and `digest` are null while the store opens; `store_fault` says why it could not be
// opened.
[[nodiscard]] api::SystemHealth gather_health(const Parts& parts, store::Store* store,
                                              const digest::Digest* digest,
                                              std::string_view store_fault, Time now);

// CPU time of this process's threads whose name starts with `prefix`, in seconds. 0 where /proc is
// not to be had.
[[nodiscard]] double thread_cpu_seconds(std::string_view prefix);

}  // namespace flawless::server
