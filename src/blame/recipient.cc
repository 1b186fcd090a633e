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

std::vector<std::string> allowed_addresses(std::span<const std::string> configured,
                                           std::span<const std::string> users,
                                           std::string_view default_contact) {
  std::vector<std::string> allowed;
  for (const std::string& entry : configured.empty() ? users : configured) {
    allowed.push_back(lower_case(entry.starts_with('@') ? entry.substr(1) : entry));
  }
  if (default_contact.empty()) return allowed;
  allowed.push_back(lower_case(default_contact));
  if (configured.empty()) allowed.push_back(domain_of(default_contact));
  return allowed;
}

bool may_mail(std::string_view address, std::span<const std::string> allowed) {
  const std::string lower = lower_case(address);
  return is_address(lower) && (contains(allowed, lower) || contains(allowed, domain_of(lower)));
}

Recipient choose_recipient(std::string_view developer, std::string_view problem,
                           std::span<const std::string> allowed, std::string_view default_contact) {
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

std::vector<std::string> further_recipients(std::span<const std::string> wished,
                                            std::span<const std::string> allowed,
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
