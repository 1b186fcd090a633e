// The file journal.id: which journal this is, and how often it was opened.
#pragma once

#include <cstdint>
#include <string>

#include "os/file.h"

namespace flawless::journal {

struct Identity {
  uint64_t journal_id = 0;
  uint32_t epoch = 0;
};

// Reads the identity and writes it back with the next epoch; a full disk is no reason not to open,
// and the epoch stays then (the lock keeps a second owner out). With `fresh` (no segments yet)
// always makes a new identity, so that numbers of a journal whose files were deleted mean nothing
// to the new one. kCorrupt when the file is missing or unreadable though there are segments.
[[nodiscard]] Result<Identity> open_identity(os::Disk& disk, const std::string& directory,
                                             bool fresh);

}  // namespace flawless::journal
