#include "blame/address.h"

#include <algorithm>
#include <optional>

namespace flawless::blame {
namespace {

constexpr size_t kLongestAddress = 254;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "123+ada" and "123-ada" -> "ada"
std::string_view without_number(std::string_view user) {
  size_t digits = 0;
  while (digits < user.size() && is_digit(user[digits])) ++digits;
  const bool numbered =
      digits > 0 && digits + 1 < user.size() && (user[digits] == '+' || user[digits] == '-');
  return numbered ? user.substr(digits + 1) : user;
}

bool is_invented(std::string_view local, std::string_view domain) {
  return local == "noreply" || local == "no-reply" || domain.starts_with("noreply.") ||
         domain.find(".noreply.") != std::string_view::npos;
}

std::optional<std::string> remapped(std::string_view from, const AddressRules& rules) {
  for (const auto& [name, to] : rules.remapping) {
    if (lower_case(name) == from) return lower_case(to);
  }
  return std::nullopt;
}

std::string at_domain(std::string_view local, const AddressRules& rules) {
  return std::string(local) + "@" + lower_case(rules.domain);
}

// What the rules make of an address that has an "@".
DeveloperAddress apply(const std::string& author, const AddressRules& rules) {
  const size_t at = author.rfind('@');
  const std::string domain = author.substr(at + 1);
  std::string local = author.substr(0, at);
  const bool invented = is_invented(local, domain);
  if (invented) local = without_number(local);

  auto target = remapped(author, rules);
  if (!target) target = remapped(local, rules);
  if (target && target->find('@') != std::string::npos) return {*target, {}};
  if (target) {
    if (!rules.domain.empty()) return {at_domain(*target, rules), {}};
    return {{}, author + " is remapped to " + *target + ", which needs blame.email_domain_name"};
  }
  const bool is_user = local != "noreply" && local != "no-reply";
  if (rules.ignore_domain && !rules.domain.empty() && is_user) return {at_domain(local, rules), {}};
  if (invented) {
    return {{},
            author + " is not an address that takes mail; add \"" + (is_user ? local : author) +
                "=their address\" to blame.email_remapping, or a line to .mailmap"};
  }
  if (domain.find('.') != std::string::npos) return {author, {}};
  if (!rules.domain.empty()) return {at_domain(local, rules), {}};
  return {{}, author + " is not a complete address; set blame.email_domain_name"};
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool is_address(std::string_view text) {
  const size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return false;
  if (text.size() > kLongestAddress || text.find('@', at + 1) != std::string_view::npos) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f &&
           std::string_view("<>()[],;:\\\"").find(c) == std::string_view::npos;
  });
}

DeveloperAddress developer_address(std::string_view author_email, const AddressRules& rules) {
  const std::string author = lower_case(author_email);
  if (author.find('@') == std::string::npos) {
    return {{}, "git names no address of the author"};
  }
  DeveloperAddress found = apply(author, rules);
  if (!found.address.empty() && !is_address(found.address)) {
    return {{}, "the author's address cannot be mailed: it is malformed"};
  }
  return found;
}

}  // namespace flawless::blame
