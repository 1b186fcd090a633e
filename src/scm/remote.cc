#include "scm/remote.h"

#include <algorithm>
#include <cstdlib>

#include "base/bytes.h"
#include "os/durable_file.h"

namespace flawless::scm {
namespace {

constexpr auto kNone = std::string_view::npos;

// "%40" -> "@"; what is no escape stays.
std::string unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      if (auto byte = from_hex(text.substr(i + 1, 2))) {
        out += *byte;
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

std::string escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : "%" + to_hex(as_bytes(std::string_view(&c, 1)));
  }
  return out;
}

struct Authority {
  std::string_view user_part, host, rest;  // "user:word", "host:port", "/path"
};

Authority split(std::string_view behind_scheme) {
  Authority parts;
  const size_t slash = std::min(behind_scheme.find('/'), behind_scheme.size());
  std::string_view authority = behind_scheme.substr(0, slash);
  parts.rest = behind_scheme.substr(slash);
  if (const size_t sign = authority.rfind('@'); sign != kNone) {
    parts.user_part = authority.substr(0, sign);
    authority.remove_prefix(sign + 1);
  }
  parts.host = authority;
  return parts;
}

Result<Remote> with_authority(Transport transport, std::string_view scheme,
                              std::string_view behind_scheme) {
  const Authority parts = split(behind_scheme);
  if (parts.host.empty() || parts.host[0] == '-' || parts.rest.size() < 2) {
    return {Code::kInvalid, "the repository's address needs a host and a path"};
  }
  const size_t colon = parts.user_part.find(':');
  Remote remote{transport, std::string(scheme), std::string(parts.host), {}, {}};
  remote.user = unescape(parts.user_part.substr(0, colon));
  if (colon != kNone) remote.password = unescape(parts.user_part.substr(colon + 1));
  // A token is written in the user's place as often as in the password's: git gets to know neither
  // of an https address but by asking.
  if (transport == Transport::kSsh && !parts.user_part.empty()) {
    remote.url += std::string(parts.user_part.substr(0, colon)) + "@";
  }
  remote.url += std::string(parts.host) + std::string(parts.rest);
  return remote;
}

// "git@host:path"
bool is_scp_like(std::string_view url) {
  const size_t colon = url.find(':');
  if (colon == kNone || colon == 0 || colon + 1 == url.size()) return false;
  if (url.find('/') < colon || url[0] == '-' || url.find("::") != kNone) return false;
  const std::string_view login = url.substr(0, colon);
  const std::string_view host = login.substr(login.find('@') + 1);
  return !host.empty() && host.front() != '-';
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string ssh_command(const Git& git, const Credentials& credentials,
                        const std::string& ssh_program) {
  std::string command =
      quoted(ssh_program) +
      " -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15"
      " -o StrictHostKeyChecking=accept-new -o ControlMaster=no -o ControlPath=none"
      " -o " +
      quoted("UserKnownHostsFile=\"" + git.home() + "/known_hosts\" ~/.ssh/known_hosts");
  if (!credentials.key_file.empty()) {
    command += " -o IdentitiesOnly=yes -i " + quoted(credentials.key_file);
  }
  return command;
}

Result<Credentials> from_line(const Remote& remote, std::string_view text,
                              const std::string& source) {
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  if (line.empty()) {
    return {Code::kInvalid, source + " is empty; it needs user:password or a token"};
  }
  Credentials credentials;
  const size_t colon = line.find(':');
  if (colon == kNone) {
    credentials.user = remote.user.empty() ? "git" : remote.user;
    credentials.password = line;
  } else {
    credentials.user = line.substr(0, colon);
    credentials.password = line.substr(colon + 1);
  }
  return credentials;
}

Result<Credentials> from_file(const Remote& remote, const std::string& file) {
  os::PosixDisk disk;
  auto text = os::read_file(disk, file, 64U << 10U);
  if (!text) return text.status().with_context("credentials");
  if (!text->starts_with("-----BEGIN ")) return from_line(remote, *text, file);
  if (remote.transport != Transport::kSsh) {
    return {Code::kInvalid, file + " holds an ssh key, but the repository is not reached by ssh"};
  }
  return Credentials{{}, {}, file};
}

}  // namespace

Result<Remote> parse_remote(std::string_view url) {
  constexpr std::string_view kHttps = "https://", kSsh = "ssh://";
  if (std::any_of(url.begin(), url.end(), [](char c) { return static_cast<uint8_t>(c) < ' '; })) {
    return {Code::kInvalid, "the repository's address holds a control character"};
  }
  if (url.starts_with(kHttps)) {
    return with_authority(Transport::kHttps, kHttps, url.substr(kHttps.size()));
  }
  if (url.starts_with(kSsh)) {
    return with_authority(Transport::kSsh, kSsh, url.substr(kSsh.size()));
  }
  if (url.starts_with("/") || url.starts_with("file:///")) {
    return Remote{Transport::kFile, std::string(url), {}, {}, {}};
  }
  if (url.find("://") == kNone && is_scp_like(url)) {
    return Remote{Transport::kSsh, std::string(url), {}, {}, {}};
  }
  if (url.starts_with("http://") || url.starts_with("git://")) {
    return {Code::kInvalid,
            "http:// and git:// show the code to the network; use https:// or ssh://"};
  }
  return {
      Code::kInvalid,
      "a repository's address begins with https://, ssh://, file:// or /, or is user@host:path"};
}

std::string local_path(const Remote& remote) {
  constexpr std::string_view kFile = "file://";
  // Of an address, and not of a path, git takes the escapes back.
  return remote.url.starts_with(kFile) ? unescape(remote.url.substr(kFile.size())) : remote.url;
}

Result<Credentials> load_credentials(const Remote& remote, const std::string& file,
                                     const std::string& variable) {
  if (!file.empty()) return from_file(remote, file);
  if (!variable.empty()) {
    const char* value = std::getenv(variable.c_str());
    if (value == nullptr) {
      return {Code::kNotFound, "the environment has no variable " + variable};
    }
    return from_line(remote, value, "the variable " + variable);
  }
  if (remote.password.empty() && !remote.user.empty() && remote.transport == Transport::kHttps) {
    return Credentials{"git", remote.user, {}};
  }
  return Credentials{remote.user, remote.password, {}};
}

std::vector<std::string> secrets_of(const Credentials& credentials) {
  if (credentials.password.empty()) return {};
  return {credentials.password, escape(credentials.password)};
}

std::vector<std::string> remote_environment(const Git& git, const Remote& remote,
                                            const Credentials& credentials,
                                            const std::string& ssh_program) {
  if (remote.transport == Transport::kSsh) {
    return {"GIT_SSH_COMMAND=" + ssh_command(git, credentials, ssh_program)};
  }
  if (remote.transport != Transport::kHttps || credentials.password.empty()) return {};
  return {"GIT_ASKPASS=" + git.askpass(), "FLAWLESS_GIT_HOST=" + remote.host,
          "FLAWLESS_GIT_USER=" + credentials.user, "FLAWLESS_GIT_PASSWORD=" + credentials.password};
}

}  // namespace flawless::scm
