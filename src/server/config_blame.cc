#include "server/config_blame.h"

#include <filesystem>

#include "triage/mail_due.h"

namespace flawless::server {
namespace {

constexpr std::string_view kFromConfiguration = "flawless.cfg";

std::optional<int64_t> given(int64_t number) {
  return number < 0 ? std::nullopt : std::optional(number);
}

std::pair<std::string, std::string> split_at_equals(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos) return {text, {}};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

store::Rule rule_of(const Config::CodeRule& from, store::RuleKind kind) {
  store::Rule rule;
  rule.kind = kind;
  rule.path = from.filename;
  rule.function = from.function_name;
  rule.code = from.code_fragment;
  rule.min_alert_threshold = given(from.min_alert_threshold);
  rule.max_alert_threshold = given(from.max_alert_threshold);
  rule.alert_every_n_occurrences = given(from.alert_every_n_occurrences);
  rule.email_recipients = from.email_recipients;
  rule.email_header = from.email_header;
  rule.created_by = kFromConfiguration;
  return rule;
}

void add_rules(const std::vector<Config::CodeRule>& from, store::RuleKind kind,
               std::vector<store::Rule>& rules) {
  for (const Config::CodeRule& rule : from) rules.push_back(rule_of(rule, kind));
}

std::string absolute(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::absolute(path, ignored).lexically_normal().string();
}

}  // namespace

blame::Options blame_options(const Config& config) {
  blame::Options options;
  options.mail = !config.mail.smtp_host.empty();
  options.default_contact = config.mail.default_contact;
  options.allow = config.mail.allow;
  options.addresses.domain = config.blame.email_domain_name;
  options.addresses.ignore_domain = config.blame.ignore_vcs_email_domain;
  for (const std::string& entry : config.blame.email_remapping) {
    options.addresses.remapping.push_back(split_at_equals(entry));
  }
  options.threshold = config.blame.report_error_threshold;
  options.minimum_date = triage::parse_date(config.blame.report_only_after_minimum_date);
  options.wait_for_release = config.blame.wait_for_release;
  add_rules(config.known_errors, store::RuleKind::kKnownError, options.rules);
  add_rules(config.library_code, store::RuleKind::kLibraryCode, options.rules);
  add_rules(config.third_party, store::RuleKind::kThirdParty, options.rules);
  return options;
}

std::vector<blame::RepositoryOptions> repository_options(const Config& config) {
  std::vector<blame::RepositoryOptions> all;
  for (const Config::Repository& from : config.repositories) {
    blame::RepositoryOptions& options = all.emplace_back();
    options.mirror.name = from.name;
    options.mirror.url = from.url.empty() ? absolute(from.path) : from.url;
    options.mirror.branch = from.branch;
    options.mirror.directory = absolute(config.data_dir) + "/mirrors";
    options.mirror.credentials_file = from.credentials_file;
    options.mirror.credentials_env = from.credentials_env;
    options.projects = from.projects;
    options.fetch_every = from.fetch_every;
    for (const std::string& mapping : from.path_mappings) {
      auto [deployed, in_repository] = split_at_equals(mapping);
      options.path_rules.push_back({std::move(deployed), std::move(in_repository)});
    }
  }
  return all;
}

}  // namespace flawless::server
