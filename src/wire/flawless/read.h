// Flawless' own report (docs/report-format.md). Internal to the room.
#pragma once

#include "wire/reader.h"

namespace flawless::wire::v2 {

// kInvalid when the report has neither a message nor an exception.
Status check(Json document);
Status read(Json document, const Arrival& arrival, Reader& reader);

}  // namespace flawless::wire::v2
