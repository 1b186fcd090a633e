#include "scratch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>
#include <system_error>

namespace flawless::bench {
namespace {

constexpr size_t kBlock = 4096;
constexpr std::align_val_t kAlignment{kBlock};

int open_for_append(const std::string& path) {
  constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC;
  const int direct = ::open(path.c_str(), kFlags | O_DIRECT, 0600);
  return direct >= 0 ? direct : ::open(path.c_str(), kFlags, 0600);
}

}  // namespace

Scratch::Scratch(const std::string& parent) : path_(parent + "/flawless-floor-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) path_.clear();
}

Scratch::~Scratch() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

void ScratchFile::Free::operator()(char* bytes) const { ::operator delete[](bytes, kAlignment); }

ScratchFile::ScratchFile(const std::string& path)
    : fd_(open_for_append(path)), buffer_(new (kAlignment) char[kMostBytes]) {}

ScratchFile::~ScratchFile() {
  if (fd_ >= 0) ::close(fd_);
}

Status ScratchFile::fill_with_zeros(size_t bytes) {
  const std::string zeros(kMostBytes, '\0');
  while (end_ < bytes) RETURN_IF_ERROR(append(zeros));
  rewind();
  return ::fsync(fd_) == 0 ? Status::ok() : system_error("fsync");
}

Status ScratchFile::append(std::string_view bytes) {
  const size_t whole = (bytes.size() + kBlock - 1) / kBlock * kBlock;
  if (whole > kMostBytes) return {Code::kTooLarge, "more than 4 MiB at once"};
  std::memcpy(buffer_.get(), bytes.data(), bytes.size());
  std::memset(buffer_.get() + bytes.size(), 0, whole - bytes.size());
  auto written = ::pwrite(fd_, buffer_.get(), whole, static_cast<off_t>(end_));
  if (written != static_cast<ssize_t>(whole)) return system_error("write");
  end_ += whole;
  return ::fdatasync(fd_) == 0 ? Status::ok() : system_error("fdatasync");
}

Status system_error(std::string_view what) {
  return {Code::kUnavailable, fmt::format("{}: {}", what, std::strerror(errno))};
}

}  // namespace flawless::bench
