// Strong ids: a function that wants a project cannot be given an item.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace flawless {

template <typename Tag>
struct Id {
  int64_t v = 0;  // 0 = none
  friend auto operator<=>(const Id&, const Id&) = default;
  explicit operator bool() const { return v != 0; }
};

using ProjectId = Id<struct ProjectTag>;
using TokenId = Id<struct TokenTag>;
using UserId = Id<struct UserTag>;
using ItemId = Id<struct ItemTag>;
using KeyId = Id<struct GroupingKeyTag>;  // a grouping key's row
using SiteId = Id<struct SiteTag>;
using LineId = Id<struct LineTag>;
using PersonId = Id<struct PersonTag>;
using OccurrenceId = Id<struct OccurrenceTag>;  // grows with time of acceptance

// What a sender calls a report: Rollbar's uuid or Sentry's event_id as 16 bytes. A client string
// that is not 32 hex digits (dashes aside) is hashed into 16 bytes, so that it is as idempotent as
// a real UUID.
struct ReportId {
  std::array<uint8_t, 16> bytes{};
  friend auto operator<=>(const ReportId&, const ReportId&) = default;
  [[nodiscard]] bool is_zero() const;
  [[nodiscard]] std::string hex() const;     // 32 lower-case digits
  [[nodiscard]] std::string dashed() const;  // 8-4-4-4-12

  // Accepts 32 hex digits with or without dashes; nothing else.
  static std::optional<ReportId> parse(std::string_view text);
  // parse(), else XXH3-128 of the text.
  static ReportId from_client(std::string_view text);
  // Version-7-like: 48 bits of milliseconds, then random bits.
  static ReportId generate(int64_t unix_ms);
};

}  // namespace flawless

template <typename Tag>
struct std::hash<flawless::Id<Tag>> {
  size_t operator()(const flawless::Id<Tag>& id) const noexcept {
    return std::hash<int64_t>{}(id.v);
  }
};
template <>
struct std::hash<flawless::ReportId> {
  size_t operator()(const flawless::ReportId& id) const noexcept {
    uint64_t word;
    __builtin_memcpy(&word, id.bytes.data() + 8, sizeof word);
    return word;
  }
};
