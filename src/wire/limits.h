// How much of one report is kept. What is over is cut deterministically, before grouping, with a
// warning on the occurrence (the idea: https://github.com/telebugs/docs.telebugs.com, ingestion
// limits).
#pragma once

#include <cstddef>

namespace flawless::wire {

struct Limits {
  size_t depth = 32;  // deeper values become "…"
  size_t string_bytes = 64 << 10;
  size_t name_bytes = 1 << 10;
  size_t exceptions = 32;
  size_t frames = 250;              // per trace: outermost and innermost halves stay
  size_t variables = 200;           // per frame
  size_t container_entries = 1000;  // per array or object
  size_t context_lines = 20;        // before and after each
  size_t breadcrumbs = 100;         // the last ones stay
  size_t tags = 100;
  size_t headers = 200;
  size_t modules = 1000;
  size_t threads = 128;
  size_t fingerprint_parts = 32;
  size_t values = 100'000;       // entries of arrays and objects, in all
  size_t value_bytes = 4 << 20;  // of their strings, in all
};

// For a report of up to kEventBytes inflated.
inline constexpr Limits kLimits{};
// A larger one (up to the request limit) is trimmed to about that size: by these.
inline constexpr Limits kTrimmedLimits{.depth = 6,
                                       .string_bytes = 1 << 10,
                                       .name_bytes = 200,
                                       .exceptions = 10,
                                       .frames = 100,
                                       .variables = 40,
                                       .container_entries = 50,
                                       .context_lines = 5,
                                       .breadcrumbs = 30,
                                       .tags = 50,
                                       .headers = 60,
                                       .modules = 200,
                                       .threads = 16,
                                       .fingerprint_parts = 32,
                                       .values = 10'000,
                                       .value_bytes = 512 << 10};
inline constexpr size_t kEventBytes = 1 << 20;
inline constexpr size_t kRequestBytes = 20u << 20;  // on the wire and inflated

}  // namespace flawless::wire
