// For tests: a directory that is gone with the object.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

namespace flawless::store {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    // In memory where that is possible: what a killed process wrote is kept there too, and syncing
    // costs nothing.
    std::filesystem::path parent = "/dev/shm";
    if (::access(parent.c_str(), W_OK) != 0) parent = std::filesystem::temp_directory_path();
    std::string pattern = (parent / "flawless-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace flawless::store
