// Files of the floors that touch the disk.
#pragma once

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

// Made if it is not there. A file that cannot be opened fails at its first use.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& path);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  Status fill_with_zeros(size_t bytes);
  Status write_at(std::string_view bytes, size_t at);
  Status sync();

 private:
  int fd_;
};

// kUnavailable: `what` and what errno says.
[[nodiscard]] Status system_error(std::string_view what);

}  // namespace flawless::bench
