// Small files that are either the old or the new version after a power cut, never a mixture.
#pragma once

#include <string>

#include "os/file.h"

namespace flawless::os {

// Writes `path`.tmp, syncs it, renames it over `path` and syncs the directory. Durable when ok is
// returned; after an error the old version is still there (or, if only the last step failed,
// either).
Status write_durably(Disk& disk, const std::string& path, std::string_view bytes);

// The whole file. kNotFound when absent, kTooLarge above `most_bytes`.
[[nodiscard]] Result<std::string> read_file(Disk& disk, const std::string& path,
                                            uint64_t most_bytes = 64U << 20U);

}  // namespace flawless::os
