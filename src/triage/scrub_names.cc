// Which names go with secrets.
#include <algorithm>
#include <iterator>

#include "triage/scrub.h"
#include "triage/scrub_parts.h"
#include "triage/text.h"

namespace flawless::triage {
namespace {

struct BuiltIn {
  std::string_view name;
  NameMatch match;
};
using enum NameMatch;

// The union of what Rollbar's and Sentry's servers and clients, Rails, Django and Laravel filter by
// default, but for Rails' "_key", which would hide every primary_key and cache_key (those that go
// with secrets are named), and for addresses (x_forwarded_for).
constexpr BuiltIn kBuiltIns[] = {
    {"password", kAnywhere},
    {"passwd", kAnywhere},
    {"passphrase", kAnywhere},
    {"passwort", kAnywhere},
    {"privatekey", kAnywhere},
    {"apikey", kAnywhere},
    {"accesstoken", kAnywhere},
    {"secretkey", kAnywhere},
    {"accesskey", kAnywhere},
    {"clientsecret", kAnywhere},
    {"pass", kWords},
    {"passw", kWords},
    {"pwd", kWords},
    {"pw", kWords},
    {"passcode", kWords},
    {"secret", kWords},
    {"secrets", kWords},
    {"secret", kSuffix},
    {"auth", kWords},
    {"authentication", kLastWords},
    {"authorization", kWords},
    {"credential", kWords},
    {"credentials", kWords},
    {"mysqlpwd", kWords},
    {"bearer", kWords},
    {"jwt", kWords},
    {"crypt", kWords},
    {"salt", kWords},
    {"certificate", kLastWords},
    {"token", kSuffix},
    {"accesstokens", kWords},
    {"authtokens", kWords},
    {"apitokens", kWords},
    {"refreshtokens", kWords},
    {"appkey", kWords},
    {"accountkey", kWords},
    {"sharedkey", kWords},
    {"masterkey", kWords},
    {"encryptionkey", kWords},
    {"signingkey", kWords},
    {"hmackey", kWords},
    {"sshkey", kWords},
    {"deploykey", kWords},
    {"authkey", kWords},
    {"licensekey", kWords},
    {"sessionid", kWords},
    {"sessionkey", kWords},
    {"phpsessid", kWords},
    {"jsessionid", kWords},
    {"aspnetsessionid", kSuffix},
    {"session", kWhole},
    {"usersession", kWhole},
    {"aiohttpsession", kWhole},
    {"symfony", kWhole},
    {"connectsid", kWhole},
    {"csrf", kWords},
    {"xsrf", kWords},
    {"csrftoken", kWords},
    {"cookie", kLastWords},
    {"cookies", kWhole},
    {"requestcookies", kWhole},
    {"setcookie", kWords},
    {"creditcard", kAnywhere},
    {"cardnumber", kAnywhere},
    {"cardnum", kWords},
    {"cardno", kWords},
    {"cardcvv", kWords},
    {"cardcvc", kWords},
    {"cardverification", kWords},
    {"cardholder", kWords},
    {"cardtype", kWhole},
    {"nameoncard", kWords},
    {"namedeskarteninhabers", kWords},
    {"securitycode", kWords},
    {"paymenttype", kWhole},
    {"expirationdate", kWhole},
    {"expdate", kWords},
    {"ccnumber", kWords},
    {"ccnum", kWords},
    {"ccname", kWords},
    {"cctype", kWords},
    {"ccexp", kWords},
    {"ccmonth", kWords},
    {"ccyear", kWords},
    {"cccsc", kWords},
    {"ccv", kWords},
    {"cvv", kWords},
    {"cvc", kWords},
    {"ssn", kWords},
    {"socialsecurity", kWords},
    {"socialsecuritynumber", kWords},
    {"otp", kWords},
    {"totp", kWords},
    {"mfacode", kWords},
    {"awsaccesskeyid", kWords},
    {"amzsignature", kLastWords},
    {"amzcredential", kLastWords},
    {"sasltoken", kWords},
    {"recoverycodes", kWords},
    {"backupcodes", kWords},
};

// A name that ends so says something about a secret, it is none.
constexpr std::string_view kDescriptions[] = {
    "age",        "at",         "attempts",   "backend",    "backends",   "bits",
    "bucket",     "buckets",    "changed",    "class",      "count",      "date",
    "dir",        "enabled",    "endpoint",   "exists",     "expiration", "expires",
    "expiry",     "factory",    "field",      "fields",     "file",       "fn",
    "form",       "func",       "function",   "generator",  "handler",    "helper",
    "in",         "label",      "len",        "length",     "lifetime",   "limit",
    "manager",    "max",        "message",    "method",     "middleware", "min",
    "mode",       "model",      "page",       "path",       "policy",     "provider",
    "rate",       "realm",      "regex",      "required",   "rules",      "scheme",
    "service",    "size",       "status",     "storage",    "store",      "strategy",
    "strength",   "through",    "time",       "timeout",    "ttl",        "type",
    "uri",        "url",        "user",       "username",   "valid",      "validator",
    "validators", "view",
};
static_assert(std::is_sorted(std::begin(kDescriptions), std::end(kDescriptions)));

bool is_description(std::string_view word) {
  return std::binary_search(std::begin(kDescriptions), std::end(kDescriptions), word);
}

// Letters beyond ASCII too, in any encoding.
bool is_part(char c) { return is_alnum(c) || static_cast<uint8_t>(c) >= 0x80; }

}  // namespace

FoldedName fold_name(std::string_view name) {
  constexpr std::string_view kNumber = "number";
  FoldedName folded;
  const bool counted = name.ends_with('#');  // "card #"
  const size_t most = FoldedName::kLongest - (counted ? kNumber.size() : 0);
  if (name.size() > most) name = name.substr(name.size() - most);
  bool at_start = true;
  for (size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    if (!is_part(c)) {
      at_start = true;
      continue;
    }
    bool hump = is_upper(c) && i > 0 &&
                (!is_upper(name[i - 1]) || (i + 1 < name.size() && is_lower(name[i + 1])));
    if (at_start || hump) folded.starts |= uint64_t{1} << folded.size;
    folded.text[folded.size++] = to_lower(c);
    at_start = false;
  }
  if (counted) {
    folded.starts |= uint64_t{1} << folded.size;
    folded.size += kNumber.copy(folded.text + folded.size, kNumber.size());
  }
  return folded;
}

size_t FoldedName::after_digits(size_t at) const {
  while (at < size && is_digit(text[at])) ++at;
  return at;
}

std::string_view FoldedName::last_word() const {
  size_t end = size;
  while (end > 0 && is_digit(text[end - 1])) --end;
  size_t at = end;
  while (at > 0 && !starts_word(--at)) {
  }
  return view().substr(at, end - at);
}

bool Scrubber::can_be_rule(std::string_view name) {
  return name.size() <= FoldedName::kLongest && std::any_of(name.begin(), name.end(), is_part);
}

Scrubber::Scrubber(const ScrubRules& rules) : hides_shapes_(rules.use_defaults) {
  if (rules.use_defaults) {
    for (const BuiltIn& rule : kBuiltIns) add(rule.name, rule.match, true);
  }
  for (const std::string& name : rules.extra_names) add(name, kWords, false);
}

void Scrubber::add(std::string_view name, NameMatch match, bool built_in) {
  std::string folded(fold_name(name).view());
  if (folded.empty()) return;
  Rules& rules = match == kAnywhere || match == kSuffix ? anywhere_ : at_word_;
  rules[static_cast<uint8_t>(folded[0])].push_back({std::move(folded), match, built_in});
}

// Of a rule of at_word_, `at` is where a word starts.
bool Scrubber::holds(const Rule& rule, const FoldedName& name, size_t at) {
  const size_t end = at + rule.name.size();
  const size_t after = name.after_digits(end);  // "token2"
  bool fits = false;
  switch (rule.match) {
    case kAnywhere:
      fits = true;
      break;
    case kWords:
      fits = after == name.size || name.starts_word(end) || name.starts_word(after);
      break;
    case kLastWords:
    case kSuffix:
      fits = after == name.size;
      break;
    case kWhole:
      fits = at == 0 && after == name.size;
      break;
  }
  return fits && name.view().substr(at, rule.name.size()) == rule.name;
}

bool Scrubber::is_secret(const Rules& rules, const FoldedName& name, size_t at) {
  for (const Rule& rule : rules[static_cast<uint8_t>(name.text[at])]) {
    const size_t end = at + rule.name.size();
    if (end > name.size || name.text[end - 1] != rule.name.back()) continue;  // most
    if (!holds(rule, name, at)) continue;
    const bool ends = name.after_digits(end) == name.size;
    if (ends || !rule.built_in || !is_description(name.last_word())) return true;
  }
  return false;
}

bool Scrubber::is_secret_name(std::string_view name) const {
  if (name == "PWD" || name == "OLDPWD") return false;  // the shell's working directory
  const FoldedName folded = fold_name(name);
  for (size_t at = 0; at < folded.size; ++at) {
    if (is_secret(anywhere_, folded, at)) return true;
    if (folded.starts_word(at) && is_secret(at_word_, folded, at)) return true;
  }
  return false;
}

}  // namespace flawless::triage
