// From the author git names to the address that stands for them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flawless::blame {

struct AddressRules {
  std::string domain;          // where developers have their mail; may be empty
  bool ignore_domain = false;  // all of them have it there, whatever git says
  // From an address, or the part before "@", to an address, or the part before "@" of `domain`.
  std::vector<std::pair<std::string, std::string>> remapping;
};

struct DeveloperAddress {
  std::string address;  // in small letters; empty: see problem
  std::string problem;  // a sentence with what to do about it
};

// In this order: an author without "@" is nobody; remapping of the address, then of the part before
// "@"; a domain without "." (a machine's name), or any if `ignore_domain`, becomes `domain`. An
// address that a hosting site invented ("123+ada@users.noreply.github.com") is remapped by the
// user's name in it ("ada"), and cannot be mailed otherwise.
[[nodiscard]] DeveloperAddress developer_address(std::string_view author_email,
                                                 const AddressRules& rules);

// One address that can stand in a mail's envelope: ASCII, one "@", no white space or specials.
[[nodiscard]] bool is_address(std::string_view text);

[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace flawless::blame
