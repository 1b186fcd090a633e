// Who gets the mail about a line. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flawless::blame {

// Addresses and domains ("shop.example", "@shop.example") that mail may go to, in small letters.
// Nothing configured: the users, and the default contact's domain. The default contact always.
[[nodiscard]] std::vector<std::string> allowed_addresses(std::span<const std::string> configured,
                                                         std::span<const std::string> users,
                                                         std::string_view default_contact);
[[nodiscard]] bool may_mail(std::string_view address, std::span<const std::string> allowed);

struct Recipient {
  std::string address;       // empty: nobody is left to tell
  std::string intended_for;  // the developer, when it goes to somebody else
  std::string why;           // why it goes to this address, for people
};

// The developer if that is allowed, else the default contact. `problem` says why there is no
// developer.
[[nodiscard]] Recipient choose_recipient(std::string_view developer, std::string_view problem,
                                         std::span<const std::string> allowed,
                                         std::string_view default_contact);

// Who of `wished` is allowed and not yet among `taken`, in small letters, each once; the others of
// `wished` that are not allowed go to `refused`.
[[nodiscard]] std::vector<std::string> further_recipients(std::span<const std::string> wished,
                                                          std::span<const std::string> allowed,
                                                          std::string_view taken,
                                                          std::vector<std::string>& refused);

}  // namespace flawless::blame
