// What every report fuzzer checks: whatever comes in, inspecting and reading end, agree with each
// other, and what is read can be written as JSON within a bound.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/report.h"

namespace flawless::wire {

inline void require(bool condition) {
  if (!condition) std::abort();
}

inline std::string json_of(const Event& event) {
  JsonWriter json;
  write_event(json, event);
  return json.take();
}

inline void fuzz_report(Protocol protocol, std::string_view text) {
  static Parser parser;
  static Buffer body;
  body.assign(text);
  auto inspection = inspect(protocol, body.view(), parser);
  bool accepted = inspection.is_ok() && inspection->has_event;
  Arrival arrival{{}, ProjectId{1}, from_unix_ms(1'700'000'000'000), "203.0.113.7"};
  auto index = read_event(protocol, body.view(), Detail::kIndex, arrival, parser);
  auto full = read_event(protocol, body.view(), Detail::kFull, arrival, parser);
  require(index.is_ok() == full.is_ok());
  if (accepted) require(full.is_ok());
  Arena arena;
  auto raw = read_raw(protocol, body.view(), arena, parser);
  if (accepted) require(raw.is_ok());
  if (!full) return;
  require(index->id == full->id && index->level == full->level && index->message == full->message &&
          index->exceptions.size() == full->exceptions.size());
  require(json_of(*full).size() < 12 * text.size() + 100'000);
  require(full->warnings.size() <= 60);
}

}  // namespace flawless::wire
