// Files as the storage rooms see them: an interface, so that a test can take the power away
// (fake_disk.h).
//
// Errors: kNotFound (no such file), kConflict (exists, or locked by another), kDenied
// (permissions), kUnavailable (no space, I/O error, anything else of the system). Messages name the
// action, the path, the system's reason and, where the operator can do something, what.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace flawless::os {

// An open file; closed by the destructor. read_at may be called from any thread, also beside a
// write or sync; of the others one at a time, except that writes to ranges which do not overlap may
// run side by side.
class File {
 public:
  virtual ~File() = default;

  // Bytes read from `offset`; fewer than asked for only at the end of the file.
  [[nodiscard]] virtual Result<size_t> read_at(uint64_t offset, std::span<uint8_t> into) const = 0;
  // Writes the parts one after another from `offset`, and all of them: a short write is continued.
  // After an error any part may have been written. Nothing is durable before sync_data().
  Status write_at(uint64_t offset, std::span<const ByteSpan> parts);
  Status write_at(uint64_t offset, ByteSpan bytes) { return write_at(offset, {&bytes, 1}); }

  // Makes [from, to) zero, growing the file if need be; as durable as a write. Keeps them out of
  // the page cache where the file system allows it: they are not to be read soon.
  virtual Status write_zeros(uint64_t from, uint64_t to);

  // Writes whole blocks: offset, size and address are multiples of kBlockBytes. Past the page cache
  // where the file system allows it, for what is hardly ever read again. Otherwise as write_at().
  static constexpr size_t kBlockBytes = 4096;
  virtual Status write_blocks(uint64_t offset, ByteSpan blocks) {
    return write_at(offset, blocks);
  }

  // fdatasync. When it fails, the state of everything written since the last success is unknown and
  // stays so: a repeated sync may report success for data that is lost. Write the data again
  // elsewhere.
  virtual Status sync_data() = 0;
  [[nodiscard]] virtual Result<uint64_t> size() const = 0;
  virtual Status truncate(uint64_t bytes) = 0;
  // Reserves disk blocks for [0, bytes) without changing the size.
  virtual Status preallocate(uint64_t bytes) = 0;

 protected:
  // One system call: writes a non-empty prefix of the parts and says how many bytes.
  virtual Result<size_t> write_some(uint64_t offset, std::span<const ByteSpan> parts) = 0;
};

// Held until destroyed, or until the process ends in whatever way.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class OpenMode {
  kRead,
  kWrite,   // read and write; must exist
  kCreate,  // read and write; kConflict if it exists. Permissions 0600
  kAny,     // read and write; created when absent
};

// Creating, renaming and unlinking are durable only after sync_directory() of the directory. Any
// thread may call.
class Disk {
 public:
  virtual ~Disk() = default;

  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path,
                                                           OpenMode mode) = 0;
  // Replaces `to` if it exists.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status unlink(const std::string& path) = 0;
  // Permissions 0700; ok if the directory exists. The parent must exist.
  virtual Status make_directory(const std::string& path) = 0;
  virtual Status sync_directory(const std::string& path) = 0;
  // Names, sorted, without "." and "..".
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  // What an unprivileged process may still write to the file system of `path`.
  [[nodiscard]] virtual Result<uint64_t> free_bytes(const std::string& path) = 0;
  // Exclusive lock on the file, which is created when absent; kConflict at once when somebody else
  // has it.
  [[nodiscard]] virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

// The file system of the machine.
class PosixDisk final : public Disk {
 public:
  [[nodiscard]] Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status unlink(const std::string& path) override;
  Status make_directory(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& directory) override;
  [[nodiscard]] Result<uint64_t> free_bytes(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;
};

// "cannot WHAT PATH: REASON[; advice]", with the Code that fits `error` (an errno).
[[nodiscard]] Status disk_error(std::string_view what, std::string_view path, int error);

// "a/b/c" -> "a/b"; "c" -> "."
[[nodiscard]] std::string directory_of(std::string_view path);

}  // namespace flawless::os
