// Makes JSON of what some senders call JSON, without changing what is right about it.
#pragma once

#include <string_view>

#include "wire/encoding.h"

namespace flawless::wire {

// Writes a cleaned copy of `text`: no byte order mark; invalid UTF-8 and lone surrogate escapes
// become U+FFFD; control characters in strings and unknown escapes are escaped; NaN, Infinity and
// -Infinity become null; a number that fits no 64-bit integer or double becomes a string of its
// digits. Text that is not in need of any of these comes out as it was. Grammar is not looked at:
// what comes out may still not be JSON.
void sanitise(std::string_view text, Buffer& out);

}  // namespace flawless::wire
