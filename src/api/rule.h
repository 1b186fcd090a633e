// Rules that people make: known errors, library code, third party. Checked the same way whether
// they come as JSON or by the form of a mail's link.
#pragma once

#include "api/mount.h"
#include "store/lines.h"

namespace flawless::api {

// kInvalid, in words for the person: no path, a number below its least, a recipient that is no
// address, too long.
[[nodiscard]] Status check_rule(const store::Rule& rule);

// Checks and stores it and tells who must know. kDenied: for a project that is not visible, or for
// all by who does not see all.
[[nodiscard]] Result<store::Rule> add_rule(const ApiParts& parts, store::Store& store,
                                           const store::Visible& visible, const store::Rule& rule);

}  // namespace flawless::api
