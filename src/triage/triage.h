// Decisions about an Event: pure functions of the event and the project's rules. No I/O, no clock,
// no randomness. The order is scrub, mark_in_app, group, find_culprit, title.
#pragma once

#include "triage/culprit.h"
#include "triage/grouping.h"
#include "triage/in_app.h"
#include "triage/scrub.h"
#include "triage/title.h"
