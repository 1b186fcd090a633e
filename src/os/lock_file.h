// One process owns a data directory at a time.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "os/file.h"

namespace flawless::os {

// Holds an exclusive lock on a file, into which it writes its process id for people. Released by
// the destructor, and by the kernel when the process ends. The file stays: unlinking it would let
// two processes lock two files of one name.
class LockFile {
 public:
  // kConflict when another process holds it, still after `patience`; the message names that
  // process's id and what it owns. A process that was killed may leave a child behind that is just
  // being started, and holds the lock for a moment longer.
  [[nodiscard]] static Result<LockFile> acquire(Disk& disk, const std::string& path,
                                                std::chrono::milliseconds patience = {});
  static constexpr std::chrono::milliseconds kOfTheDead{2000};

 private:
  explicit LockFile(std::unique_ptr<FileLock> lock) : lock_(std::move(lock)) {}
  std::unique_ptr<FileLock> lock_;
};

}  // namespace flawless::os
