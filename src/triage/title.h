// What an item is called.
#pragma once

#include <string>

#include "event/event.h"

namespace flawless::triage {

// One line of at most 255 bytes of valid UTF-8 if the event's text is: the client's title, else
// "Type: message" (of a native crash: with the function it died in), else the message, else what is
// known. Never empty. Needs mark_in_app() first.
[[nodiscard]] std::string title(const Event& event);

}  // namespace flawless::triage
