#include "os/process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace flawless::os {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

ProcessSpec shell(const std::string& script) {
  ProcessSpec spec;
  spec.argv = {"/bin/sh", "-c", script};
  spec.environment = {"PATH=/usr/bin:/bin"};
  spec.time_limit = 10s;
  return spec;
}

template <typename Call>
std::chrono::steady_clock::duration time_of(Call call) {
  const auto start = std::chrono::steady_clock::now();
  call();
  return std::chrono::steady_clock::now() - start;
}

TEST(RunProcess, ReturnsOutputErrorAndExitCode) {
  const auto result = run_process(shell("printf 'a\\0b'; echo oops >&2; exit 3"));
  ASSERT_TRUE(result) << result.message();
  EXPECT_EQ(result->output, std::string("a\0b", 3));
  EXPECT_EQ(result->error_output, "oops\n");
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->signal, 0);
}

TEST(RunProcess, TellsASignalFromAnExitCode) {
  const auto result = run_process(shell("kill -9 $$"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, -1);
  EXPECT_EQ(result->signal, SIGKILL);
}

TEST(RunProcess, PassesArgumentsUnchanged) {
  ProcessSpec spec = shell("");
  spec.argv = {"printf", "%s|", "a b", "$(id)", "; rm -rf x", ""};
  EXPECT_EQ(run_process(spec)->output, "a b|$(id)|; rm -rf x||");
}

TEST(RunProcess, PassesNothingOfOurEnvironment) {
  ::setenv("FLAWLESS_TEST_SECRET", "xyzzy", 1);
  ProcessSpec spec = shell("");
  spec.argv = {"/usr/bin/env"};
  spec.environment = {"ONLY=this"};
  EXPECT_EQ(run_process(spec)->output, "ONLY=this\n");
}

TEST(RunProcess, PassesNoDescriptorOfOurs) {
  const int leaked = ::dup2(::open("/dev/null", O_RDONLY), 77);  // without O_CLOEXEC
  const auto result = run_process(shell("test -e /proc/self/fd/77 && echo leaked || echo clean"));
  ::close(leaked);
  EXPECT_EQ(result->output, "clean\n");
}

TEST(RunProcess, GivesInputThatIsReadOrIgnored) {
  ProcessSpec spec = shell("cat; cat /dev/stdin >/dev/null");
  spec.input = std::string(300'000, 'x') + '\0' + "end";
  const auto echoed = run_process(spec);
  ASSERT_TRUE(echoed);
  EXPECT_EQ(echoed->output, spec.input);
  spec.argv[2] = "exec <&-; echo unread";
  EXPECT_EQ(run_process(spec)->output, "unread\n");
}

TEST(RunProcess, RunsInTheDirectory) {
  ProcessSpec spec = shell("pwd");
  spec.directory = "/usr/bin";
  EXPECT_EQ(run_process(spec)->output, "/usr/bin\n");
}

TEST(RunProcess, NamesAProgramThatDoesNotExist) {
  ProcessSpec spec = shell("");
  spec.argv = {"/no/such/program"};
  const auto result = run_process(spec);
  EXPECT_EQ(result.code(), Code::kNotFound);
  EXPECT_THAT(result.message(), HasSubstr("/no/such/program"));
  spec.argv = {"flawless-no-such-program"};
  EXPECT_EQ(run_process(spec).code(), Code::kNotFound);
  spec.argv = {"/etc/passwd"};
  EXPECT_EQ(run_process(spec).code(), Code::kDenied);
}

TEST(RunProcess, EndsTheWholeGroupAtTheTimeLimit) {
  const std::string mark = testing::TempDir() + "flawless-process-" + std::to_string(::getpid());
  ProcessSpec spec = shell("(sleep 2; touch " + mark + ") & sleep 60");
  spec.time_limit = 100ms;
  Result<ProcessResult> result(Code::kInternal, "");
  EXPECT_LT(time_of([&] { result = run_process(spec); }), 1900ms);
  EXPECT_EQ(result.code(), Code::kUnavailable);
  EXPECT_THAT(result.message(), HasSubstr("longer than 100 ms"));
  std::this_thread::sleep_for(2100ms);
  EXPECT_FALSE(std::filesystem::exists(mark)) << "a grandchild went on";
}

TEST(RunProcess, EndsWhatIgnoresSigterm) {
  ProcessSpec spec = shell("trap '' TERM; while :; do sleep 0.05; done");
  spec.time_limit = 50ms;
  Result<ProcessResult> result(Code::kInternal, "");
  EXPECT_LT(time_of([&] { result = run_process(spec); }), 3s);
  EXPECT_EQ(result.code(), Code::kUnavailable);
}

TEST(RunProcess, LetsTheProgramClearUpAtTheTimeLimit) {
  const std::string mark = testing::TempDir() + "flawless-clear-" + std::to_string(::getpid());
  ProcessSpec spec = shell("trap 'rm -f " + mark + "; exit 1' TERM; touch " + mark +
                           "; while :; do sleep 0.02; done");
  spec.time_limit = 300ms;
  EXPECT_FALSE(run_process(spec));
  EXPECT_FALSE(std::filesystem::exists(mark));
}

TEST(RunProcess, DoesNotWaitForBackgroundChildrenThatHoldThePipes) {
  Result<ProcessResult> result(Code::kInternal, "");
  EXPECT_LT(time_of([&] { result = run_process(shell("sleep 30 & echo done")); }), 5s);
  ASSERT_TRUE(result) << result.message();
  EXPECT_EQ(result->output, "done\n");
}

TEST(RunProcess, EndsAProgramThatWritesTooMuch) {
  ProcessSpec spec = shell("yes");
  spec.most_output = 1'000'000;
  const auto result = run_process(spec);
  EXPECT_EQ(result.code(), Code::kTooLarge);
  spec.argv[2] = "head -c 1000000 /dev/zero";
  ASSERT_TRUE(run_process(spec)) << "exactly the limit is allowed";
  spec.argv[2] = "head -c 1000001 /dev/zero";
  EXPECT_EQ(run_process(spec).code(), Code::kTooLarge);
}

TEST(RunProcess, KeepsTheEndOfALongErrorOutput) {
  size_t seen = 0;
  ProcessSpec spec = shell("head -c 100000 /dev/zero >&2; echo the end >&2");
  spec.on_error_output = [&](std::string_view piece) { seen += piece.size(); };
  const auto result = run_process(spec);
  ASSERT_TRUE(result);
  EXPECT_EQ(seen, 100'008U);
  EXPECT_EQ(result->error_output.size(), 16U << 10U);
  EXPECT_TRUE(result->error_output.ends_with("the end\n"));
}

TEST(RunProcess, KeepsTheTimeLimitWhileErrorsFlood) {
  ProcessSpec spec = shell("yes >&2");
  spec.time_limit = 200ms;
  Result<ProcessResult> result(Code::kInternal, "");
  EXPECT_LT(time_of([&] { result = run_process(spec); }), 3s);
  EXPECT_EQ(result.code(), Code::kUnavailable);
}

TEST(RunProcess, StopsWhenAsked) {
  std::stop_source source;
  ProcessSpec spec = shell("sleep 60");
  spec.stop = source.get_token();
  std::jthread stopper([&] {
    std::this_thread::sleep_for(50ms);
    source.request_stop();
  });
  Result<ProcessResult> result(Code::kInternal, "");
  EXPECT_LT(time_of([&] { result = run_process(spec); }), 3s);
  EXPECT_EQ(result.code(), Code::kUnavailable);
  EXPECT_THAT(result.message(), HasSubstr("stopped"));
}

TEST(RunProcess, LimitsMemory) {
  ProcessSpec spec = shell("");
  spec.argv = {"/usr/bin/python3", "-c", "x = bytearray(1 << 30); print(len(x))"};
  spec.memory_bytes = 400U << 20U;
  const auto result = run_process(spec);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "");
  EXPECT_THAT(result->error_output, HasSubstr("MemoryError"));
}

}  // namespace
}  // namespace flawless::os
