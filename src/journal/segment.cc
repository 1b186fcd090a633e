#include "journal/segment.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace flawless::journal {
namespace {

constexpr uint64_t kZerosAtOnce = 1U << 20U;
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

Status write_zeros(os::File& file, uint64_t from, uint64_t to) {
  const std::vector<uint8_t> zeros(std::min(kZerosAtOnce, to - std::min(from, to)));
  while (from < to) {
    uint64_t bytes = std::min<uint64_t>(zeros.size(), to - from);
    RETURN_IF_ERROR(file.write_at(from, ByteSpan(zeros).first(bytes)));
    from += bytes;
  }
  return {};
}

Status prepare(Segment& segment, os::File& file, uint64_t bytes) {
  std::lock_guard guard(segment.preparing);
  const uint64_t from = segment.prepared.load();
  if (from >= bytes) return {};
  RETURN_IF_ERROR(write_zeros(file, from, bytes));
  segment.prepared.store(bytes);
  return {};
}

}  // namespace flawless::journal
