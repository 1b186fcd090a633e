#include "server/config_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace flawless::server {
namespace {

#define IN(member) [](Config& c, const Entry&) -> Target { return &c.member; }
#define OF_REPOSITORY(member) \
  [](Config&, const Entry& e) -> Target { return &e.repository->member; }
#define OF_RULE(member) [](Config&, const Entry& e) -> Target { return &e.rule->member; }
// A member of a key that only takes a default in words.
#define SAID(words) 0, 0, {}, words

constexpr std::string_view kFilenameHelp =
    "File or directory, or a glob (* within a directory, ** across).";
constexpr std::string_view kFunctionHelp = "Function; empty for all of the file.";
constexpr std::string_view kFragmentHelp =
    "The line, or a part of it, white space aside; empty for all.";

constexpr auto kText = KeyType::kText;
constexpr auto kNumber = KeyType::kNumber;
constexpr auto kSize = KeyType::kSize;
constexpr auto kList = KeyType::kList;
constexpr auto kFile = KeyType::kFile;
constexpr int64_t kMany = 1'000'000'000;

constexpr Key kKeys[] = {
    {"flawless",
     "data_dir",
     KeyType::kPath,
     "Where everything is kept; made with mode 0700. Relative to this file.",
     IN(data_dir),
     0,
     0,
     {},
     "required"},
    {"flawless", "log_level", KeyType::kChoice, "What is logged to standard error.", IN(log_level),
     0, 0, "debug|info|warning|error"},

    {"http", "address", kText, "IP address to listen on; 0.0.0.0 or :: for all.", IN(http.address)},
    {"http", "port", kNumber, "TCP port to listen on; 0 for any free one.", IN(http.port), 0,
     65535},
    {"http",
     "public_url",
     kText,
     "How browsers and clients reach the server; links in mails and DSNs begin with it.",
     IN(http.public_url),
     0,
     0,
     {},
     "http://address:port"},
    {"http", "trusted_proxies", kList,
     "Addresses or CIDR blocks whose X-Forwarded-For and X-Forwarded-Proto are believed.",
     IN(http.trusted_proxies)},
    {"http", "tls_certificate", kFile, "PEM file with the certificate, leaf first.",
     IN(http.tls_certificate)},
    {"http", "tls_key", kFile, "PEM file with the certificate's private key.", IN(http.tls_key)},
    {"http", "threads", kNumber, "Threads that serve connections.", IN(http.threads), 1, 256},

    {"repository",
     "name",
     kText,
     "What the repository is called here.",
     OF_REPOSITORY(name),
     0,
     0,
     {},
     "required"},
    {"repository",
     "url",
     kText,
     "Where to clone it from (https, ssh or file).",
     OF_REPOSITORY(url),
     0,
     0,
     {},
     "url or path is required"},
    {"repository",
     "path",
     KeyType::kPath,
     "A clone on this machine, used as it is.",
     OF_REPOSITORY(path),
     0,
     0,
     {},
     "url or path is required"},
    {"repository",
     "branch",
     kText,
     "Blamed when the release of a report is not known.",
     OF_REPOSITORY(branch),
     0,
     0,
     {},
     "the remote's HEAD"},
    {"repository", "projects", kList, "Names of the projects whose code it holds; none for all.",
     OF_REPOSITORY(projects)},
    {"repository", "path_mappings", kList,
     "\"deployed/prefix=path/in/repository\": where deployed files come from.",
     OF_REPOSITORY(path_mappings)},
    {"repository", "credentials_file", kFile, "File with user:password or an ssh key for the url.",
     OF_REPOSITORY(credentials_file)},
    {"repository", "credentials_env", kText, "Environment variable with user:password for the url.",
     OF_REPOSITORY(credentials_env)},
    {"repository", "fetch_every", KeyType::kDuration, "How often it is fetched.",
     OF_REPOSITORY(fetch_every)},

    {"blame", "report_error_threshold", kNumber,
     "How often a line must fail before it is mailed; a report can ask for another number.",
     IN(blame.report_error_threshold), 1, kMany},
    {"blame", "report_only_after_minimum_date", kText,
     "Lines last changed before this day (\"2014-02-01\") are never mailed.",
     IN(blame.report_only_after_minimum_date)},
    {"blame", "email_domain_name", kText,
     "Where developers have their mail, for authors whose address has no real domain.",
     IN(blame.email_domain_name)},
    {"blame", "ignore_vcs_email_domain", KeyType::kFlag,
     "All developers have their mail at email_domain_name, whatever git says.",
     IN(blame.ignore_vcs_email_domain)},
    {"blame", "email_remapping", kList,
     "\"from=to\": addresses, or parts before the @, that stand for others.",
     IN(blame.email_remapping)},
    {"blame", "wait_for_release", KeyType::kDuration,
     "How long to wait for a deployed commit that is not in the repository yet.",
     IN(blame.wait_for_release)},

    {"known_error", "filename", kText, kFilenameHelp, OF_RULE(filename), SAID("required")},
    {"known_error", "function_name", kText, kFunctionHelp, OF_RULE(function_name)},
    {"known_error", "code_fragment", kText, kFragmentHelp, OF_RULE(code_fragment)},
    {"known_error",
     "min_alert_threshold",
     kNumber,
     "Mailed once it was seen so often.",
     OF_RULE(min_alert_threshold),
     0,
     kMany,
     {},
     "never"},
    {"known_error",
     "max_alert_threshold",
     kNumber,
     "Not mailed once it was seen more often.",
     OF_RULE(max_alert_threshold),
     0,
     kMany,
     {},
     "no limit"},
    {"known_error",
     "alert_every_n_occurrences",
     kNumber,
     "Mailed each time it was seen so often.",
     OF_RULE(alert_every_n_occurrences),
     0,
     kMany,
     {},
     "never"},
    {"known_error", "email_recipients", kList, "Who is told besides the developer.",
     OF_RULE(email_recipients)},
    {"known_error", "email_header", kText, "What the mail begins with.", OF_RULE(email_header)},

    {"library_code", "filename", kText, kFilenameHelp, OF_RULE(filename), SAID("required")},
    {"library_code", "function_name", kText, kFunctionHelp, OF_RULE(function_name)},
    {"library_code", "code_fragment", kText, kFragmentHelp, OF_RULE(code_fragment)},

    {"third_party", "filename", kText, kFilenameHelp, OF_RULE(filename), SAID("required")},
    {"third_party", "function_name", kText, kFunctionHelp, OF_RULE(function_name)},
    {"third_party", "code_fragment", kText, kFragmentHelp, OF_RULE(code_fragment)},

    {"mail", "smtp_host", kText, "Mail server; no mail is sent without one.", IN(mail.smtp_host)},
    {"mail", "smtp_port", kNumber, "Port of the mail server.", IN(mail.smtp_port), 1, 65535},
    {"mail", "smtp_user", kText, "User to sign in as; no sign-in without one.", IN(mail.smtp_user)},
    {"mail", "smtp_password_file", kFile, "File whose first line is the password.",
     IN(mail.smtp_password_file)},
    {"mail", "smtp_password_env", kText, "Environment variable that holds the password.",
     IN(mail.smtp_password_env)},
    {"mail",
     "smtp_password",
     kText,
     "The password itself.",
     IN(mail.smtp_password),
     0,
     0,
     {},
     {},
     true},
    {"mail", "smtp_tls", KeyType::kChoice, "How the connection to the mail server is protected.",
     IN(mail.smtp_tls), 0, 0, "none|starttls|tls"},
    {"mail", "smtp_ca_file", kFile,
     "PEM file of the authorities to trust for the mail server, instead of the system's.",
     IN(mail.smtp_ca_file)},
    {"mail",
     "from",
     kText,
     "Sender's address.",
     IN(mail.from),
     0,
     0,
     {},
     "flawless@host of http.public_url"},
    {"mail", "default_contact", kText, "Gets the mail for whom no developer can be found.",
     IN(mail.default_contact)},
    {"mail",
     "allow",
     kList,
     "Domains and addresses that mail may go to.",
     IN(mail.allow),
     0,
     0,
     {},
     "the users, and the domain of default_contact"},
    {"mail", "at_once", kNumber,
     "How many mails about new lines a person gets one by one before further lines are rolled up.",
     IN(mail.at_once), 1, kMany},
    {"mail", "roll_up_every", KeyType::kDuration,
     "How long further lines wait, from the first of those mails, to come as one mail.",
     IN(mail.roll_up_every)},

    {"limits", "request_bytes", kSize, "Larger requests are refused (413).",
     IN(limits.request_bytes)},
    {"limits", "connections", kNumber, "Connections open at a time.", IN(limits.connections), 1,
     1'000'000},
    {"limits", "reports_per_minute_soft", kNumber,
     "Per token: reports above it are counted, but of each item only a sample is kept whole; 0 for "
     "no "
     "limit.",
     IN(limits.reports_per_minute_soft), 0, kMany},
    {"limits", "reports_per_minute_hard", kNumber,
     "Per token: above it reports are refused (429); 0 for no limit.",
     IN(limits.reports_per_minute_hard), 0, kMany},

    {"retention", "journal_max_age", KeyType::kDuration,
     "How long what was sent is kept in the journal.", IN(retention.journal_max_age)},
    {"retention", "journal_max_bytes", kSize, "How large the journal may become.",
     IN(retention.journal_max_bytes)},
    {"retention", "min_free_bytes", kSize,
     "With less free disk space than this, reports are refused (503).",
     IN(retention.min_free_bytes)},

    {"scrub", "names", kList, "Names of variables and fields whose values are never shown.",
     IN(scrub.names)},
    {"scrub", "use_defaults", KeyType::kFlag,
     "Scrub the usual names (password, secret, token, …), keys and card numbers too.",
     IN(scrub.use_defaults)},
};

#undef IN
#undef OF_REPOSITORY
#undef OF_RULE
#undef SAID

constexpr std::string_view kRepeated[] = {"repository", "known_error", "library_code",
                                          "third_party"};

std::vector<Config::CodeRule>* rules_of(Config& config, std::string_view section) {
  if (section == "known_error") return &config.known_errors;
  if (section == "library_code") return &config.library_code;
  return section == "third_party" ? &config.third_party : nullptr;
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

std::string_view last_part(std::string_view dotted) { return dotted.substr(dotted.rfind('.') + 1); }

std::string upper_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

// How many letters may differ for a name to be taken for another.
size_t tolerance(std::string_view name) { return std::max<size_t>(2, name.size() / 4); }

}  // namespace

std::string_view key_type_name(KeyType type) {
  switch (type) {
    case KeyType::kText:
      return "text";
    case KeyType::kChoice:
      return "choice";
    case KeyType::kFlag:
      return "true or false";
    case KeyType::kNumber:
      return "number";
    case KeyType::kSize:
      return "size";
    case KeyType::kDuration:
      return "duration";
    case KeyType::kList:
      return "list";
    case KeyType::kFile:
      return "file";
    case KeyType::kPath:
      return "path";
  }
  return "";
}

std::string Key::dotted() const { return fmt::format("{}.{}", section, name); }

std::string Key::environment() const {
  return variable_prefix(section) + (repeated() ? "1_" : "") + upper_case(name);
}

bool Key::repeated() const { return is_repeated(section); }

std::span<const std::string_view> repeated_sections() { return kRepeated; }

bool is_repeated(std::string_view section) {
  return std::find(std::begin(kRepeated), std::end(kRepeated), section) != std::end(kRepeated);
}

size_t count_entries(const Config& config, std::string_view section) {
  if (section == "known_error") return config.known_errors.size();
  if (section == "library_code") return config.library_code.size();
  return section == "third_party" ? config.third_party.size() : config.repositories.size();
}

void resize_entries(Config& config, std::string_view section, size_t count) {
  if (auto* rules = rules_of(config, section)) return rules->resize(count);
  config.repositories.resize(count);
}

Entry entry_of(Config& config, std::string_view section, size_t index) {
  if (auto* rules = rules_of(config, section)) return (*rules)[index];
  return config.repositories[index];
}

std::span<const Key> config_keys() { return kKeys; }

const Key* find_key(std::string_view dotted) {
  const size_t dot = dotted.find('.');
  const auto section = dot == std::string_view::npos ? "flawless" : dotted.substr(0, dot);
  const auto name = dot == std::string_view::npos ? dotted : dotted.substr(dot + 1);
  const auto* key = std::find_if(std::begin(kKeys), std::end(kKeys), [&](const Key& k) {
    return k.section == section && k.name == name;
  });
  return key == std::end(kKeys) ? nullptr : key;
}

bool is_variable(std::string_view name) {
  return std::any_of(std::begin(kKeys), std::end(kKeys), [name](const Key& key) {
    const std::string variable = key.environment();
    return name == variable || (key.section == "flawless" && name == "FLAWLESS_" + variable);
  });
}

std::string variable_prefix(std::string_view section) {
  return section == "flawless" ? "FLAWLESS_" : fmt::format("FLAWLESS_{}_", upper_case(section));
}

std::string variable_suggestion(std::string_view name) {
  std::string nearest;
  size_t best = tolerance(name) + 1;
  for (const Key& key : kKeys) {
    const size_t distance = edit_distance(key.environment(), name);
    if (distance >= best) continue;
    best = distance;
    nearest = key.environment();
  }
  return nearest.empty() ? std::string() : fmt::format("; did you mean {}?", nearest);
}

std::string suggestion(std::string_view wanted) {
  const bool is_whole = wanted.find('.') != std::string_view::npos;
  const std::string dotted = is_whole ? std::string(wanted) : fmt::format("flawless.{}", wanted);
  const Key* nearest = nullptr;
  size_t best = std::numeric_limits<size_t>::max();
  for (const Key& key : kKeys) {
    // The right name in the wrong section is nearer than any misspelling.
    const bool elsewhere = key.name == last_part(dotted) ||
                           fmt::format("{}_{}", key.section, key.name) == last_part(dotted);
    const size_t distance = elsewhere ? 0 : edit_distance(key.dotted(), dotted);
    if (distance < best) {
      best = distance;
      nearest = &key;
    }
  }
  if (nearest == nullptr || best > tolerance(wanted)) return {};
  return fmt::format("; did you mean '{}'?", nearest->dotted());
}

std::string section_suggestion(std::string_view name) {
  for (const Key& key : kKeys) {
    if (key.name == name) {
      return fmt::format("; did you mean '{}', below [{}]?", key.dotted(), key.section);
    }
  }
  for (const Key& key : kKeys) {
    if (edit_distance(key.section, name) > 2) continue;
    return key.repeated() ? fmt::format("; did you mean [[{}]]?", key.section)
                          : fmt::format("; did you mean [{}]?", key.section);
  }
  return {};
}

std::string default_text(const Key& key) {
  if (!key.no_default.empty()) return std::string(key.no_default);
  Config defaults;
  Config::Repository repository;
  Config::CodeRule rule;
  return toml_value(key, key.target(defaults, {repository, rule}));
}

}  // namespace flawless::server
