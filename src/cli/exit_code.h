// What the process says to whoever started it.
#pragma once

#include "base/result.h"

namespace flawless::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;  // wrong arguments or configuration
inline constexpr int kExitNotFound = 3;
inline constexpr int kExitConflict = 4;     // exists already, is needed, or is locked by another
inline constexpr int kExitUnavailable = 5;  // the server or the disk does not work now

[[nodiscard]] constexpr int exit_code(Code code) {
  switch (code) {
    case Code::kOk:
      return kExitOk;
    case Code::kInvalid:
      return kExitUsage;
    case Code::kNotFound:
      return kExitNotFound;
    case Code::kConflict:
      return kExitConflict;
    case Code::kExhausted:
    case Code::kUnavailable:
      return kExitUnavailable;
    default:
      return kExitFailed;
  }
}

}  // namespace flawless::cli
