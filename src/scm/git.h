// The git program, run so that neither a repository nor a report can make it do anything else than
// asked: no shell, no hooks, no system or user configuration, no prompts, transports https, ssh and
// file only, paths taken literally, limits of time, memory and output.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/file.h"
#include "os/process.h"

namespace flawless::scm {

// Only text that this program made itself or has checked (revision.h) goes into `arguments` where
// git would take it for an option or a revision; paths come behind "--".
struct GitCall {
  std::string git_dir = {};                     // empty: none is needed
  std::vector<std::string> arguments = {};      // the subcommand first
  std::vector<std::string> configuration = {};  // "section.key=value", for this call
  std::vector<std::string> environment = {};    // "NAME=value", besides the usual
  std::string input = {};                       // bytes of standard input
  std::chrono::milliseconds time_limit{30'000};
  uint64_t most_output = 64U << 20U;
  std::function<void(std::string_view)> on_error_output = {};
  std::stop_token stop = {};
};

// A value; copies are as good. Any thread may use it.
class Git {
 public:
  struct Options {
    std::string home;  // absolute; a private directory for settings, known hosts and the helper
    std::string program = "git";
    uint64_t memory_bytes = 8ULL << 30U;  // address space per process; packs are mapped in parts
  };

  // Makes `home` (its parent must exist) and writes what belongs there. kInvalid when git is older
  // than 2.37, kNotFound when it is not installed.
  [[nodiscard]] static Result<Git> prepare(os::Disk& disk, Options options);

  // ok when git ran to its end; the caller judges the exit code. Else as os::run_process.
  [[nodiscard]] Result<os::ProcessResult> run(const GitCall& call) const;

  // Standard output of a call that must succeed. What git says on failure decides the code:
  // kNotFound (no such revision or path), kCorrupt (the repository is damaged), else kUnavailable.
  // The message is git's own, with credentials in addresses blotted out.
  [[nodiscard]] Result<std::string> output(const GitCall& call) const;

  [[nodiscard]] const std::string& home() const { return options_.home; }
  // Program that answers git's questions for user and password; see remote.h.
  [[nodiscard]] std::string askpass() const { return options_.home + "/askpass"; }

 private:
  explicit Git(Options options) : options_(std::move(options)) {}
  [[nodiscard]] Status check_version() const;
  Options options_;
  // What git is run by, so that it dies with us: one that is left behind would work on a mirror
  // beside the next server's. Empty where the system has no such program.
  std::vector<std::string> guard_;
};

// The status that stands for a finished call: ok for exit code 0, else as Git::output.
[[nodiscard]] Status git_status(std::string_view subcommand, const os::ProcessResult& result);

// "https://host/x?token=word" -> "https://host/x?token=…", for every address in the text.
[[nodiscard]] std::string hide_queries(std::string_view text);

// "https://user:word@host/x" -> "https://…@host/x", wherever in the text; so too for what queries
// hold, and for every text in `secrets`.
[[nodiscard]] std::string redact(std::string_view text,
                                 const std::vector<std::string>& secrets = {});

}  // namespace flawless::scm
