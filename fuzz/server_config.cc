// Configuration files of any bytes: an error in words or a configuration, never a crash; and errors name the file.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "server/config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto none = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  auto config = flawless::server::parse_config(text, "flawless.cfg", none);
  if (!config) FLAWLESS_CHECK(config.message().find("flawless.cfg") != std::string::npos);
  return 0;
}
