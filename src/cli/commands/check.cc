#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/json_writer.h"
#include "cli/administration.h"
#include "cli/commands.h"
#include "cli/http_client.h"
#include "cli/tls_files.h"
#include "os/lock_file.h"
#include "scm/git.h"
#include "scm/remote.h"
#include "server/config_warnings.h"
#include "server/data_dir.h"

namespace flawless::cli {
namespace {

struct Finding {
  bool ok;
  std::string subject, text;
  bool warning = false;  // the server can run, but look at this
};

constexpr std::chrono::seconds kMailPatience{3};

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

// --- the data directory
// ------------------------------------------------------------------------------------------

// The path itself, or the nearest directory above it that is there.
std::string nearest_existing(std::string path) {
  while (!exists(path) && os::directory_of(path) != path) path = os::directory_of(path);
  return path;
}

Finding check_data_dir(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    const std::string parent = nearest_existing(path);
    if (::access(parent.c_str(), W_OK | X_OK) == 0) {
      return {true, "data_dir", fmt::format("{} will be made", path)};
    }
    return {false, "data_dir", fmt::format("{} cannot be made: {} is not writable", path, parent)};
  }
  if (!S_ISDIR(info.st_mode)) return {false, "data_dir", path + " is not a directory"};
  if (info.st_uid != ::geteuid()) {
    return {false, "data_dir",
            fmt::format("{} belongs to user {}; run as that user", path, info.st_uid)};
  }
  if (::access(path.c_str(), W_OK | X_OK) != 0) {
    return {false, "data_dir", fmt::format("{} is not writable: {}", path, std::strerror(errno))};
  }
  return {true, "data_dir", path + " is there and writable"};
}

Finding check_space(os::Disk& disk, const server::Config& config) {
  const auto free = disk.free_bytes(nearest_existing(config.data_dir));
  if (!free) return {false, "free space", free.message()};
  const bool enough = *free >= config.retention.min_free_bytes;
  return {enough, "free space",
          fmt::format("{} MiB free, {} MiB needed (retention.min_free_bytes)", *free >> 20U,
                      config.retention.min_free_bytes >> 20U)};
}

// --- the running server
// ------------------------------------------------------------------------------------------

bool server_answers(const server::Config& config) {
  HttpCall call;
  call.url = config.local_url() + "/check_health";
  call.certificate = config.http.tls_certificate;
  call.timeout = std::chrono::seconds(5);
  const auto reply = http_call(call);
  return reply && (reply->body.starts_with("OK") || reply->body.starts_with("FAIL"));
}

Finding check_lock(os::Disk& disk, const server::Config& config, bool running) {
  const server::DataDir data{config.data_dir};
  if (!exists(data.lock())) return {true, "lock", "nobody uses the data directory"};
  const auto lock = os::LockFile::acquire(disk, data.lock());
  if (lock) return {true, "lock", "nobody uses the data directory"};
  if (running) return {true, "lock", "held by the running server"};
  return {false, "lock", lock.message()};
}

std::string bind_error(const server::Config& config) {
  const bool v6 = config.http.address.find(':') != std::string::npos;
  sockaddr_in6 six{};
  sockaddr_in four{};
  six.sin6_family = AF_INET6;
  four.sin_family = AF_INET;
  six.sin6_port = four.sin_port = htons(static_cast<uint16_t>(config.http.port));
  ::inet_pton(AF_INET6, config.http.address.c_str(), &six.sin6_addr);
  ::inet_pton(AF_INET, config.http.address.c_str(), &four.sin_addr);
  const int socket = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return std::strerror(errno);
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto* address =
      v6 ? reinterpret_cast<const sockaddr*>(&six) : reinterpret_cast<const sockaddr*>(&four);
  const bool bound =
      ::bind(socket, address, v6 ? sizeof six : sizeof four) == 0 && ::listen(socket, 1) == 0;
  const std::string error = bound ? "" : std::strerror(errno);
  ::close(socket);
  return error;
}

Finding check_port(const server::Config& config, bool running) {
  const std::string where = fmt::format("{} port {}", config.http.address, config.http.port);
  if (running) return {true, "port", where + " is served by the running server"};
  const std::string error = bind_error(config);
  if (error.empty()) return {true, "port", where + " is free"};
  return {false, "port", fmt::format("{}: {}", where, error)};
}

// --- the rest
// ----------------------------------------------------------------------------------------------------

Finding check_tls(const server::Config& config) {
  const Status status = check_tls_files(config.http.tls_certificate, config.http.tls_key);
  return {status.is_ok(), "tls", status.is_ok() ? "certificate and key fit" : status.message()};
}

Finding check_clone(const std::string& subject, const std::string& path) {
  if (!exists(path)) return {false, subject, path + " does not exist"};
  if (exists(path + "/.git/shallow") || exists(path + "/shallow")) {
    return {true, subject,
            path + " is a shallow clone: who wrote its older lines cannot be told; run `git fetch "
                   "--unshallow` there, or set 'repository.url'",
            true};
  }
  const bool git = exists(path + "/.git") || exists(path + "/HEAD");
  return {git, subject, fmt::format("{} is {}", path, git ? "there" : "not a git repository")};
}

// Of an address only what holds no password is shown.
Finding check_repository(const server::Config::Repository& repository) {
  const std::string subject = fmt::format("repository {}", repository.name);
  if (repository.url.empty()) return check_clone(subject, repository.path);
  const auto remote = scm::parse_remote(repository.url);
  if (!remote) return {false, subject, remote.message()};
  if (remote->transport == scm::Transport::kFile) {
    return check_clone(subject, scm::local_path(*remote));
  }
  const auto credentials = scm::load_credentials(*remote, repository.credentials_file,
                                                 repository.credentials_env);
  if (!credentials) return {false, subject, credentials.message()};
  return {true, subject, "to be cloned from " + scm::hide_queries(remote->url)};
}

// --- mail
// ----------------------------------------------------------------------------------------------------

std::string_view protection(const std::string& tls) {
  if (tls == "none") return "in clear";
  return tls == "tls" ? "over TLS" : "with STARTTLS";
}

std::string sign_in(const server::Config::Mail& mail) {
  if (mail.smtp_user.empty()) return "without signing in";
  return fmt::format("signed in as {}{}", mail.smtp_user,
                     mail.smtp_password.empty() ? " without a password" : "");
}

Finding mail_warning(std::string text) { return {true, "mail", std::move(text), true}; }

// The mail server may be down now and up when a mail is due.
void add_mail(const server::Config::Mail& mail, std::vector<Finding>& findings) {
  if (mail.smtp_host.empty()) {
    findings.push_back(mail_warning("none is sent: name a mail server in 'mail.smtp_host'"));
    return;
  }
  findings.push_back({true, "mail",
                      fmt::format("goes to {} port {} {}, {}, from {}", mail.smtp_host,
                                  mail.smtp_port, protection(mail.smtp_tls), sign_in(mail),
                                  mail.from)});
  if (mail.default_contact.empty()) {
    findings.push_back(mail_warning(
        "without 'mail.default_contact' nobody is told where no developer can be found"));
  } else {
    findings.push_back({true, "mail",
                        fmt::format("where no developer can be found, {} is told",
                                    mail.default_contact)});
  }
  const Status status = try_to_connect(mail.smtp_host, static_cast<int>(mail.smtp_port),
                                       kMailPatience);
  if (status.is_ok()) return;
  findings.push_back(mail_warning(fmt::format("{} port {} cannot be reached now: {}",
                                              mail.smtp_host, mail.smtp_port, status.message())));
}

// --- all
// ----------------------------------------------------------------------------------------------------

void add_warnings(const server::Config& config, std::vector<Finding>& findings) {
  for (std::string& warning : server::warnings_about(config)) {
    findings.push_back({true, "configuration", std::move(warning), true});
  }
  for (std::string& warning :
       server::warnings_about_variables(server::variable_names(), config)) {
    findings.push_back({true, "environment", std::move(warning), true});
  }
}

std::vector<Finding> check_all(const server::Config& config) {
  os::PosixDisk disk;
  const bool running = config.http.port != 0 && exists(server::DataDir{config.data_dir}.lock()) &&
                       server_answers(config);
  std::vector<Finding> findings;
  findings.push_back({true, "configuration", config.file});
  findings.push_back(check_data_dir(config.data_dir));
  if (findings.back().ok) findings.push_back(check_lock(disk, config, running));
  findings.push_back(check_space(disk, config));
  findings.push_back(check_port(config, running));
  if (!config.http.tls_certificate.empty()) findings.push_back(check_tls(config));
  for (const auto& repository : config.repositories)
    findings.push_back(check_repository(repository));
  add_mail(config.mail, findings);
  add_warnings(config, findings);
  return findings;
}

void print_json(const std::vector<Finding>& findings) {
  JsonWriter json;
  json.object().key("checks").array();
  for (const Finding& finding : findings) {
    json.object().field("ok", finding.ok).field("warning", finding.warning);
    json.field("subject", finding.subject);
    json.field("text", finding.text).end();
  }
  json.end().end();
  fmt::print("{}\n", json.text());
}

std::string_view mark(const Finding& finding) {
  if (!finding.ok) return "FAIL";
  return finding.warning ? "warn" : "ok  ";
}

Status run(const Arguments& arguments) {
  const auto config = find_config(arguments);
  const std::vector<Finding> findings =
      config ? check_all(*config)
             : std::vector<Finding>{{false, "configuration", config.message()}};
  size_t failed = 0;
  for (const Finding& finding : findings) failed += finding.ok ? 0 : 1;
  if (arguments.has("--json")) {
    print_json(findings);
  } else {
    for (const Finding& finding : findings) {
      fmt::print("{}  {}: {}\n", mark(finding), finding.subject, finding.text);
    }
  }
  if (failed == 0) return Status::ok();
  return {config ? Code::kInternal : Code::kInvalid,
          fmt::format("{} of {} checks failed", failed, findings.size())};
}

}  // namespace

Command check_command() {
  return {"check",
          "Say whether the server can run with this configuration",
          {kConfOption, kJsonOption},
          run,
          "\nExit code 0 if it can, 2 if the configuration is wrong, 1 if something else is. What "
          "is marked\n`warn` works, but is worth a look."};
}

}  // namespace flawless::cli
