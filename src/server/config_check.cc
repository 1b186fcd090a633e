#include "server/config_check.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

#include "notify/authorities.h"
#include "scm/remote.h"
#include "server/config_keys.h"
#include "triage/mail_due.h"
#include "triage/scrub.h"

namespace flawless::server {
namespace {

// What is due later is taken for a leftover of a clock that was wrong (store/outbox.h).
constexpr std::chrono::hours kLongestRollUp{24};

class Completion {
 public:
  Completion(Config& config, const std::string& directory, const Environment& environment,
             const Complain& complain)
      : config_(config), directory_(directory), environment_(environment), complain_(complain) {}

  void run() {
    resolve_paths();
    check_http();
    for (Config::Repository& repository : config_.repositories) check_repository(repository);
    check_blame();
    check_mail();
    check_limits();
    check_scrub();
  }

 private:
  void resolve_paths();
  void resolve(const Key& key, std::string& path);
  void check_http();
  void check_public_url();
  void check_repository(Config::Repository& repository);
  void check_origin(const Config::Repository& repository);
  void check_blame();
  void check_rules(std::string_view section);
  void check_mail();
  void read_password();
  void check_authorities();
  void check_address(const std::string& address, std::string_view key);
  void check_limits();
  void check_scrub();

  Config& config_;
  const std::string& directory_;
  const Environment& environment_;
  const Complain& complain_;
};

int ip_version(const std::string& text) {
  unsigned char bytes[sizeof(in6_addr)];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) return 4;
  if (inet_pton(AF_INET6, text.c_str(), bytes) == 1) return 6;
  return 0;
}

bool is_address_or_block(const std::string& text) {
  const size_t slash = text.find('/');
  const int version = ip_version(text.substr(0, slash));
  if (version == 0 || slash == std::string::npos) return version != 0;
  const std::string bits = text.substr(slash + 1);
  int number = -1;
  const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), number);
  return error == std::errc() && end == bits.data() + bits.size() && number >= 0 &&
         number <= (version == 4 ? 32 : 128);
}

// The system's reason why the file cannot be read; empty if it can.
std::string unreadable(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (file && file.peek() != std::ifstream::traits_type::eof()) return {};
  if (file.is_open() && file.eof()) return {};  // empty is readable
  return errno == 0 ? "it is not a file" : std::strerror(errno);
}

bool is_email(std::string_view text) {
  const size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find_first_of(" \t\r\n") == std::string_view::npos;
}

std::string host_of(std::string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  url = url.substr(0, url.find('/'));
  if (url.starts_with('[')) return std::string(url.substr(0, url.find(']') + 1));
  return std::string(url.substr(0, url.find(':')));
}

void Completion::resolve(const Key& key, std::string& path) {
  if (path.empty()) return;
  if (path.front() != '/') path = fmt::format("{}/{}", directory_, path);
  if (key.type != KeyType::kFile) return;
  if (const std::string reason = unreadable(path); !reason.empty()) {
    complain_(&path, fmt::format("'{}': cannot read {}: {}", key.dotted(), path, reason));
  }
}

void Completion::resolve_paths() {
  for (const Key& key : config_keys()) {
    if (key.type != KeyType::kFile && key.type != KeyType::kPath) continue;
    if (!key.repeated()) {
      resolve(key, *std::get<std::string*>(key.target(config_, {})));
      continue;
    }
    for (size_t i = 0; i < count_entries(config_, key.section); ++i) {
      resolve(key, *std::get<std::string*>(key.target(config_, entry_of(config_, key.section, i))));
    }
  }
  if (config_.data_dir.empty()) {
    complain_(&config_.data_dir,
              "'flawless.data_dir' is missing; name the directory where everything is kept");
  }
}

void Completion::check_http() {
  Config::Http& http = config_.http;
  if (ip_version(http.address) == 0) {
    complain_(&http.address,
              fmt::format("'http.address' cannot be \"{}\"; write an IP address like "
                          "127.0.0.1, or 0.0.0.0 for all",
                          http.address));
  }
  for (const std::string& proxy : http.trusted_proxies) {
    if (is_address_or_block(proxy)) continue;
    complain_(&http.trusted_proxies,
              fmt::format("'http.trusted_proxies' has \"{}\"; write addresses like 10.0.0.1 or "
                          "blocks like 10.0.0.0/8",
                          proxy));
  }
  if (http.tls_certificate.empty() != http.tls_key.empty()) {
    const bool key_missing = http.tls_key.empty();
    complain_(key_missing ? &http.tls_certificate : &http.tls_key,
              "'http.tls_certificate' and 'http.tls_key' are needed both, or none");
  }
  check_public_url();
}

