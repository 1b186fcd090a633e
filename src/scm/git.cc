#include "scm/git.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "os/durable_file.h"

namespace flawless::scm {
namespace {

constexpr std::string_view kBlot = "…";
constexpr const char* kSetpriv = "/usr/bin/setpriv";  // of Debian's essential util-linux

// What every git of ours reads instead of the system's and the user's settings. The server decides
// when to collect garbage, and nothing that a release may name is ever thrown away.
constexpr std::string_view kSettings = R"([safe]
	directory = *
[core]
	fsmonitor = false
	hooksPath = /dev/null
	quotePath = false
	packedGitWindowSize = 256m
	packedGitLimit = 1g
[gc]
	auto = 3000
	autoDetach = false
	pruneExpire = never
	cruftPacks = true
[maintenance]
	auto = false
[fetch]
	recurseSubmodules = false
	writeCommitGraph = false
[http]
	lowSpeedLimit = 100
	lowSpeedTime = 60
[credential]
	helper =
[advice]
	detachedHead = false
)";

// The words come from the environment of the one process that needs them, and only for the host
// they are meant for: a redirect elsewhere gets nothing.
constexpr std::string_view kAskpass = R"(#!/bin/sh
case "$1" in
  *"://$FLAWLESS_GIT_HOST'"* | *"@$FLAWLESS_GIT_HOST'"*) ;;
  *) exit 1 ;;
esac
case "$1" in
  Username*) printf '%s\n' "$FLAWLESS_GIT_USER" ;;
  Password*) printf '%s\n' "$FLAWLESS_GIT_PASSWORD" ;;
  *) exit 1 ;;
esac
)";

constexpr std::array kFixedEnvironment = {
    "GIT_CONFIG_NOSYSTEM=1",     "GIT_ALLOW_PROTOCOL=https:ssh:file",
    "GIT_TERMINAL_PROMPT=0",     "GIT_LITERAL_PATHSPECS=1",
    "GIT_OPTIONAL_LOCKS=0",      "GIT_NO_REPLACE_OBJECTS=1",
    "GIT_ATTR_NOSYSTEM=1",       "LC_ALL=C",
    "GIT_SSH_VARIANT=ssh",       "GIT_PROTOCOL_FROM_USER=0",
    "SSH_ASKPASS_REQUIRE=never",
};

