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
// default.
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
    {"creditcard", kAnywhere},
    {"cardnumber", kAnywhere},
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
    {"token", kSuffix},
    {"accesstokens", kWords},
    {"authtokens", kWords},
    {"apitokens", kWords},
    {"refreshtokens", kWords},
    {"appkey", kWords},
    {"masterkey", kWords},
    {"encryptionkey", kWords},
    {"signingkey", kWords},
    {"sshkey", kWords},
    {"authkey", kWords},
    {"licensekey", kWords},
    {"sessionid", kWords},
    {"sessionkey", kWords},
    {"phpsessid", kWords},
    {"jsessionid", kWords},
    {"aspnetsessionid", kSuffix},
    {"session", kWhole},
    {"connectsid", kWhole},
    {"csrf", kWords},
    {"xsrf", kWords},
    {"csrftoken", kWords},
    {"cookie", kLastWords},
    {"cookies", kWhole},
    {"setcookie", kWords},
    {"ccnumber", kWords},
    {"ccnum", kWords},
    {"cardno", kWords},
    {"cardcvv", kWords},
    {"cardcvc", kWords},
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
    "age",        "at",       "attempts", "backend",  "backends",   "bits",       "bucket",
    "buckets",    "changed",  "class",    "count",    "date",       "dir",        "enabled",
    "endpoint",   "exists",   "expires",  "expiry",   "expiration", "factory",    "field",
    "fields",     "file",     "fn",       "form",     "func",       "function",   "generator",
    "handler",    "helper",   "in",       "label",    "len",        "length",     "lifetime",
    "limit",      "manager",  "max",      "message",  "method",     "middleware", "min",
    "mode",       "model",    "page",     "path",     "policy",     "provider",   "realm",
    "regex",      "required", "rules",    "scheme",   "service",    "size",       "status",
    "storage",    "store",    "strategy", "strength", "time",       "timeout",    "ttl",
    "type",       "uri",      "url",      "user",     "username",   "valid",      "validator",
    "validators", "view",
};

bool is_description(std::string_view word) {
  return std::binary_search(std::begin(kDescriptions), std::end(kDescriptions), word);
}

}  // namespace

FoldedName fold_name(std::string_view name) {
  FoldedName folded;
  if (name.size() > FoldedName::kLongest) name = name.substr(name.size() - FoldedName::kLongest);
  bool at_start = true;
  for (size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    if (!is_alnum(c)) {
      at_start = true;
      continue;
    }
    bool hump = is_upper(c) && i > 0 &&
                (!is_upper(name[i - 1]) || (i + 1 < name.size() && is_lower(name[i + 1])));
    if (at_start || hump) folded.starts |= uint64_t{1} << folded.size;
    folded.text[folded.size++] = to_lower(c);
    at_start = false;
  }
  return folded;
}

Scrubber::Scrubber(const ScrubRules& rules) {
  if (rules.use_defaults) {
    for (const BuiltIn& rule : kBuiltIns) add(rule.name, rule.match, true);
  }
  for (const std::string& name : rules.extra_names) add(name, kWords, false);
}

void Scrubber::add(std::string_view name, NameMatch match, bool built_in) {
  std::string folded(fold_name(name).view());
  if (folded.size() < 2) return;  // a single letter would hide half of everything
  rules_[static_cast<uint8_t>(folded[0]) & 127].push_back({std::move(folded), match, built_in});
}

bool Scrubber::holds(const Rule& rule, const FoldedName& name, size_t at) {
  size_t end = at + rule.name.size();
  if (end > name.size) return false;
  bool fits = false;
  switch (rule.match) {
    case kAnywhere:
      fits = true;
      break;
    case kWords:
      fits = name.starts_word(at) && (end == name.size || name.starts_word(end));
      break;
    case kLastWords:
      fits = name.starts_word(at) && end == name.size;
      break;
    case kSuffix:
      fits = end == name.size;
      break;
    case kWhole:
      fits = at == 0 && end == name.size;
      break;
  }
  return fits && name.text[at + 1] == rule.name[1] &&
         name.view().substr(at, rule.name.size()) == rule.name;
}

bool Scrubber::is_secret_name(std::string_view name) const {
  if (name == "PWD" || name == "OLDPWD") return false;  // the shell's working directory
  FoldedName folded = fold_name(name);
  while (folded.size > 0 && is_digit(folded.text[folded.size - 1])) --folded.size;  // "token2"
  for (size_t at = 0; at < folded.size; ++at) {
    for (const Rule& rule : rules_[static_cast<uint8_t>(folded.text[at]) & 127]) {
      if (!holds(rule, folded, at)) continue;
      bool ends = at + rule.name.size() == folded.size;
      if (ends || !rule.built_in || !is_description(folded.last_word())) return true;
    }
  }
  return false;
}

}  // namespace flawless::triage
