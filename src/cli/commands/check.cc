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
#include "server/config_warnings.h"
#include "server/data_dir.h"

namespace flawless::cli {
namespace {

struct Finding {
  bool ok;
  std::string subject, text;
  bool warning = false;  // the server can run, but look at this
};

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

Finding check_repository(const server::Config::Repository& repository) {
  const std::string subject = fmt::format("repository {}", repository.name);
  if (repository.path.empty()) return {true, subject, "to be cloned from " + repository.url};
  if (!exists(repository.path)) return {false, subject, repository.path + " does not exist"};
  const bool git = exists(repository.path + "/.git") || exists(repository.path + "/HEAD");
  return {git, subject,
          fmt::format("{} is {}", repository.path, git ? "there" : "not a git repository")};
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
  for (std::string& warning : server::warnings_about(config))
    findings.push_back({true, "configuration", std::move(warning), true});
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
  return {Code::kInternal, fmt::format("{} of {} checks failed", failed, findings.size())};
}

}  // namespace

Command check_command() {
  return {"check",
          "Say whether the server can run with this configuration",
          {kConfOption, kJsonOption},
          run,
          "\nExit code 0 if it can, 1 if not. What is marked `warn` works, but is worth a look."};
}

}  // namespace flawless::cli
