// Paths of any bytes: no crash, and never much longer than what came.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "triage/grouping.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view path(reinterpret_cast<const char*>(data), size);
  std::string out = flawless::triage::normalise_path(path);
  FLAWLESS_CHECK(out.size() <= 10 * size + 16);
  return 0;
}
