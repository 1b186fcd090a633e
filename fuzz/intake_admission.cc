// The admission file, damaged in any way: an error, or grants that are written and read back the same. The checksum is
// put right, since nothing would come past it.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "intake/admission.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using flawless::intake::Admission;
  std::string text(reinterpret_cast<const char*>(data), size);
  FLAWLESS_CHECK(!Admission::parse(text).is_ok() || text.find("end ") != std::string::npos);
  text = "flawless admission 1\n" + text;
  text += fmt::format("end {:08x}\n", flawless::crc32c(flawless::as_bytes(text)));
  auto read = Admission::parse(text);
  if (!read) return 0;
  auto again = Admission::parse(read->serialise());
  FLAWLESS_CHECK(again.is_ok());
  FLAWLESS_CHECK(again->size() == read->size());
  return 0;
}
