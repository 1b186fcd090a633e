// Whether an item that came back is broken again, or was never repaired where it failed.
#pragma once

#include "base/result.h"
#include "blame/examiner.h"
#include "store/store.h"

namespace flawless::blame {

// False only when the decision was not queued because its item came back, or when it came back in
// the release that was running when somebody resolved it, or in an older one as git knows: the
// repair is not in it. Without release names, or without history, it is a regression.
[[nodiscard]] Result<bool> is_regression(store::Store& store, Examiner& examiner,
                                         const store::Decision& decision);

}  // namespace flawless::blame
