#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "base/log.h"
#include "cli/administration.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "server/config_warnings.h"
#include "server/data_dir.h"
#include "server/server.h"

namespace flawless::cli {
namespace {

// Stopping takes about five seconds; what is not done by then is safe in the journal.
constexpr unsigned kMostSecondsToStop = 30;

LogLevel log_level(std::string_view name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warning") return LogLevel::kWarning;
  return name == "error" ? LogLevel::kError : LogLevel::kInfo;
}

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGQUIT);
  return signals;
}

extern "C" void leave_at_once(int) { ::_exit(kExitFailed); }

// From here on a second signal, or too much time, ends the process as a crash would.
void allow_impatience() {
  struct sigaction action{};
  action.sa_handler = leave_at_once;
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGALRM}) {
    ::sigaction(signal, &action, nullptr);
  }
  const sigset_t signals = stop_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  ::alarm(kMostSecondsToStop);
}

// Returns on a signal to stop. SIGHUP is none: the server outlives its terminal, and whoever sends
// it to have the configuration read again finds that done.
void wait_for_stop(const sigset_t& awaited) {
  int signal = 0;
  while (sigwait(&awaited, &signal) != 0 || signal == SIGHUP) {
    if (signal != SIGHUP) continue;
    log_info("server",
             "SIGHUP: nothing to do; changed rules for code hold within seconds by themselves, all "
             "other keys from the next start");
  }
}

void log_warnings(const server::Config& config) {
  for (const std::string& warning : server::warnings_about(config)) {
    log_warning("server", "{}", warning);
  }
  for (const std::string& warning :
       server::warnings_about_variables(server::variable_names(), config)) {
    log_warning("server", "{}", warning);
  }
}

Status run(const Arguments& arguments) {
  ASSIGN_OR_RETURN(const server::Config config, find_config(arguments));
  set_log_level(log_level(config.log_level));
  log_warnings(config);
  RETURN_IF_ERROR(server::DataDir{config.data_dir}.make());
  // Blocked before there are threads, so that only sigwait() receives them.
  sigset_t signals = stop_signals();
  sigaddset(&signals, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ASSIGN_OR_RETURN(const auto server, server::Server::open(config));
  RETURN_IF_ERROR(server->start());
  fmt::print("flawless {} serves {}\n", FLAWLESS_VERSION, server->url());
  ASSIGN_OR_RETURN(const auto welcome, server->welcome_url());
  if (welcome)
    fmt::print("Nobody has an account yet. Make the first one within an hour: {}\n", *welcome);
  (void)std::fflush(stdout);
  wait_for_stop(signals);
  allow_impatience();
  log_info("server", "stopping; a second signal stops at once");
  server->stop();
  return Status::ok();
}

}  // namespace

Command start_command() {
  return {"start",
          "Run the server in the foreground",
          {kConfOption},
          run,
          "\nStops on SIGINT, SIGTERM or SIGQUIT, within seconds; a second signal ends it at once. "
          "Nothing\n"
          "that was acknowledged is lost either way. SIGHUP does not stop it."};
}

}  // namespace flawless::cli