// How this machine reaches the network, if the administrator said so.
constexpr std::array kPassedOn = {"PATH",          "https_proxy",    "HTTPS_PROXY",
                                  "all_proxy",     "ALL_PROXY",      "no_proxy",
                                  "NO_PROXY",      "SSL_CERT_FILE",  "SSL_CERT_DIR",
                                  "SSH_AUTH_SOCK", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"};

bool has_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

Code code_of(std::string_view error) {
  if (has_any(error, {"Could not read from remote", "askpass", "prompts disabled"}))
    return Code::kUnavailable;
  if (has_any(error, {"corrupt", "unable to read", "object file", "loose object",
                      "failed to read object", "packfile", "fatal: not a git repository",
                      "Could not read ", "missing blob", "missing tree", "inflate"})) {
    return Code::kCorrupt;
  }
  if (has_any(error, {"does not exist in", "no such path", "unknown revision",
                      "Needed a single revision", "bad object", "bad revision",
                      "Not a valid object name", "invalid object name", "not a tree object"})) {
    return Code::kNotFound;
  }
  return Code::kUnavailable;
}

// The first line that says what failed; hints and progress stay out. Where git only knows that the
// transport failed, what the transport said.
std::string_view telling_line(std::string_view error) {
  std::string_view last;
  while (!error.empty()) {
    const size_t end = error.find_first_of("\r\n");
    const std::string_view line = error.substr(0, end);
    if (line.starts_with("fatal: ") || line.starts_with("error: ")) {
      const bool transport = line.substr(7).starts_with("Could not read from remote");
      return transport && !last.empty() ? last : line.substr(7);
    }
    if (!line.empty()) last = line;
    if (end == std::string_view::npos) break;
    error.remove_prefix(end + 1);
  }
  return last;
}

Status write_private(os::Disk& disk, const std::string& path, std::string_view text, mode_t mode) {
  const auto old = os::read_file(disk, path, 1U << 20U);
  if (!old || *old != text) RETURN_IF_ERROR(os::write_durably(disk, path, text));
  if (::chmod(path.c_str(), mode) != 0) return os::disk_error("set permissions of", path, errno);
  return {};
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

Result<Git> Git::prepare(os::Disk& disk, Options options) {
  if (!options.home.starts_with('/')) {
    return {Code::kInvalid, "git's private directory must be an absolute path"};
  }
  RETURN_IF_ERROR(disk.make_directory(options.home));
  RETURN_IF_ERROR(write_private(disk, options.home + "/gitconfig", kSettings, 0600));
  RETURN_IF_ERROR(write_private(disk, options.home + "/askpass", kAskpass, 0700));
  Git git(std::move(options));
  RETURN_IF_ERROR(git.check_version());
  if (::access(kSetpriv, X_OK) == 0) git.guard_ = {kSetpriv, "--pdeathsig", "KILL"};
  return git;
}

// "git version 2.39.5": `ls-tree` and cruft packs as used here came by 2.37.
Status Git::check_version() const {
  ASSIGN_OR_RETURN(const std::string text, output({.arguments = {"version"}}));
  int major = 0, minor = 0;
  const size_t at = text.find_first_of("0123456789");
  const size_t dot = text.find('.');
  if (at != std::string::npos && dot != std::string::npos && dot > at) {
    std::from_chars(text.data() + at, text.data() + dot, major);
    std::from_chars(text.data() + dot + 1, text.data() + text.size(), minor);
  }
  if (major > 2 || (major == 2 && minor >= 37)) return {};
  return {Code::kInvalid, "git 2.37 or newer is needed; found: " + text};
}

Result<os::ProcessResult> Git::run(const GitCall& call) const {
  os::ProcessSpec spec;
  spec.argv = guard_;
  spec.argv.insert(spec.argv.end(), {options_.program, "-c", "core.fsmonitor=false", "-c",
                                     "core.hooksPath=/dev/null"});
  for (const std::string& setting : call.configuration) {
    spec.argv.insert(spec.argv.end(), {"-c", setting});
  }
  if (!call.git_dir.empty()) spec.argv.push_back("--git-dir=" + call.git_dir);
  spec.argv.insert(spec.argv.end(), call.arguments.begin(), call.arguments.end());
  spec.environment.assign(kFixedEnvironment.begin(), kFixedEnvironment.end());
  spec.environment.push_back("HOME=" + options_.home);
  spec.environment.push_back("GIT_CONFIG_GLOBAL=" + options_.home + "/gitconfig");
  for (const char* name : kPassedOn) {
    if (const char* value = std::getenv(name)) {
      spec.environment.push_back(std::string(name) + "=" + value);
    }
  }
  spec.environment.insert(spec.environment.end(), call.environment.begin(), call.environment.end());
  spec.directory = options_.home;
  spec.input = call.input;
  spec.time_limit = call.time_limit;
  spec.most_output = call.most_output;
  spec.memory_bytes = options_.memory_bytes;
  spec.on_error_output = call.on_error_output;
  spec.stop = call.stop;
  auto result = os::run_process(spec);
  if (!result) return result.status().with_context(call.arguments[0]);
  return result;
}

Result<std::string> Git::output(const GitCall& call) const {
  ASSIGN_OR_RETURN(os::ProcessResult result, run(call));
  RETURN_IF_ERROR(git_status(call.arguments[0], result));
  return std::move(result.output);
}

Status git_status(std::string_view subcommand, const os::ProcessResult& result) {
  if (result.exit_code == 0) return {};
  std::string what = "git " + std::string(subcommand);
  if (result.signal != 0) {
    return {Code::kUnavailable, what + " was ended by signal " + std::to_string(result.signal)};
  }
  const std::string line = redact(telling_line(result.error_output));
  if (line.empty()) what += " failed with exit code " + std::to_string(result.exit_code);
  return {code_of(result.error_output), line.empty() ? what : what + ": " + line};
}

std::string hide_queries(std::string_view text) {
  constexpr std::string_view kBehindAddress = " \t\r\n'\"<>";
  std::string out(text);
  for (size_t at = 0; (at = out.find("://", at)) != std::string::npos;) {
    at = std::min(out.find_first_of(kBehindAddress, at), out.find('?', at));
    if (at == std::string::npos || out[at] != '?') continue;
    while (at < out.size() && (out[at] == '?' || out[at] == '&')) {
      const size_t end =
          std::min(out.find_first_of(std::string(kBehindAddress) + "&", at + 1), out.size());
      const size_t equals = out.find('=', at);
      const size_t value = equals < end ? equals + 1 : at + 1;
      if (value < end) out.replace(value, end - value, kBlot);
      at = value < end ? value + kBlot.size() : end;
    }
  }
  return out;
}

std::string redact(std::string_view text, const std::vector<std::string>& secrets) {
  std::string out(text);
  for (const std::string& secret : secrets) {
    if (!secret.empty()) replace_all(out, secret, kBlot);
  }
  for (size_t at = 0; (at = out.find("://", at)) != std::string::npos;) {
    at += 3;
    // Up to the last "@" before the path: an unescaped "@" may be part of the password.
    const size_t end = std::min(out.find_first_of("/ \t\r\n'\"<>", at), out.size());
    const size_t sign = out.rfind('@', end);
    if (sign == std::string::npos || sign < at || sign >= end) continue;
    out.replace(at, sign - at, kBlot);
  }
  return hide_queries(out);
}

}  // namespace flawless::scm