void Completion::check_public_url() {
  std::string& url = config_.http.public_url;
  if (url.empty()) url = config_.local_url();
  while (url.ends_with('/')) url.pop_back();
  const bool known = url.starts_with("http://") || url.starts_with("https://");
  if (!known || host_of(url).empty() || url.find_first_of(" ?#@\"<>") != std::string::npos) {
    complain_(&url, fmt::format("'http.public_url' cannot be \"{}\"; write it like "
                                "https://errors.example.com",
                                url));
  }
}

// It becomes a file name.
bool is_repository_name(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == '-';
  };
  return name.size() <= 100 && name[0] != '.' && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), is_plain);
}

void Completion::check_repository(Config::Repository& repository) {
  if (repository.name.empty()) {
    complain_(&repository, "'repository.name' is missing");
  } else if (!is_repository_name(repository.name)) {
    complain_(&repository.name, fmt::format("'repository.name' cannot be \"{}\"; it is made of "
                                            "letters, digits and ._-",
                                            repository.name));
  }
  check_origin(repository);
  if (repository.fetch_every < std::chrono::seconds(1)) {
    complain_(&repository.fetch_every, "'repository.fetch_every' is at least 1s");
  }
  if (!repository.credentials_file.empty() && !repository.credentials_env.empty()) {
    complain_(&repository.credentials_env,
              "give 'repository.credentials_file' or 'repository.credentials_env', not both");
  }
  if (!repository.credentials_env.empty() && !environment_(repository.credentials_env)) {
    complain_(&repository.credentials_env,
              fmt::format("'repository.credentials_env': the environment has no {}",
                          repository.credentials_env));
  }
  for (const std::string& mapping : repository.path_mappings) {
    if (mapping.find('=') != std::string::npos) continue;
    complain_(&repository.path_mappings, fmt::format("'repository.path_mappings' has \"{}\"; write "
                                                     "\"deployed/prefix=path/in/repository\"",
                                                     mapping));
  }
  for (const Config::Repository& other : config_.repositories) {
    if (&other == &repository) break;
    if (!other.name.empty() && other.name == repository.name) {
      complain_(&repository.name, fmt::format("there are two repositories '{}'", other.name));
    }
  }
}

// The address may hold a password, so that it is not repeated.
void Completion::check_origin(const Config::Repository& repository) {
  if (!repository.url.empty() && !repository.path.empty()) {
    complain_(&repository.path, "give 'repository.url' or 'repository.path', not both");
  }
  if (repository.url.empty() && repository.path.empty()) {
    complain_(&repository,
              fmt::format("repository '{}' needs 'repository.url' or 'repository.path'",
                          repository.name));
  }
  if (repository.url.empty()) return;
  const auto remote = scm::parse_remote(repository.url);
  if (remote) return;
  complain_(&repository.url, fmt::format("'repository.url' of repository '{}': {}",
                                         repository.name, remote.message()));
}

void Completion::check_address(const std::string& address, std::string_view key) {
  if (address.empty() || is_email(address)) return;
  complain_(&address, fmt::format("'{}' cannot be \"{}\"; write an e-mail address", key, address));
}

void Completion::check_blame() {
  Config::Blame& blame = config_.blame;
  const std::string& date = blame.report_only_after_minimum_date;
  if (!date.empty() && !triage::parse_date(date)) {
    complain_(&date, fmt::format("'blame.report_only_after_minimum_date' cannot be \"{}\"; write "
                                 "a day like 2014-02-01",
                                 date));
  }
  const std::string& domain = blame.email_domain_name;
  if (!domain.empty() && !is_email("x@" + domain)) {
    complain_(&domain, fmt::format("'blame.email_domain_name' cannot be \"{}\"", domain));
  }
  if (blame.ignore_vcs_email_domain && domain.empty()) {
    complain_(&blame.ignore_vcs_email_domain,
              "'blame.ignore_vcs_email_domain' needs 'blame.email_domain_name'");
  }
  for (const std::string& entry : blame.email_remapping) {
    const size_t equals = entry.find('=');
    if (equals != std::string::npos && equals > 0 && equals + 1 < entry.size()) continue;
    complain_(&blame.email_remapping,
              fmt::format("'blame.email_remapping' has \"{}\"; write \"from=to\"", entry));
  }
  for (const std::string_view section : {"known_error", "library_code", "third_party"}) {
    check_rules(section);
  }
}

