#include "server/config_warnings.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "scm/git.h"
#include "scm/remote.h"
#include "server/config_keys.h"

namespace flawless::server {
namespace {

// Names are not looked up: what they mean may change while the server runs.
bool is_loopback(const std::string& host) {
  in_addr four{};
  in6_addr six{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24U) == 127;
  if (inet_pton(AF_INET6, host.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
  return ::strcasecmp(host.c_str(), "localhost") == 0;
}

bool sends_password_in_clear(const Config::Mail& mail) {
  return !mail.smtp_host.empty() && !mail.smtp_password.empty() && mail.smtp_tls == "none" &&
         !is_loopback(mail.smtp_host);
}

void warn_about_mail(const Config::Mail& mail, std::vector<std::string>& warnings) {
  if (sends_password_in_clear(mail)) {
    warnings.push_back(
        fmt::format("the mail password goes to {} in clear, readable on the way, since "
                    "'mail.smtp_tls' is \"none\"; set it to \"starttls\" or \"tls\"",
                    mail.smtp_host));
  }
  if (!mail.smtp_ca_file.empty() && mail.smtp_tls == "none") {
    warnings.emplace_back(
        "'mail.smtp_ca_file' is of no use, since 'mail.smtp_tls' is \"none\" and no certificate is "
        "asked for; set it to \"starttls\" or \"tls\"");
  }
}

void warn_about_repositories(const Config& config, std::vector<std::string>& warnings) {
  for (const Config::Repository& repository : config.repositories) {
    if (!has_password(repository)) continue;
    warnings.push_back(
        fmt::format("the 'repository.url' of repository '{}' holds a password or token; it belongs "
                    "in 'repository.credentials_file' or 'repository.credentials_env'",
                    repository.name));
  }
}

void warn_about_file(const Config& config, std::vector<std::string>& warnings) {
  struct stat info{};
  if (!config.file_has_secret || ::stat(config.file.c_str(), &info) != 0) return;
  if ((info.st_mode & 077U) == 0) return;
  warnings.push_back(fmt::format(
      "{} holds a password and can be read by other users (mode {:04o}); `chmod 600 {}`",
      config.file, info.st_mode & 07777U, config.file));
}

// What begins with FLAWLESS_ and is no key: of the command line, of the Python client and the
// programs that use it, of git's askpass, and of the project's own tests.
constexpr std::string_view kOtherVariables[] = {
    "FLAWLESS_CONF",    "FLAWLESS_URL",         "FLAWLESS_TOKEN",  "FLAWLESS_DSN",
    "FLAWLESS_RELEASE", "FLAWLESS_ENVIRONMENT", "FLAWLESS_BINARY", "FLAWLESS_DATA",
    "FLAWLESS_PORT",    "FLAWLESS_STAGE",       "FLAWLESS_NODE",   "FLAWLESS_NPM",
    "FLAWLESS_KILL_ROUNDS"};
constexpr std::string_view kOtherPrefixes[] = {"FLAWLESS_GIT_", "FLAWLESS_TEST_", "FLAWLESS_BENCH_",
                                               "FLAWLESS_UPDATE_"};

bool is_of_others(std::string_view name) {
  const auto begins = [name](std::string_view prefix) { return name.starts_with(prefix); };
  return std::find(std::begin(kOtherVariables), std::end(kOtherVariables), name) !=
             std::end(kOtherVariables) ||
         std::any_of(std::begin(kOtherPrefixes), std::end(kOtherPrefixes), begins);
}

// The configuration may call the variable of a password what it likes.
bool is_named_by(const Config& config, std::string_view name) {
  const auto names = [name](const Config::Repository& repository) {
    return repository.credentials_env == name;
  };
  return config.mail.smtp_password_env == name ||
         std::any_of(config.repositories.begin(), config.repositories.end(), names);
}

struct Numbered {
  std::string first;  // the variable of the first entry
  std::string_view section;
  size_t number = 0;
};

// FLAWLESS_REPOSITORY_2_URL
std::optional<Numbered> as_numbered(const std::string& name) {
  for (const std::string_view section : repeated_sections()) {
    const std::string prefix = variable_prefix(section);
    if (!name.starts_with(prefix)) continue;
    size_t number = 0;
    const char* end = name.data() + name.size();
    const auto [behind, error] = std::from_chars(name.data() + prefix.size(), end, number);
    if (error != std::errc()) continue;
    return Numbered{prefix + "1" + std::string(behind, end), section, number};
  }
  return std::nullopt;
}

// Of the entry that is meant: the known names are the first one's.
std::string suggestion_for(const std::string& name, const std::optional<Numbered>& numbered) {
  std::string text = variable_suggestion(numbered ? numbered->first : name);
  if (!numbered) return text;
  const std::string prefix = variable_prefix(numbered->section);
  if (const size_t at = text.find(prefix + "1_"); at != text.npos) {
    text.replace(at + prefix.size(), 1, std::to_string(numbered->number));
  }
  return text;
}

std::string warning_about_variable(const std::string& name, const Config& config) {
  const auto numbered = as_numbered(name);
  if (!is_variable(numbered ? numbered->first : name)) {
    return fmt::format("the variable {} is no key and is ignored{}", name,
                       suggestion_for(name, numbered));
  }
  if (!numbered) return {};
  const size_t count = count_entries(config, numbered->section);
  if (numbered->number >= 1 && numbered->number <= count) return {};
  return fmt::format(
      "the variable {} is ignored: there are {} [[{}]], and more are numbered from {}", name, count,
      numbered->section, count + 1);
}

}  // namespace

bool has_password(const Config::Repository& repository) {
  const auto remote = scm::parse_remote(repository.url);
  if (!remote) return false;
  const bool is_token = remote->transport == scm::Transport::kHttps && !remote->user.empty() &&
                        repository.credentials_file.empty() && repository.credentials_env.empty();
  return !remote->password.empty() || is_token || scm::hide_queries(remote->url) != remote->url;
}

std::vector<std::string> warnings_about(const Config& config) {
  std::vector<std::string> warnings;
  warn_about_mail(config.mail, warnings);
  warn_about_repositories(config, warnings);
  warn_about_file(config, warnings);
  return warnings;
}

std::vector<std::string> warnings_about_variables(std::span<const std::string> names,
                                                  const Config& config) {
  std::vector<std::string> warnings;
  for (const std::string& name : names) {
    if (!name.starts_with("FLAWLESS_") || is_of_others(name) || is_named_by(config, name)) continue;
    if (std::string warning = warning_about_variable(name, config); !warning.empty()) {
      warnings.push_back(std::move(warning));
    }
  }
  return warnings;
}

std::vector<std::string> variable_names() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

}  // namespace flawless::server
