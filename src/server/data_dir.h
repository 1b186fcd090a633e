// What lies where in the data directory.
#pragma once

#include <string>

#include "base/result.h"

namespace flawless::server {

struct DataDir {
  std::string path;

  [[nodiscard]] std::string lock() const { return path + "/lock"; }
  [[nodiscard]] std::string socket() const { return path + "/flawless.sock"; }
  [[nodiscard]] std::string database() const { return path + "/flawless.db"; }
  [[nodiscard]] std::string admission() const { return path + "/admission"; }
  [[nodiscard]] std::string journal() const { return path + "/journal"; }

  // Makes the directory, and the ones above it as far as they are missing, and closes it for others
  // (mode 0700). kDenied when it belongs to another user.
  [[nodiscard]] Status make() const;
};

}  // namespace flawless::server
