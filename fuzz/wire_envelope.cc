#include "wire_reports.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace flawless::wire;
  fuzz_report(Protocol::kSentryEnvelope, {reinterpret_cast<const char*>(data), size});
  return 0;
}
