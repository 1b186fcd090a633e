// The configuration: flawless.cfg (TOML), overridden by the environment. docs/configuration.md
// lists every key; config_keys.h describes them once for everything that reads, writes or explains
// them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flawless::server {

// Plain values, checked: whoever holds a Config that load_config() returned need not check again.
// Paths are absolute, or relative to the working directory of the process.
struct Config {
  std::string file;            // where it was read from
  bool file_has_secret = false;  // a password stands in the file itself

  std::string data_dir;
  std::string log_level = "info";  // debug, info, warning, error

  struct Http {
    std::string address = "127.0.0.1";
    int64_t port = 8080;     // 0: any free port
    std::string public_url;  // without a trailing slash; never empty after loading
    std::vector<std::string> trusted_proxies;  // addresses or CIDR blocks
    std::string tls_certificate, tls_key;      // PEM files; both or none
    int64_t threads = 2;
  } http;

  struct Repository {
    std::string name, url, path, branch;
    std::vector<std::string> projects;       // names; empty: all
    std::vector<std::string> path_mappings;  // "deployed/prefix=path/in/repository"
    std::string credentials_file, credentials_env;
    std::chrono::seconds fetch_every{60};
  };
  std::vector<Repository> repositories;

  struct Blame {
    int64_t report_error_threshold = 1;
    std::string report_only_after_minimum_date;  // "2014-02-01", also "2014-2-1"; empty: all
    std::string email_domain_name;
    bool ignore_vcs_email_domain = false;
    std::vector<std::string> email_remapping;  // "from=to"
    std::chrono::seconds wait_for_release{30};
  } blame;

  // Code that is treated in a way of its own: an entry of one of the three lists below.
  struct CodeRule {
    std::string filename;  // never empty after loading
    std::string function_name, code_fragment;
    // Of known errors. Below 0: not given.
    int64_t min_alert_threshold = -1, max_alert_threshold = -1, alert_every_n_occurrences = -1;
    std::vector<std::string> email_recipients;
    std::string email_header;
    bool operator==(const CodeRule&) const = default;
  };
  std::vector<CodeRule> known_errors, library_code, third_party;

  struct Mail {
    std::string smtp_host;  // empty: no mail is sent
    int64_t smtp_port = 25;
    std::string smtp_user;
    std::string smtp_password;  // from whichever of the three keys was given
    std::string smtp_password_file, smtp_password_env;
    std::string smtp_tls = "starttls";  // none, starttls, tls
    std::string smtp_ca_file;           // PEM; empty: the authorities that the system trusts
    std::string from;
    std::string default_contact;
    std::vector<std::string> allow;  // domains or addresses
    int64_t at_once = 5;             // mails to a person that go one by one, in a window of
    std::chrono::seconds roll_up_every = std::chrono::minutes(10);
  } mail;

  struct Limits {
    uint64_t request_bytes = 20U << 20U;
    int64_t connections = 20'000;
    int64_t reports_per_minute_soft = 0;  // per token; 0: no limit
    int64_t reports_per_minute_hard = 0;
  } limits;

  struct Retention {
    std::chrono::seconds journal_max_age = std::chrono::hours(24 * 30);
    uint64_t journal_max_bytes = 10'000'000'000;
    uint64_t min_free_bytes = 64U << 20U;
  } retention;

  struct Scrub {
    std::vector<std::string> names;
    bool use_defaults = true;
  } scrub;

  // What a client on this machine calls: http.address and http.port, with a wildcard address as
  // 127.0.0.1.
  [[nodiscard]] std::string local_url() const;
};

// A variable's value, or nothing when it is not set; getenv in the program, a map in tests.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
[[nodiscard]] Environment process_environment();

// Reads and checks the file at `path` and the environment. kInvalid with one error a line, all of
// them, each with file, line and key ("flawless.cfg:7: unknown key 'http.prot'; did you mean
// 'http.port'?"); the same when there is no such file.
[[nodiscard]] Result<Config> load_config(const std::string& path, const Environment& environment);

// The same for text that is not in a file; `path` names it in errors and is what relative paths
// start from.
[[nodiscard]] Result<Config> parse_config(std::string_view text, const std::string& path,
                                          const Environment& environment);

// True for the INI file of Flawless before version 1.
[[nodiscard]] bool is_legacy_config(std::string_view text);

}  // namespace flawless::server
