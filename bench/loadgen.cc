// flawless_loadgen: sends made-up reports to a server on this machine and says, as JSON, how it
// took them.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "load.h"
#include "requests.h"
#include "self_check.h"

namespace flawless::bench {
namespace {

constexpr double kMostSeconds = 900;
constexpr uint64_t kMostReports = 20'000'000;
constexpr size_t kCheckedIds = 10'000;

struct Arguments {
  std::string url, protocol = "sentry";
  RequestOptions requests;
  LoadOptions load;
  bool self_check = false;
};

void define(CLI::App& app, Arguments& arguments) {
  GeneratorOptions& events = arguments.requests.events;
  LoadOptions& load = arguments.load;
  app.add_option("--url", arguments.url,
                 "http://127.0.0.1:PORT or http://[::1]:PORT; no other machine");
  app.add_option("--protocol", arguments.protocol, "sentry (envelopes) or rollbar")
      ->check(CLI::IsMember({"sentry", "rollbar"}));
  app.add_option("--token", events.token, "a token that may post");
  app.add_option("--project", arguments.requests.project, "the project's number, for sentry");
  app.add_option("--size", events.size_bytes, "bytes of a report before gzip, about")
      ->check(CLI::Range(1000, 900'000));
  app.add_option("--groups", events.groups, "different errors, Zipf-distributed")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--bodies", events.bodies, "different reports")->check(CLI::Range(1, 20'000));
  app.add_option("--variety", events.variety, "hosts, people and releases, each")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--seed", events.seed, "of the reports' contents; their ids are new each run");
  app.add_option("--sources", events.sources, "folder with the Python files that frames show");
  app.add_option("--connections", load.connections, "kept alive, one request under way on each")
      ->check(CLI::Range(1, 4096));
  app.add_option("--rate", load.rate,
                 "reports due a second (open loop); 0: as fast as answered (closed loop)")
      ->check(CLI::Range(0.0, 1e6));
  app.add_option("--seconds", load.seconds, "when to stop sending")
      ->check(CLI::Range(0.01, kMostSeconds));
  app.add_option("--count", load.count, "how many reports at most")
      ->check(CLI::Range(uint64_t{1}, kMostReports));
  app.add_flag("--self-check", arguments.self_check,
               "send nothing; prove that 10,000 reports of each form are right");
}

void write_latency(JsonWriter& json, const Histogram& latency) {
  auto us = [](int64_t ns) { return static_cast<double>(ns) / 1000; };
  json.key("latency_us").object().field("mean", latency.mean_ns() / 1000);
  json.field("p50", us(latency.quantile_ns(0.5))).field("p90", us(latency.quantile_ns(0.9)));
  json.field("p95", us(latency.quantile_ns(0.95))).field("p99", us(latency.quantile_ns(0.99)));
  json.field("p999", us(latency.quantile_ns(0.999))).field("max", us(latency.max_ns())).end();
}

std::string to_json(const Arguments& arguments, const Requests& requests,
                    const LoadResult& result) {
  auto per = [](double sum, uint64_t count) {
    return count == 0 ? 0 : sum / static_cast<double>(count);
  };
  JsonWriter json;
  json.object()
      .field("protocol", arguments.protocol)
      .field("loop", arguments.load.rate > 0 ? "open" : "closed");
  json.field("rate", arguments.load.rate)
      .field("connections", static_cast<uint64_t>(arguments.load.connections));
  json.field("event_bytes", requests.mean_event_bytes())
      .field("wire_bytes", requests.mean_wire_bytes());
  json.field("bodies", static_cast<uint64_t>(requests.count()))
      .field("groups", arguments.requests.events.groups);
  json.field("sent", result.sent).field("answered", result.answered);
  json.field("broken", result.broken).field("unanswered", result.unanswered);
  json.key("statuses").object();
  for (const auto& [status, count] : result.statuses) json.field(std::to_string(status), count);
  json.end().field("seconds", result.seconds);
  json.field("ok_per_second", result.seconds > 0
                                  ? static_cast<double>(result.latency.count()) / result.seconds
                                  : 0.0);
  write_latency(json, result.latency);
  json.field("max_backlog", result.max_backlog);
  json.field("client_cpu_us", per(result.cpu_seconds * 1e6, result.answered)).end();
  return json.take();
}

int check(const Arguments& arguments) {
  for (Form form : {Form::kSentry, Form::kRollbar}) {
    for (size_t size : {arguments.requests.events.size_bytes, size_t{2'000}}) {
      RequestOptions options = arguments.requests;
      options.events.form = form;
      options.events.size_bytes = size;
      auto checked = self_check(options, kCheckedIds);
      if (!checked) return fmt::print(stderr, "flawless_loadgen: {}\n", checked.message()), 1;
      fmt::print("{} {} bytes: {}\n", form == Form::kSentry ? "sentry" : "rollbar", size, *checked);
    }
  }
  return 0;
}

int send(Arguments& arguments) {
  auto target = Target::parse(arguments.url);
  if (!target) return fmt::print(stderr, "flawless_loadgen: --url: {}\n", target.message()), 2;
  arguments.load.target = *target;
  if (arguments.load.count > 0 && arguments.load.seconds == LoadOptions().seconds) {
    arguments.load.seconds = kMostSeconds;
  }
  Requests requests(arguments.requests);
  auto result = run_load(arguments.load, [&] { return requests.next(); });
  if (!result) return fmt::print(stderr, "flawless_loadgen: {}\n", result.message()), 1;
  fmt::print("{}\n", to_json(arguments, requests, *result));
  return 0;
}

int main_of(int argc, char** argv) {
  CLI::App app("Load for a Flawless server on this machine", "flawless_loadgen");
  Arguments arguments;
  define(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  arguments.requests.events.form = arguments.protocol == "rollbar" ? Form::kRollbar : Form::kSentry;
  uint64_t seed = 0;
  random_bytes({reinterpret_cast<uint8_t*>(&seed), sizeof seed});
  arguments.requests.id_seed = seed;
  return arguments.self_check ? check(arguments) : send(arguments);
}

}  // namespace
}  // namespace flawless::bench

int main(int argc, char** argv) { return flawless::bench::main_of(argc, argv); }
