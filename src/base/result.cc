#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace flawless {

std::string_view code_name(Code code) {
  switch (code) {
    case Code::kOk:
      return "ok";
    case Code::kInvalid:
      return "invalid";
    case Code::kNotFound:
      return "not found";
    case Code::kConflict:
      return "conflict";
    case Code::kDenied:
      return "denied";
    case Code::kTooLarge:
      return "too large";
    case Code::kExhausted:
      return "exhausted";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kCorrupt:
      return "corrupt";
    case Code::kInternal:
      return "internal";
  }
  return "unknown";
}

Status Status::with_context(std::string_view what) const {
  if (is_ok()) return *this;
  return {code_, std::string(what) + ": " + message_};
}

void check_failed(std::string_view what, const char* file, int line) {
  std::fprintf(stderr, "flawless: broken invariant: %.*s (%s:%d)\n", static_cast<int>(what.size()),
               what.data(), file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace flawless
