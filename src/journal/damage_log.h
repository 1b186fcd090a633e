// What was found damaged in the journal and is still kept, in words for the operator.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/locked.h"

namespace flawless::journal {

// Thread-safe.
class DamageLog {
 public:
  // Logs it and keeps it until the segment is forgotten; once for each place.
  void note(uint64_t segment, uint64_t offset, std::string text);
  void forget(uint64_t segment);
  [[nodiscard]] bool concerns(uint64_t segment) const;
  // Empty when nothing is damaged, as far as is known.
  [[nodiscard]] std::string text() const;

 private:
  using Places = std::map<std::pair<uint64_t, uint64_t>, std::string>;
  mutable Locked<Places> places_;
};

// Records first … last cannot be read; they lay between `from` and `to`.
[[nodiscard]] std::string lost_records(const std::string& path, uint64_t from, uint64_t to,
                                       uint64_t first, uint64_t last);
// The disk does not read what lies behind `from`: how many records that were is not known.
[[nodiscard]] std::string unreadable_end(const std::string& path, uint64_t from, uint64_t first);

}  // namespace flawless::journal