void Completion::check_rules(std::string_view section) {
  for (size_t i = 0; i < count_entries(config_, section); ++i) {
    const Config::CodeRule& rule = *entry_of(config_, section, i).rule;
    if (rule.filename.empty()) {
      complain_(&rule, fmt::format("'{}.filename' is missing", section));
    }
    for (const std::string& to : rule.email_recipients) {
      if (is_email(to)) continue;
      complain_(
          &rule.email_recipients,
          fmt::format("'{}.email_recipients' has \"{}\"; write e-mail addresses", section, to));
    }
  }
}

void Completion::check_mail() {
  Config::Mail& mail = config_.mail;
  if (mail.from.empty()) mail.from = "flawless@" + host_of(config_.http.public_url);
  check_address(mail.from, "mail.from");
  check_address(mail.default_contact, "mail.default_contact");
  if (mail.roll_up_every < std::chrono::seconds(1) || mail.roll_up_every > kLongestRollUp) {
    complain_(&mail.roll_up_every, "'mail.roll_up_every' is between 1s and 1d");
  }
  read_password();
  check_authorities();
  if (!mail.smtp_password.empty() && mail.smtp_user.empty()) {
    complain_(&mail.smtp_password, "a mail password is given but no 'mail.smtp_user'");
  }
}

void Completion::read_password() {
  Config::Mail& mail = config_.mail;
  const int given = (mail.smtp_password.empty() ? 0 : 1) +
                    (mail.smtp_password_file.empty() ? 0 : 1) +
                    (mail.smtp_password_env.empty() ? 0 : 1);
  if (given > 1) {
    complain_(&mail.smtp_password,
              "give one of 'mail.smtp_password_file', 'mail.smtp_password_env' and "
              "'mail.smtp_password'");
    return;
  }
  if (!mail.smtp_password_file.empty()) {
    std::ifstream file(mail.smtp_password_file);
    std::getline(file, mail.smtp_password);
  } else if (!mail.smtp_password_env.empty()) {
    const auto value = environment_(mail.smtp_password_env);
    if (!value) {
      complain_(&mail.smtp_password_env,
                fmt::format("'mail.smtp_password_env': the environment has no {}",
                            mail.smtp_password_env));
    }
    mail.smtp_password = value.value_or("");
  }
}

void Completion::check_authorities() {
  const std::string& file = config_.mail.smtp_ca_file;
  if (file.empty() || !unreadable(file).empty()) return;  // that was complained about already
  const Status status = notify::check_authorities(file);
  if (status.is_ok()) return;
  complain_(&file, fmt::format("'mail.smtp_ca_file': {}", status.message()));
}

void Completion::check_limits() {
  Config::Limits& limits = config_.limits;
  if (limits.reports_per_minute_hard != 0 &&
      limits.reports_per_minute_soft > limits.reports_per_minute_hard) {
    complain_(&limits.reports_per_minute_soft,
              "'limits.reports_per_minute_soft' is above 'limits.reports_per_minute_hard'");
  }
  if (limits.request_bytes < 1024 || limits.request_bytes > (20U << 20U)) {
    complain_(&limits.request_bytes, "'limits.request_bytes' is between 1KiB and 20MiB");
  }
  if (config_.retention.journal_max_bytes < (256U << 20U)) {
    complain_(&config_.retention.journal_max_bytes,
              "'retention.journal_max_bytes' is at least 256MiB");
  }
}

void Completion::check_scrub() {
  for (const std::string& name : config_.scrub.names) {
    if (triage::Scrubber::can_be_rule(name)) continue;
    complain_(&config_.scrub.names,
              fmt::format("'scrub.names' has \"{}\"; write names with a letter or digit and of at "
                          "most 64 bytes",
                          name));
  }
}

}  // namespace

void complete_config(Config& config, const std::string& directory, const Environment& environment,
                     const Complain& complain) {
  Completion(config, directory, environment, complain).run();
}

}  // namespace flawless::server
