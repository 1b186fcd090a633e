#include "scratch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace flawless::bench {

Scratch::Scratch(const std::string& parent) : path_(parent + "/flawless-floor-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) path_.clear();
}

Scratch::~Scratch() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

ScratchFile::ScratchFile(const std::string& path)
    : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {}

ScratchFile::~ScratchFile() {
  if (fd_ >= 0) ::close(fd_);
}

Status ScratchFile::fill_with_zeros(size_t bytes) {
  std::string zeros(size_t{1} << 20U, '\0');
  for (size_t at = 0; at < bytes; at += zeros.size()) RETURN_IF_ERROR(write_at(zeros, at));
  return ::fsync(fd_) == 0 ? Status::ok() : system_error("fsync");
}

Status ScratchFile::write_at(std::string_view bytes, size_t at) {
  auto written = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at));
  return written == static_cast<ssize_t>(bytes.size()) ? Status::ok() : system_error("write");
}

Status ScratchFile::sync() {
  return ::fdatasync(fd_) == 0 ? Status::ok() : system_error("fdatasync");
}

Status system_error(std::string_view what) {
  return {Code::kUnavailable, fmt::format("{}: {}", what, std::strerror(errno))};
}

}  // namespace flawless::bench
