// Health as Prometheus text.
#pragma once

#include <string>
#include <vector>

#include "api/health.h"
#include "store/types.h"

namespace flawless::api {

// What the operating system says of this process.
struct ProcessUsage {
  uint64_t resident_bytes = 0;
  double cpu_seconds = 0;
  uint64_t open_files = 0;
};
ProcessUsage process_usage();

inline constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";

// Text format 0.0.4. `refusals` are totals by project and reason.
std::string metrics_text(const SystemHealth& health, const ProcessUsage& process,
                         const std::vector<store::Refusal>& refusals);

}  // namespace flawless::api
