// Text of any bytes: no crash, and scrubbing what is scrubbed changes nothing.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "triage/scrub.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const flawless::triage::Scrubber scrubber{flawless::triage::ScrubRules{}};
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string urls = scrubber.scrub_urls(text);
  FLAWLESS_CHECK(scrubber.scrub_urls(urls) == urls);
  std::string once = scrubber.scrub_text(text);
  FLAWLESS_CHECK(scrubber.scrub_text(once) == once);
  return 0;
}
