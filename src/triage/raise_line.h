// Recognises a source line that raises rather than fails: its caller is the one to look at.
#pragma once

#include <string_view>

#include "triage/language.h"

namespace flawless::triage {

// True when a statement of the line is the language's raise: at its start, or after what opens a
// statement there
// ("if x: raise Y", "else throw e;", "x or raise Y"). Words in quotes and comments do not count.
// For an unknown language `raise` and `throw` both do.
bool raises(std::string_view code, Language language);

}  // namespace flawless::triage
