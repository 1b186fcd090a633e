#include "server/config_legacy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "server/config.h"

namespace flawless::server {
namespace {

using Entries = std::map<std::string, std::string, std::less<>>;

// Names that mean nothing today.
constexpr std::string_view kOldNames[] = {"data_dir_path",
                                          "config_dir_path",
                                          "hostname",
                                          "http_port",
                                          "email_domain_name",
                                          "ignore_vcs_email_domain",
                                          "smtp_use_tls",
                                          "smtp_from",
                                          "report_runtime_package_directory_names",
                                          "report_only_after_minimum_date",
                                          "report_error_threshold",
                                          "only_blame_filepaths_matching",
                                          "max_concurrent_git_blames",
                                          "git_cli_path",
                                          "repo_type",
                                          "repo_dir",
                                          "repo_url",
                                          "repo_branch_pattern",
                                          "flawless_hostports",
                                          "client_timeout",
                                          "log_file",
                                          "log_days_to_keep",
                                          "redis_version"};

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// The entries of section [flawless].
Entries read_ini(std::string_view text) {
  Entries entries;
  bool ours = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      ours = line == "[flawless]";
      continue;
    }
    const size_t middle = line.find_first_of("=:");
    if (!ours || middle == std::string_view::npos) continue;
    entries[lower(trimmed(line.substr(0, middle)))] = trimmed(line.substr(middle + 1));
  }
  return entries;
}

class Conversion {
 public:
  explicit Conversion(Entries entries) : entries_(std::move(entries)) {}

  LegacyConfig run() {
    move("data_dir_path", "data_dir");
    move("http_port", "http.port");
    move("default_contact", "mail.default_contact");
    move("smtp_user", "mail.smtp_user");
    move("smtp_password", "mail.smtp_password");
    move("smtp_from", "mail.from");
    convert_domain();
    convert_blame();
    convert_log_level();
    convert_hostname();
    convert_smtp();
    convert_repository();
    for (const auto& [name, value] : entries_) {
      if (!unset(value)) result_.dropped.push_back(name);
    }
    return std::move(result_);
  }

 private:
  static bool unset(std::string_view value) { return value.empty() || value == "None"; }

  // Takes the entry out; empty if it is not set.
  std::string take(std::string_view name) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return {};
    std::string value = found->second;
    entries_.erase(found);
    return unset(value) ? std::string() : value;
  }
  void set(std::string_view key, std::string value) {
    if (!value.empty()) result_.values.emplace_back(key, std::move(value));
  }
  void move(std::string_view name, std::string_view key) { set(key, take(name)); }

  // Mail went to that domain only in practice; now it must be said.
  void convert_domain() {
    const std::string domain = take("email_domain_name");
    set("mail.allow", domain);
    set("blame.email_domain_name", domain);
    const bool ignored = lower(take("ignore_vcs_email_domain")) == "true";
    if (ignored && !domain.empty()) set("blame.ignore_vcs_email_domain", "true");
  }

  void convert_blame() {
    const std::string threshold = take("report_error_threshold");
    set("blame.report_error_threshold", threshold.empty() ? "3" : threshold);  // the old default
    const std::string date = take("report_only_after_minimum_date");
    if (date != "1970-1-1") set("blame.report_only_after_minimum_date", date);
  }

  void convert_log_level() {
    const std::string level = lower(take("log_level"));
    set("log_level", level == "warn" ? "warning" : level == "critical" ? "error" : level);
  }

  // It was a URL with port, though the name says otherwise.
  void convert_hostname() {
    const std::string host = take("hostname");
    if (host.empty()) return;
    set("http.public_url", host.find("://") == std::string::npos ? "http://" + host : host);
  }

  void convert_smtp() {
    const std::string host = take("smtp_host");
    const size_t colon = host.rfind(':');
    set("mail.smtp_host", host.substr(0, colon));
    if (colon != std::string::npos) set("mail.smtp_port", host.substr(colon + 1));
    const bool tls = lower(take("smtp_use_tls")) == "true";
    if (!host.empty()) set("mail.smtp_tls", tls ? "starttls" : "none");
  }

  void convert_repository() {
    const std::string path = take("repo_dir");
    const std::string url = take("repo_url");
    if (path.empty() && url.empty()) return;
    set("repository.name", "main");
    // With a url the directory was a clone that the old program made and changed.
    if (url.empty()) set("repository.path", path);
    set("repository.url", url);
  }

  Entries entries_;
  LegacyConfig result_;
};

}  // namespace

bool is_legacy_config(std::string_view text) {
  const Entries entries = read_ini(text);
  if (entries.contains("data_dir_path")) return true;
  const auto old = std::count_if(std::begin(kOldNames), std::end(kOldNames),
                                 [&](std::string_view name) { return entries.contains(name); });
  return old >= 2;
}

LegacyConfig convert_legacy_config(std::string_view text) {
  return Conversion(read_ini(text)).run();
}

}  // namespace flawless::server
