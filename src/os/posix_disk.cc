#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>

#include "os/file.h"

namespace flawless::os {
namespace {

// More buffers than this in one pwritev make it fail (UIO_MAXIOV of Linux).
constexpr size_t kMostParts = 1024;

// O_DIRECT takes whole blocks from aligned memory. These are few enough that whoever else writes
// the file does not wait long.
constexpr size_t kBlockBytes = File::kBlockBytes;
constexpr size_t kZerosAtOnce = 256U << 10U;
alignas(kBlockBytes) constexpr std::array<uint8_t, kZerosAtOnce> kZeros{};

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  const int fd_;
};

template <typename Call>
auto uninterrupted(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

class PosixFile final : public File {
 public:
  PosixFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  Result<size_t> read_at(uint64_t offset, std::span<uint8_t> into) const override {
    size_t done = 0;
    while (done < into.size()) {
      ssize_t got = uninterrupted([&] {
        return ::pread(fd_.get(), into.data() + done, into.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (got < 0) return disk_error("read", path_, errno);
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    return done;
  }

  Status sync_data() override {
    // Not repeated on EINTR either: a failed sync is never retried.
    if (::fdatasync(fd_.get()) != 0) return disk_error("sync", path_, errno);
    return {};
  }

  Status write_blocks(uint64_t offset, ByteSpan blocks) override {
    if (!direct_) direct_.emplace(open_directly());
    while (direct_->get() >= 0 && !blocks.empty()) {
      ssize_t wrote = uninterrupted([&] {
        return ::pwrite(direct_->get(), blocks.data(), blocks.size(), static_cast<off_t>(offset));
      });
      if (wrote < 0 && errno != EINVAL) return disk_error("write", path_, errno);
      if (wrote < 0 || wrote % kBlockBytes != 0) direct_.emplace(-1);  // not on this file system
      if (wrote == 0) return disk_error("write", path_, ENOSPC);
      if (wrote > 0) offset += static_cast<uint64_t>(wrote);
      if (wrote > 0) blocks = blocks.subspan(static_cast<size_t>(wrote));
    }
    return blocks.empty() ? Status::ok() : write_at(offset, blocks);
  }

  Status write_zeros(uint64_t from, uint64_t to) override {
    const uint64_t first = (from + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
    const uint64_t last = to / kBlockBytes * kBlockBytes;
    if (first >= last) return File::write_zeros(from, to);
    RETURN_IF_ERROR(File::write_zeros(from, first));
    return File::write_zeros(write_zeros_directly(first, last), to);
  }

  Result<uint64_t> size() const override {
    struct stat info{};
    if (::fstat(fd_.get(), &info) != 0) return disk_error("examine", path_, errno);
    return static_cast<uint64_t>(info.st_size);
  }

  Status truncate(uint64_t bytes) override {
    if (uninterrupted([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(bytes)); }) != 0) {
      return disk_error("resize", path_, errno);
    }
    return {};
  }

  Status preallocate(uint64_t bytes) override {
    int failed = uninterrupted(
        [&] { return ::fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)); });
    if (failed != 0 && errno != EOPNOTSUPP) return disk_error("reserve space for", path_, errno);
    return {};
  }

 private:
  // The same file past the page cache; -1 where the file system cannot.
  [[nodiscard]] int open_directly() const {
    const std::string same_file = "/proc/self/fd/" + std::to_string(fd_.get());
    return ::open(same_file.c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC);
  }

  // Says how far it came: on a file system without O_DIRECT not far, and on errors the plain way
  // finds the reason.
  [[nodiscard]] uint64_t write_zeros_directly(uint64_t from, uint64_t to) const {
    const Descriptor direct(open_directly());
    while (direct.get() >= 0 && from < to) {
      const size_t bytes = std::min<uint64_t>(kZeros.size(), to - from);
      ssize_t wrote = uninterrupted(
          [&] { return ::pwrite(direct.get(), kZeros.data(), bytes, static_cast<off_t>(from)); });
      if (wrote <= 0) break;
      from += static_cast<uint64_t>(wrote);
    }
    return from;
  }

  Result<size_t> write_some(uint64_t offset, std::span<const ByteSpan> parts) override {
    std::array<iovec, kMostParts> vectors;
    size_t count = std::min(parts.size(), kMostParts);
    for (size_t i = 0; i < count; ++i) {
      vectors[i] = {const_cast<uint8_t*>(parts[i].data()), parts[i].size()};
    }
    ssize_t wrote = uninterrupted([&] {
      return ::pwritev(fd_.get(), vectors.data(), static_cast<int>(count),
                       static_cast<off_t>(offset));
    });
    if (wrote < 0) return disk_error("write", path_, errno);
    if (wrote == 0) return disk_error("write", path_, ENOSPC);
    return static_cast<size_t>(wrote);
  }

  const std::string path_;
  const Descriptor fd_;
  std::optional<Descriptor> direct_;  // of write_blocks(), from its first call on
};

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(int fd) : fd_(fd) {}

 private:
  const Descriptor fd_;
};

int flags_of(OpenMode mode) {
  switch (mode) {
    case OpenMode::kRead:
      return O_RDONLY;
    case OpenMode::kWrite:
      return O_RDWR;
    case OpenMode::kCreate:
      return O_RDWR | O_CREAT | O_EXCL;
    case OpenMode::kAny:
      break;
  }
  return O_RDWR | O_CREAT;
}

}  // namespace

Result<std::unique_ptr<File>> PosixDisk::open(const std::string& path, OpenMode mode) {
  int fd = uninterrupted([&] { return ::open(path.c_str(), flags_of(mode) | O_CLOEXEC, 0600); });
  if (fd < 0) return disk_error(mode == OpenMode::kCreate ? "create" : "open", path, errno);
  return std::unique_ptr<File>(std::make_unique<PosixFile>(path, fd));
}

Status PosixDisk::rename(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0) return {};
  return disk_error("rename to " + to + " the file", from, errno);
}

Status PosixDisk::unlink(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return {};
  return disk_error("delete", path, errno);
}

Status PosixDisk::make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  int error = errno;
  struct stat info{};
  if (error == EEXIST && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return {};
  return disk_error("create the directory", path, error);
}

Status PosixDisk::sync_directory(const std::string& path) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return disk_error("open the directory", path, errno);
  if (::fsync(fd.get()) != 0) return disk_error("sync the directory", path, errno);
  return {};
}

Result<std::vector<std::string>> PosixDisk::list(const std::string& directory) {
  std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), &::closedir);
  if (!stream) return disk_error("list", directory, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
    errno = 0;
  }
  if (errno != 0) return disk_error("list", directory, errno);
  std::sort(names.begin(), names.end());
  return names;
}

Result<uint64_t> PosixDisk::free_bytes(const std::string& path) {
  struct statvfs info{};
  if (::statvfs(path.c_str(), &info) != 0) return disk_error("examine the space at", path, errno);
  return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
}

Result<std::unique_ptr<FileLock>> PosixDisk::lock(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return disk_error("open", path, errno);
  auto held = std::make_unique<PosixLock>(fd);
  if (uninterrupted([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) != 0) {
    return disk_error("lock", path, errno);
  }
  return std::unique_ptr<FileLock>(std::move(held));
}

}  // namespace flawless::os
