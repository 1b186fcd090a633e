// Decisions about an Event: pure functions of the event and the project's rules. No I/O, no clock,
// no randomness. The order is mark_in_app, scrub, group, title, name_files, find_culprit.
#pragma once

#include "triage/culprit.h"
#include "triage/file_name.h"
#include "triage/grouping.h"
#include "triage/in_app.h"
#include "triage/scrub.h"
#include "triage/title.h"
