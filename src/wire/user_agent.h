// Browser and operating system out of a User-Agent header: the ones people use, by their tokens.
#pragma once

#include <string_view>

#include "event/event.h"

namespace flawless::wire {

// Views into the header or literals; empty where nothing was recognised. Costs about a microsecond.
struct UserAgent {
  std::string_view browser, browser_version, os, device;
  std::string_view os_version;  // with '.' or, as sent by Apple systems, with '_'
};
UserAgent read_user_agent(std::string_view header);

// Fills the browser and system fields of `event` that are still empty.
void apply_user_agent(Event& event, std::string_view header);

}  // namespace flawless::wire
