// Whether an item that came back is broken again, or was never repaired where it failed.
#pragma once

#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "blame/examiner.h"
#include "store/store.h"

namespace flawless::blame {

// True when the decision was queued because its item came back; or because a line that was mailed
// before the item was last resolved is in another release, while another line, or an old process,
// brought the item back. But not in the release that was running when somebody resolved it, or in
// an older one as git knows: the repair is not in it. Without release names, or without history,
// an item that comes back is a regression.
[[nodiscard]] Result<bool> is_regression(store::Store& store, Examiner& examiner,
                                         const store::Decision& decision,
                                         std::optional<Time> mailed_at);

}  // namespace flawless::blame
