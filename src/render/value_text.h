// Values of a report as text. Internal.
#pragma once

#include <cstddef>
#include <string>

#include "event/event.h"

namespace flawless::render {

struct ValueStyle {
  bool python = false;  // None, True, 'text'; else null, true, "text"
  bool quoted = true;   // texts in quotes; not when the SDK sends what repr() gave
};
// As the event's SDK and platform call for.
[[nodiscard]] ValueStyle value_style(const Event& event);

// At most about `bytes` bytes, then how much was left out, there or before.
[[nodiscard]] std::string value_text(const Value& value, ValueStyle style, size_t bytes);

}  // namespace flawless::render
