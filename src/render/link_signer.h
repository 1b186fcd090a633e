// Grants in links: what the reader of a mail may see without an account.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/locked.h"
#include "base/result.h"
#include "base/time.h"

namespace flawless::render {

// Exactly what one mail is about: that occurrence (and later ones of its line), its item, and the
// lines that stand against `email`. Zero or empty: nothing of that sort.
struct Grant {
  ProjectId project;
  int64_t item_number = 0;
  OccurrenceId occurrence;
  LineId line;
  std::string email;
  Time expires;  // kept in whole seconds
  friend bool operator==(const Grant&, const Grant&) = default;
};
inline constexpr std::chrono::hours kGrantLife{24 * 30};

// Any thread. A token is a URL-safe text of about 60 characters and the address; it
// hides nothing, it only cannot be made or changed without the key (HMAC-SHA256, 128 bits kept).
class LinkSigner {
 public:
  // `key`: 32 secret bytes; a new key voids every token.
  explicit LinkSigner(std::string key);

  // Holds for whatever is signed or verified after it returns.
  void set_key(std::string key);

  [[nodiscard]] std::string sign(const Grant& grant) const;
  // kDenied: not ours, changed, or expired by `now`.
  [[nodiscard]] Result<Grant> verify(std::string_view token, Time now) const;

 private:
  Locked<std::string> key_;
};

}  // namespace flawless::render
