#include "blame/recipient.h"

#include <algorithm>

#include "blame/address.h"

namespace flawless::blame {
namespace {

std::string domain_of(std::string_view address) {
  return lower_case(address.substr(std::min(address.rfind('@') + 1, address.size())));
}

bool contains(std::span<const std::string> list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

Allowed allowed_addresses(std::span<const std::string> configured,
                          std::span<const store::User> users, std::string_view default_contact) {
  Allowed allowed;
  const std::string contact = lower_case(default_contact);
  if (!contact.empty()) allowed.listed.push_back(contact);
  for (const std::string& entry : configured) {
    allowed.listed.push_back(lower_case(entry.starts_with('@') ? entry.substr(1) : entry));
  }
  if (!configured.empty()) return allowed;
  if (!contact.empty()) allowed.listed.push_back(domain_of(contact));
  for (const store::User& user : users) {
    const std::string address = lower_case(user.email);
    if (user.enabled) allowed.listed.push_back(address);
    if (!user.enabled && address != contact) allowed.refused.push_back(address);
  }
  return allowed;
}

bool may_mail(std::string_view address, const Allowed& allowed) {
  const std::string lower = lower_case(address);
  if (!is_address(lower) || contains(allowed.refused, lower)) return false;
  return contains(allowed.listed, lower) || contains(allowed.listed, domain_of(lower));
}

Recipient choose_recipient(std::string_view developer, std::string_view problem,
                           const Allowed& allowed, std::string_view default_contact) {
  if (!developer.empty() && may_mail(developer, allowed)) {
    return {std::string(developer), {}, "You last changed the line that failed."};
  }
  Recipient recipient;
  recipient.address = lower_case(default_contact);
  recipient.intended_for = developer;
  if (developer.empty()) {
    recipient.why = "You are the default contact, and nobody is known who wrote the line";
    recipient.why += problem.empty() ? "." : ": " + std::string(problem) + ".";
  } else {
    recipient.why = "You are the default contact. It is meant for " + std::string(developer) +
                    ", an address that mail.allow does not list.";
  }
  return recipient;
}

Recipient recipient_without_line(std::string_view default_contact) {
  Recipient recipient;
  recipient.address = lower_case(default_contact);
  recipient.why =
      "You are the default contact, and nobody can be asked about this: no line of the "
      "application's code is in the report.";
  return recipient;
}

std::vector<std::string> further_recipients(std::span<const std::string> wished,
                                            const Allowed& allowed,
                                            std::string_view taken,
                                            std::vector<std::string>& refused) {
  std::vector<std::string> further;
  for (const std::string& one : wished) {
    std::string address = lower_case(one);
    if (!may_mail(address, allowed)) {
      refused.push_back(std::move(address));
    } else if (address != taken && !contains(further, address)) {
      further.push_back(std::move(address));
    }
  }
  return further;
}

}  // namespace flawless::blame
