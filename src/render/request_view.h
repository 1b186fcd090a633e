// What else came with the report: request, person, tags, the application's own data. Internal.
#pragma once

#include "render/incident_view.h"

namespace flawless::render {

// Adds "request", "person", "tags", "custom" and "has_more", which is whether any of them is there.
void add_request(View& view, const Incident& incident, const Detail& detail);

}  // namespace flawless::render
