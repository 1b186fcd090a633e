// Internal: function names as grouping compares them.
#pragma once

#include <string>
#include <string_view>

#include "triage/language.h"

namespace flawless::triage {

// Without what compilers, frameworks and run-times number or add: "lambda$run$3" → "lambda$run",
// "Object.<anonymous>" → "<anonymous>", "block (2 levels) in run" → "run",
// "std::vector<int>::at(unsigned long)" → "std::vector::at". Never empty for a name that is not.
void append_function(std::string& out, std::string_view function, Language language);
// The same for a class: "Shop$$EnhancerBySpringCGLIB$$1a2b" → "Shop", "Shop$1" → "Shop$".
void append_class(std::string& out, std::string_view name, Language language);

}  // namespace flawless::triage
