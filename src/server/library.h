// Rules about library code, as digestion takes them. Pure.
#pragma once

#include <span>

#include "digest/sighting.h"
#include "store/lines.h"

namespace flawless::server {

// `configured` hold for all projects, of `stored` those that name none.
[[nodiscard]] digest::Library library_of(std::span<const store::Rule> configured,
                                         std::span<const store::Rule> stored);

}  // namespace flawless::server
