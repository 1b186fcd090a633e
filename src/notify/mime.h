// A mail as the bytes that go to the server (RFC 5322, 2045, 2047). Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "notify/address.h"

namespace flawless::notify {

struct Outgoing {
  Mailbox from;
  std::string to;  // one address
  std::string subject, html, text;
  std::string message_id, thread_id;  // "<…@host>"; thread_id may be empty
  Time date;
  std::vector<std::pair<std::string, std::string>> headers;  // further ones, not yet encoded
};

// Header lines of at most 76 characters where words allow, never over 998; CRLF only; ASCII only.
// Control characters in any field become "?": no field can add a header. The same Outgoing gives
// the same bytes.
[[nodiscard]] std::string to_bytes(const Outgoing& mail);

// The value as it stands in a header named `name`: folded, and as encoded words if it is not plain
// ASCII.
[[nodiscard]] std::string encode_header(std::string_view name, std::string_view value);
// "Sun, 22 Nov 2026 14:05:11 +0000"
[[nodiscard]] std::string mail_date(Time time);

}  // namespace flawless::notify
