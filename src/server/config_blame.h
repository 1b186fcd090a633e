// What the configuration says about repositories and blame, as the room blame takes it.
#pragma once

#include <vector>

#include "blame/options.h"
#include "server/config.h"

namespace flawless::server {

[[nodiscard]] blame::Options blame_options(const Config& config);
// The mirrors lie in DATA_DIR/mirrors; the data directory must be there.
[[nodiscard]] std::vector<blame::RepositoryOptions> repository_options(const Config& config);

}  // namespace flawless::server
