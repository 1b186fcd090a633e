#include "os/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace flawless::os {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr size_t kMostErrorOutput = 16U << 10U;
constexpr milliseconds kGrace{1000};    // between SIGTERM and SIGKILL
constexpr milliseconds kStopTick{100};  // how often a stop is looked for
constexpr milliseconds kChildTick{10};  // how often the child is, on a kernel without pidfd

std::string reason(int error) { return std::generic_category().message(error); }

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { reset(); }
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct Pipe {
  Fd read, write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return {Code::kUnavailable, "cannot make a pipe: " + reason(errno)};
  }
  Pipe pipe{Fd(ends[0]), Fd(ends[1])};
  ::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
  return pipe;
}

// A file in memory instead of a pipe: nobody has to feed it, and a program that does not read it
// cannot end us with SIGPIPE.
Result<Fd> input_file(std::string_view input) {
  if (input.empty()) return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Fd file(::memfd_create("input", MFD_CLOEXEC));
  if (!file.is_open()) return {Code::kUnavailable, "cannot hold the input: " + reason(errno)};
  while (!input.empty()) {
    const ssize_t wrote = ::write(file.get(), input.data(), input.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return {Code::kUnavailable, "cannot hold the input: " + reason(errno)};
    input.remove_prefix(static_cast<size_t>(wrote));
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

// Pointers into `texts`, which must outlive them, with the null at the end that exec wants.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

class SpawnPlan {
 public:
  SpawnPlan(const ProcessSpec& spec, int input, int output, int error) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_adddup2(&actions_, input, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, 1);
    ::posix_spawn_file_actions_adddup2(&actions_, error, 2);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
    if (!spec.directory.empty()) {
      ::posix_spawn_file_actions_addchdir_np(&actions_, spec.directory.c_str());
    }
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }

  Result<pid_t> spawn(const ProcessSpec& spec) const {
    const std::vector<char*> argv = pointers(spec.argv);
    const std::vector<char*> environment = pointers(spec.environment);
    pid_t child = 0;
    const int error = ::posix_spawnp(&child, spec.argv[0].c_str(), &actions_, &attributes_,
                                     argv.data(), environment.data());
    if (error == 0) return child;
    const Code code = error == ENOENT                       ? Code::kNotFound
                      : error == EACCES || error == ENOEXEC ? Code::kDenied
                                                            : Code::kUnavailable;
    return {code, "cannot run " + spec.argv[0] + ": " + reason(error)};
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// A child that has been started. It is not reaped before end(), so that its id and its group's stay
// its own.
class Child {
 public:
  explicit Child(pid_t pid)
      : pid_(pid), watch_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (!reaped_) end();
  }

  // Set from here, since posix_spawn cannot: the program is still being loaded then.
  void limit_memory(uint64_t bytes) const {
    const rlimit limit{bytes, bytes};
    ::prlimit(pid_, RLIMIT_AS, &limit, nullptr);
  }

  [[nodiscard]] int watch() const { return watch_.get(); }

  [[nodiscard]] bool has_exited() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == pid_;
  }

  // Asks the group to end and gives it time to clear up behind itself.
  void terminate() const {
    ::kill(-pid_, SIGTERM);
    const auto deadline = Steady::now() + kGrace;
    while (!has_exited() && Steady::now() < deadline) {
      pollfd wait{watch_.get(), POLLIN, 0};
      ::poll(&wait, 1, static_cast<int>(kChildTick.count()));
    }
  }

  // Ends what is left of the group and returns the leader's wait status.
  int end() {
    ::kill(-pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    reaped_ = true;
    return status;
  }

 private:
  const pid_t pid_;
  const Fd watch_;
  bool reaped_ = false;
};

class Run {
 public:
  Run(const ProcessSpec& spec, Child& child, Fd output, Fd error)
      : spec_(spec),
        child_(child),
        output_(std::move(output)),
        error_(std::move(error)),
        deadline_(Steady::now() + spec.time_limit) {}

  Result<ProcessResult> to_end() {
    for (bool exited = false; !exited;) {
      wait();
      exited = child_.has_exited();  // before reading: what it wrote is then in the pipes
      read_output();
      read_error(exited);
      if (Status status = within_limits(exited); !status.is_ok()) {
        child_.terminate();
        child_.end();
        return status;
      }
    }
    const int status = child_.end();
    result_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return std::move(result_);
  }

 private:
  void wait() const {
    std::array<pollfd, 3> watched{
        {{output_.get(), POLLIN, 0}, {error_.get(), POLLIN, 0}, {child_.watch(), POLLIN, 0}}};
    milliseconds most = std::chrono::ceil<milliseconds>(deadline_ - Steady::now());
    if (spec_.stop.stop_possible()) most = std::min(most, kStopTick);
    if (child_.watch() < 0) most = std::min(most, kChildTick);
    most = std::clamp(most, milliseconds(0), milliseconds(3'600'000));
    ::poll(watched.data(), watched.size(), static_cast<int>(most.count()));
  }

  [[nodiscard]] Status within_limits(bool exited) const {
    const std::string& name = spec_.argv[0];
    if (result_.output.size() > spec_.most_output) {
      return {Code::kTooLarge,
              name + " wrote more than " + std::to_string(spec_.most_output) + " bytes"};
    }
    if (exited) return {};
    if (spec_.stop.stop_requested()) return {Code::kUnavailable, name + " was stopped"};
    if (Steady::now() >= deadline_) {
      return {Code::kUnavailable, name + " took longer than " +
                                      std::to_string(spec_.time_limit.count()) +
                                      " ms and was ended"};
    }
    return {};
  }

  // What there is, in pieces; closes `from` at its end. Stops early when `take` says so.
  template <typename Take>
  static void read_all(Fd& from, Take take) {
    std::array<char, 65536> buffer;
    while (from.is_open()) {
      const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return from.reset();
      if (!take(std::string_view(buffer.data(), static_cast<size_t>(got)))) return;
    }
  }

  void read_output() {
    read_all(output_, [&](std::string_view piece) {
      result_.output += piece;
      return result_.output.size() <= spec_.most_output;
    });
  }

  // One piece a turn while it runs: a flood must not keep us from the clock and from its output.
  void read_error(bool exited) {
    read_all(error_, [&](std::string_view piece) {
      if (spec_.on_error_output) spec_.on_error_output(piece);
      std::string& kept = result_.error_output;
      kept += piece;
      if (kept.size() > kMostErrorOutput) kept.erase(0, kept.size() - kMostErrorOutput);
      return exited && Steady::now() < deadline_;
    });
  }

  const ProcessSpec& spec_;
  Child& child_;
  Fd output_, error_;
  const Steady::time_point deadline_;
  ProcessResult result_;
};

}  // namespace

Result<ProcessResult> run_process(const ProcessSpec& spec) {
  FLAWLESS_CHECK(!spec.argv.empty());
  ASSIGN_OR_RETURN(Fd input, input_file(spec.input));
  ASSIGN_OR_RETURN(Pipe output, make_pipe());
  ASSIGN_OR_RETURN(Pipe error, make_pipe());
  const SpawnPlan plan(spec, input.get(), output.write.get(), error.write.get());
  ASSIGN_OR_RETURN(const pid_t pid, plan.spawn(spec));
  Child child(pid);
  if (spec.memory_bytes > 0) child.limit_memory(spec.memory_bytes);
  output.write.reset();
  error.write.reset();
  return Run(spec, child, std::move(output.read), std::move(error.read)).to_end();
}

}  // namespace flawless::os
