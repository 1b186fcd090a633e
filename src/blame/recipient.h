// Who gets the mail about a line. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/types.h"

namespace flawless::blame {

// Whom mail may go to, in small letters.
struct Allowed {
  std::vector<std::string> listed;   // addresses and domains
  std::vector<std::string> refused;  // addresses, though their domain is listed
};

// `configured`: addresses and domains ("shop.example", "@shop.example"). If there are none: the
// users, and the default contact's domain, but nobody whose account is disabled. The default
// contact always.
[[nodiscard]] Allowed allowed_addresses(std::span<const std::string> configured,
                                        std::span<const store::User> users,
                                        std::string_view default_contact);
[[nodiscard]] bool may_mail(std::string_view address, const Allowed& allowed);

struct Recipient {
  std::string address;       // empty: nobody is left to tell
  std::string intended_for;  // the developer, when it goes to somebody else
  std::string why;           // why it goes to this address, for people
};

// The developer if that is allowed, else the default contact. `problem` says why there is no
// developer.
[[nodiscard]] Recipient choose_recipient(std::string_view developer, std::string_view problem,
                                         const Allowed& allowed,
                                         std::string_view default_contact);
// Of a report that blames no line: the default contact.
[[nodiscard]] Recipient recipient_without_line(std::string_view default_contact);

// Who of `wished` is allowed and not yet among `taken`, in small letters, each once; the others of
// `wished` that are not allowed go to `refused`.
[[nodiscard]] std::vector<std::string> further_recipients(std::span<const std::string> wished,
                                                          const Allowed& allowed,
                                                          std::string_view taken,
                                                          std::vector<std::string>& refused);

}  // namespace flawless::blame
