// What is cleaned once needs no cleaning again, and the grammar check neither crashes nor changes
// its mind.
#include <cstdlib>

#include "wire/json_error.h"
#include "wire/sanitise.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace flawless::wire;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  Buffer once, twice;
  sanitise(text, once);
  sanitise(once.view(), twice);
  if (once.view() != twice.view()) std::abort();
  if (find_json_error(text).empty() && !find_json_error(once.view()).empty()) std::abort();
  return 0;
}
