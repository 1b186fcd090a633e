// Server CPU per request: everything this process spends, less what the client's thread spends.
#include <benchmark/benchmark.h>

#include <ctime>
#include <vector>

#include "http/server.h"
#include "http/test_client.h"

namespace flawless::http {
namespace {

double cpu_seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double others_cpu_seconds() {
  return cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
}

// 64 keep-alive connections, one request on each, then all answers.
void post_and_answer(benchmark::State& state) {
  Options options;
  options.threads = 1;
  auto server = testing::started(options, [](Request&&, Responder responder) {
    Response response;
    response.body = R"({"id":"0123456789abcdef0123456789abcdef"})";
    responder.send(std::move(response));
  });
  std::vector<testing::Client> clients;
  for (int i = 0; i < 64; ++i) clients.emplace_back(server->port());
  const std::string request =
      testing::post("/api/1/envelope/", std::string(static_cast<size_t>(state.range(0)), 'x'),
                    "User-Agent: sentry.python/1.9\r\nAccept-Encoding: identity\r\n"
                    "Content-Type: application/x-sentry-envelope\r\nContent-Encoding: gzip\r\n"
                    "X-Sentry-Auth: Sentry sentry_key=0123456789abcdef, sentry_version=7\r\n");
  char bytes[4096];
  const double before = others_cpu_seconds();
  for (auto _ : state) {
    for (auto& client : clients) client.send(request);
    for (auto& client : clients) {
      if (recv(client.fd(), bytes, sizeof bytes, 0) <= 0) state.SkipWithError("no answer");
    }
  }
  const double spent = others_cpu_seconds() - before;
  const auto requests = static_cast<double>(state.iterations()) * 64;
  state.counters["server_cpu_us"] = spent / requests * 1e6;
}
BENCHMARK(post_and_answer)->Arg(2048)->Arg(8192)->Arg(30720)->UseRealTime();

}  // namespace
}  // namespace flawless::http
