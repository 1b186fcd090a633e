// Which of a few known member names a key is. A report has hundreds of keys, and most of them are
// among a dozen names: the first byte and the length leave one name to compare with, or none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace flawless::wire {

// Made at compile time of distinct names, none empty, at most 254.
template <size_t kCount>
class Names {
 public:
  constexpr explicit Names(const std::array<std::string_view, kCount>& names) : names_(names) {
    static_assert(kCount < kNone);
    first_.fill(kNone);
    for (size_t at = kCount; at-- > 0;) {
      uint8_t& first = first_[slot(names_[at])];
      next_[at] = first;
      first = static_cast<uint8_t>(at);
    }
  }

  // The position of `key` among the names; kCount if it is none of them.
  [[nodiscard]] size_t find(std::string_view key) const {
    if (key.empty()) return kCount;
    for (uint8_t at = first_[slot(key)]; at != kNone; at = next_[at]) {
      if (are_equal(names_[at], key)) return at;
    }
    return kCount;
  }

 private:
  // Two words that overlap hold a short text, and are compared without a call.
  static bool are_equal(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    if (a.size() >= 8 && a.size() <= 16) return ends_are_equal<uint64_t>(a, b);
    if (a.size() >= 4 && a.size() < 8) return ends_are_equal<uint32_t>(a, b);
    return a == b;
  }
  template <typename Word>
  static bool ends_are_equal(std::string_view a, std::string_view b) {
    const size_t last = a.size() - sizeof(Word);
    return word<Word>(a, 0) == word<Word>(b, 0) && word<Word>(a, last) == word<Word>(b, last);
  }
  template <typename Word>
  static Word word(std::string_view text, size_t at) {
    Word word;
    std::memcpy(&word, text.data() + at, sizeof word);
    return word;
  }

  static constexpr uint8_t kNone = 255;
  static constexpr size_t kSlots = 128;
  static constexpr size_t slot(std::string_view key) {
    return (static_cast<unsigned char>(key.front()) + 7 * key.size()) % kSlots;
  }

  std::array<std::string_view, kCount> names_;
  std::array<uint8_t, kCount> next_{};
  std::array<uint8_t, kSlots> first_{};
};

}  // namespace flawless::wire
