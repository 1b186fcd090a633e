// Rules about library code, as digestion takes them. Pure.
#pragma once

#include <span>

#include "digest/sighting.h"
#include "scm/path_map.h"
#include "store/lines.h"

namespace flawless::server {

// `configured` hold for all projects, of `stored` those that name none. A rule that names a path in
// a repository counts for what `mappings` say it is where it is deployed, too.
[[nodiscard]] digest::Library library_of(std::span<const store::Rule> configured,
                                         std::span<const store::Rule> stored,
                                         std::span<const scm::PathRule> mappings);

}  // namespace flawless::server
