// Mail addresses. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace flawless::notify {

// One plain address that may stand in an envelope and a header: ASCII, no quotes, no comments, no
// white space, at most 254 bytes.
[[nodiscard]] bool is_address(std::string_view text);

struct Mailbox {
  std::string name, address;
};
// "ops@shop.example" or "Shop errors <errors@shop.example>". kInvalid: neither.
[[nodiscard]] Result<Mailbox> parse_mailbox(std::string_view text);

// Behind the "@"; empty without one.
[[nodiscard]] std::string_view domain_of(std::string_view address);
// The host of an http or https URL, without port; an IPv6 one becomes "localhost".
[[nodiscard]] std::string host_of(std::string_view url);
// Letter case aside.
[[nodiscard]] bool same_address(std::string_view a, std::string_view b);

}  // namespace flawless::notify
