// Answers as each family of SDKs expects them: Rollbar {"err":…}, Sentry {"id":…} or {"detail":…},
// ours.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/server.h"
#include "intake/rate.h"
#include "wire/report.h"

namespace flawless::intake {

// The report is on disk. `id_as_sent`: echoed to Rollbar clients; empty: the 32 digits of `id`.
// `skipped_items`: envelope items that we do not keep; tells Sentry SDKs to stop sending those
// categories.
[[nodiscard]] http::Response accepted(wire::Protocol protocol, const ReportId& id,
                                      std::string_view id_as_sent, uint32_t skipped_items);
// A Sentry envelope without an event.
[[nodiscard]] http::Response nothing_to_keep(uint32_t skipped_items);
[[nodiscard]] http::Response refused(wire::Protocol protocol, int status, std::string_view message);
// 429 with the rate headers of both families.
[[nodiscard]] http::Response over_quota(wire::Protocol protocol, const RateVerdict& verdict);
// 503 with Retry-After.
[[nodiscard]] http::Response unavailable(wire::Protocol protocol, std::string_view message);

}  // namespace flawless::intake
