#include "server/data_dir.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "os/file.h"

namespace flawless::server {
namespace {

// A place where no directory can be is an error of the configuration.
Status cannot_make(const std::string& path, int error) {
  const Status status = os::disk_error("make directory", path, error);
  if (status.code() != Code::kNotFound) return status;
  return {Code::kInvalid, status.message() + "; name another place in 'flawless.data_dir'"};
}

Status make_with_parents(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return Status::ok();
  if (errno != ENOENT) return cannot_make(path, errno);
  const std::string parent = os::directory_of(path);
  if (parent == path || parent.empty()) return cannot_make(path, ENOENT);
  RETURN_IF_ERROR(make_with_parents(parent));
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return Status::ok();
  return cannot_make(path, errno);
}

}  // namespace

Status DataDir::make() const {
  RETURN_IF_ERROR(make_with_parents(path));
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return os::disk_error("use", path, errno);
  if (!S_ISDIR(info.st_mode)) return {Code::kInvalid, fmt::format("{} is not a directory", path)};
  if (info.st_uid != ::geteuid()) {
    return {Code::kDenied,
            fmt::format("{} belongs to user {}; run as that user, or give it away with chown", path,
                        info.st_uid)};
  }
  if ((info.st_mode & 077) != 0 && ::chmod(path.c_str(), 0700) != 0) {
    return os::disk_error("close for others", path, errno);
  }
  return Status::ok();
}

}  // namespace flawless::server
