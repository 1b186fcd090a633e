// The traceback and the variables of its frames, as the original's mail had them. Internal.
#pragma once

#include "render/incident_view.h"

namespace flawless::render {

// Adds "exceptions" (type, message, cause, frames …) and "variable_frames".
void add_traceback(View& view, const Incident& incident, const Detail& detail);

}  // namespace flawless::render
