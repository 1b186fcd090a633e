// Time of each decision on an event as the index path reads it: 30 frames, 10 of them in-app, 20
// headers, no variables.
#include <benchmark/benchmark.h>

#include "triage/in_app.h"
#include "triage/test_events.h"
#include "triage/triage.h"

namespace flawless::triage {
namespace {

Event typical() {
  Event event;
  event.platform = "python";
  event.server_root = "/srv/shop/current";
  std::vector<Frame> frames;
  for (int i = 0; i < 30; ++i) {
    std::string path = i % 3 == 0
                           ? "/srv/shop/current/shop/views/module_" + std::to_string(i) + ".py"
                           : "/srv/venv/lib/python3.11/site-packages/django/core/handlers/base_" +
                                 std::to_string(i) + ".py";
    frames.push_back(
        frame(event.keep(path), event.keep("handle_request_" + std::to_string(i)),
              "response = wrapped_callback(request, *callback_args, **callback_kwargs)"));
  }
  event.exceptions.push_back(
      exception("IntegrityError",
                "duplicate key value violates unique constraint \"orders_pkey\" "
                "DETAIL: Key (id)=(10229602058) already exists.",
                std::move(frames)));
  event.request.emplace();
  event.request->url = "https://shop.example/checkout/confirm?order=10229602058&page=2";
  event.request->query = "order=10229602058&page=2";
  for (std::string_view name :
       {"Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "Connection",
        "Content-Type", "Host", "Origin", "Sec-Fetch-Mode", "X-Forwarded-For", "X-Real-Ip",
        "X-Request-Id", "Content-Length", "Dnt", "Pragma"}) {
    event.request->headers.emplace_back(name, "text/html,application/xhtml+xml,*/*;q=0.8");
  }
  event.request->headers.emplace_back("Referer", "https://shop.example/checkout?step=3&from=cart");
  event.request->headers.emplace_back(
      "User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko Firefox/115.0");
  event.request->headers.emplace_back("Cookie", "********");
  event.request->headers.emplace_back("Authorization", "********");
  event.request->headers.emplace_back("X-CSRFToken", "********");
  event.tags = {{"region", "eu-west-1"}, {"tier", "gold"}, {"build", "1234"}};
  return event;
}

void scrub(benchmark::State& state) {
  Scrubber scrubber{ScrubRules{}};
  Event event = typical();
  for (auto _ : state) scrubber.scrub(event);
}
BENCHMARK(scrub);

// A log line, a printed object and an address, over and over: no secret in 10 KB.
void scrub_long_text(benchmark::State& state) {
  Scrubber scrubber{ScrubRules{}};
  std::string text;
  while (text.size() < 10'000) {
    text +=
        "2024-01-31 12:30:45,123 INFO shop.orders: order 10229602058 confirmed in 12.5 ms\n"
        "<Order id=10229602058 key='550e8400-e29b-41d4-a716-446655440000' lines=[1, 2]>\n"
        "GET https://shop.example/checkout/confirm?order=10229602058&page=2 200\n";
  }
  for (auto _ : state) benchmark::DoNotOptimize(scrubber.scrub_text(text));
}
BENCHMARK(scrub_long_text);

void mark(benchmark::State& state) {
  Event event = typical();
  for (auto _ : state) mark_in_app(event);
}
BENCHMARK(mark);

void group_by_stack(benchmark::State& state) {
  Event event = typical();
  mark_in_app(event);
  for (auto _ : state) benchmark::DoNotOptimize(group(event));
}
BENCHMARK(group_by_stack);

void group_all_frames(benchmark::State& state) {
  Event event = typical();
  for (auto _ : state) benchmark::DoNotOptimize(group(event));
}
BENCHMARK(group_all_frames);

void group_by_message(benchmark::State& state) {
  Event event = typical();
  event.exceptions[0].frames.clear();
  for (auto _ : state) benchmark::DoNotOptimize(group(event));
}
BENCHMARK(group_by_message);

void culprit(benchmark::State& state) {
  Event event = typical();
  mark_in_app(event);
  std::vector<LibraryCode> library(20, {"shop/lib/db.py", "", ""});
  for (auto _ : state) benchmark::DoNotOptimize(find_culprit(event, library));
}
BENCHMARK(culprit);

void name(benchmark::State& state) {
  Event event = typical();
  for (auto _ : state) benchmark::DoNotOptimize(title(event));
}
BENCHMARK(name);

}  // namespace
}  // namespace flawless::triage
