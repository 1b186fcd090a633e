// The event behind an envelope's framing: mutations stay inside the JSON.
#include "wire_reports.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace flawless::wire;
  std::string_view event(reinterpret_cast<const char*>(data), size);
  std::string body =
      "{\"event_id\":\"6f1c2d3e4b5a69788796a5b4c3d2e1f0\"}\n{\"type\":\"session\"}\n{}\n";
  body += "{\"type\":\"event\",\"length\":" + std::to_string(size) + "}\n";
  body += event;
  fuzz_report(Protocol::kSentryEnvelope, body);
  return 0;
}
