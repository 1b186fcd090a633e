#include <cstdlib>

#include "wire/encoding.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace flawless::wire;
  constexpr size_t kMost = 1 << 20;
  Buffer out;
  auto status = inflate(Encoding::kBrotli, {reinterpret_cast<const char*>(data), size}, kMost, out);
  if (status.is_ok() && out.size() > kMost) std::abort();
  if (out.capacity() > kMost + 4096) std::abort();
  return 0;
}
