#include "wire/address.h"
#include "wire/user_agent.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace flawless;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  Event event;
  wire::apply_user_agent(event, text);
  wire::anonymised_ip(text);
  return 0;
}
