#include "os/file.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace flawless::os {
namespace {

constexpr uint64_t kZerosAtOnce = 1U << 20U;

Code code_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Code::kNotFound;
    case EEXIST:
    case EWOULDBLOCK:
      return Code::kConflict;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::kDenied;
    default:
      return Code::kUnavailable;
  }
}

std::string_view advice_for(int error) {
  switch (error) {
    case ENOSPC:
      return "; free some space on that file system";
    case EDQUOT:
      return "; raise the disk quota of the user the server runs as, or free some space";
    case EACCES:
    case EPERM:
      return "; the user the server runs as needs read and write access";
    case EROFS:
      return "; remount that file system for writing";
    case EMFILE:
    case ENFILE:
      return "; raise the limit of open files";
    case EIO:
      return "; the device reports an error, see the kernel's log";
    default:
      return "";
  }
}

// What is left of `parts` after `skip` bytes.
std::vector<ByteSpan> rest_of(std::span<const ByteSpan> parts, size_t skip) {
  std::vector<ByteSpan> rest;
  for (ByteSpan part : parts) {
    size_t here = std::min(skip, part.size());
    skip -= here;
    if (here < part.size()) rest.push_back(part.subspan(here));
  }
  return rest;
}

}  // namespace

Status File::write_at(uint64_t offset, std::span<const ByteSpan> parts) {
  size_t total = 0;
  for (ByteSpan part : parts) total += part.size();
  std::vector<ByteSpan> rest;
  for (size_t done = 0; done < total;) {
    auto wrote = write_some(offset + done, parts);
    if (!wrote) return wrote.status();
    done += *wrote;
    if (done == total) break;
    rest = rest_of(parts, *wrote);
    parts = rest;
  }
  return {};
}

Status File::write_zeros(uint64_t from, uint64_t to) {
  const std::vector<uint8_t> zeros(std::min(kZerosAtOnce, to - std::min(from, to)));
  while (from < to) {
    uint64_t bytes = std::min<uint64_t>(zeros.size(), to - from);
    RETURN_IF_ERROR(write_at(from, ByteSpan(zeros).first(bytes)));
    from += bytes;
  }
  return {};
}

Status disk_error(std::string_view what, std::string_view path, int error) {
  std::string text = "cannot ";
  text.append(what).append(" ").append(path).append(": ");
  text.append(std::generic_category().message(error)).append(advice_for(error));
  return {code_of(error), std::move(text)};
}

std::string directory_of(std::string_view path) {
  size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

}  // namespace flawless::os
