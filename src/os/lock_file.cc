#include "os/lock_file.h"

#include <unistd.h>

#include <thread>

#include "os/durable_file.h"

namespace flawless::os {
namespace {

constexpr uint64_t kMostPidBytes = 64;
constexpr std::chrono::milliseconds kAgainAfter{20};

std::string holder_of(Disk& disk, const std::string& path) {
  std::string pid = read_file(disk, path, kMostPidBytes).value_or("");
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "another process" : "process " + pid;
}

Status write_pid(Disk& disk, const std::string& path) {
  ASSIGN_OR_RETURN(auto file, disk.open(path, OpenMode::kWrite));
  RETURN_IF_ERROR(file->truncate(0));
  return file->write_at(0, as_bytes(std::to_string(::getpid()) + "\n"));
}

}  // namespace

Result<LockFile> LockFile::acquire(Disk& disk, const std::string& path,
                                   std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  auto lock = disk.lock(path);
  while (lock.code() == Code::kConflict && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kAgainAfter);
    lock = disk.lock(path);
  }
  if (!lock && lock.code() == Code::kConflict) {
    return Status(Code::kConflict, directory_of(path) + " is in use by " + holder_of(disk, path) +
                                       " (it holds " + path + "); stop that one first");
  }
  if (!lock) return lock.status();
  // The id is only a help for people; on a full disk the lock is as good without it.
  Status noted = write_pid(disk, path);
  if (!noted && noted.code() != Code::kUnavailable) return noted;
  return LockFile(std::move(*lock));
}

}  // namespace flawless::os
