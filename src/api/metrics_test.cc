#include "api/metrics.h"

#include <gmock/gmock.h>

#include <set>
#include <sstream>

namespace flawless::api {
namespace {

using testing::HasSubstr;

SystemHealth sample() {
  SystemHealth health;
  health.intake.accepted = 12345678901;
  health.digest.lag = 17;
  health.digest.cpu_seconds = 1.25;
  health.version = "1.2.3";
  return health;
}

TEST(Metrics, ShowsCountsExactlyAndSecondsWithFractions) {
  std::string text = metrics_text(sample(), {}, {});
  EXPECT_THAT(text, HasSubstr("\nflawless_reports_accepted_total 12345678901\n"));
  EXPECT_THAT(text, HasSubstr("\nflawless_digest_lag_records 17\n"));
  EXPECT_THAT(text, HasSubstr("\nflawless_digest_cpu_seconds_total 1.25\n"));
  EXPECT_THAT(text, HasSubstr("\nflawless_build_info{version=\"1.2.3\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE flawless_digest_lag_records gauge"));
  EXPECT_THAT(text, HasSubstr("# TYPE flawless_reports_accepted_total counter"));
}

TEST(Metrics, AFaultIsZero) {
  SystemHealth health = sample();
  EXPECT_THAT(metrics_text(health, {}, {}), HasSubstr("\nflawless_up 1\n"));
  health.faults.push_back("The disk is full.");
  EXPECT_THAT(metrics_text(health, {}, {}), HasSubstr("\nflawless_up 0\n"));
}

TEST(Metrics, RefusalsAreLabelledAndEscaped) {
  std::string text = metrics_text(sample(), {}, {{{3}, "a \"b\"", 9, {}}, {{}, "quota", 2, {}}});
  EXPECT_THAT(
      text,
      HasSubstr("flawless_reports_set_aside_total{project=\"3\",reason=\"a \\\"b\\\"\"} 9\n"));
  EXPECT_THAT(text,
              HasSubstr("flawless_reports_set_aside_total{project=\"\",reason=\"quota\"} 2\n"));
}

// A family written twice makes Prometheus drop the whole page.
TEST(Metrics, EveryFamilyAppearsOnce) {
  std::istringstream lines(
      metrics_text(sample(), process_usage(), {{{1}, "a", 1, {}}, {{2}, "a", 1, {}}}));
  std::set<std::string> types;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("# TYPE ", 0) != 0) continue;
    EXPECT_TRUE(types.insert(line).second) << line;
  }
  EXPECT_GT(types.size(), 40u);
}

TEST(ProcessUsage, IsThatOfThisProcess) {
  ProcessUsage usage = process_usage();
  EXPECT_GT(usage.resident_bytes, 1u << 20);
  EXPECT_LT(usage.resident_bytes, 8ull << 30);
  EXPECT_GE(usage.open_files, 3u);
  EXPECT_GT(usage.cpu_seconds, 0);
}

}  // namespace
}  // namespace flawless::api
