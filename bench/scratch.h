// Files of the floors that touch the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace flawless::bench {

// A new folder below `parent` that goes with the object; its path is empty if it cannot be made.
class Scratch {
 public:
  explicit Scratch(const std::string& parent);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Made if it is not there, written past the page cache if the file system can. A file that cannot
// be opened fails at its first use.
class ScratchFile {
 public:
  static constexpr size_t kMostBytes = 4U << 20U;  // of one append

  explicit ScratchFile(const std::string& path);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  Status fill_with_zeros(size_t bytes);
  // Begins at a block of its own and is durable when this returns.
  Status append(std::string_view bytes);
  void rewind() { end_ = 0; }

 private:
  struct Free {
    void operator()(char* bytes) const;
  };
  int fd_;
  size_t end_ = 0;
  std::unique_ptr<char[], Free> buffer_;
};

// kUnavailable: `what` and what errno says.
[[nodiscard]] Status system_error(std::string_view what);

}  // namespace flawless::bench
