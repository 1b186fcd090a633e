// Messages of any bytes: no crash, no growth beyond a small factor, and the same answer twice.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "triage/grouping.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string out = flawless::triage::parameterise(text);
  FLAWLESS_CHECK(out.size() <= 12 * size + 16);
  FLAWLESS_CHECK(out == flawless::triage::parameterise(text));
  return 0;
}
