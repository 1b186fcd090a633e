#include "journal/segment.h"

#include <charconv>

namespace flawless::journal {
namespace {

constexpr size_t kDigits = 20;
constexpr std::string_view kSuffix = ".seg";

}  // namespace

std::string segment_name(std::string_view kind, uint64_t number) {
  std::string digits = std::to_string(number);
  std::string name(kind);
  name.append("-").append(kDigits - digits.size(), '0').append(digits).append(kSuffix);
  return name;
}

uint64_t parse_segment_name(std::string_view kind, std::string_view name) {
  if (name.size() != kind.size() + 1 + kDigits + kSuffix.size() || !name.starts_with(kind) ||
      !name.ends_with(kSuffix)) {
    return 0;
  }
  uint64_t number = 0;
  const char* first = name.data() + kind.size() + 1;
  auto [end, error] = std::from_chars(first, first + kDigits, number);
  return error == std::errc{} && end == first + kDigits ? number : 0;
}

Status prepare(Segment& segment, os::File& file, uint64_t bytes) {
  std::lock_guard guard(segment.preparing);
  const uint64_t from = segment.prepared.load();
  if (from >= bytes) return {};
  RETURN_IF_ERROR(file.write_zeros(from, bytes));
  segment.prepared.store(bytes);
  return {};
}

}  // namespace flawless::journal
