// CPU time of what happens to one report on its way in: `wire_bench --benchmark_filter=Python`.
// The report is a Python SDK's: 20 frames with source context and locals, breadcrumbs and modules,
// about 23 KB.
#include <benchmark/benchmark.h>
#include <brotli/encode.h>
#include <fmt/format.h>
#include <libdeflate.h>
#include <zstd.h>

#include "wire/report.h"

namespace flawless::wire {
namespace {

constexpr const char* kLines[] = {"def dispatch(self, request, *args, **kwargs):",
                                  "    if request.method.lower() in self.names:",
                                  "        handler = getattr(self, request.method.lower())",
                                  "    else:",
                                  "        handler = self.http_method_not_allowed",
                                  "    return handler(request, *args, **kwargs)",
                                  "    for row in cursor.fetchmany(self.batch_size):",
                                  "        yield self.model.from_row(row)"};

void write_lines(JsonWriter& json, std::string_view key, size_t from) {
  json.key(key).array();
  for (size_t i = 0; i < 5; ++i) json.value(kLines[(from + i) % 8]);
  json.end();
}

void write_locals(JsonWriter& json, std::string_view key, size_t at) {
  json.key(key).object();
  json.field("self", fmt::format("<shop.views.CartView object at 0x7f2b{:08x}>", at * 7919));
  json.field("request", "<WSGIRequest: GET '/cart/checkout?step=2'>");
  json.field("count", int64_t(at)).field("name", "Ann \"the\" buyer");
  json.key("kwargs").object().field("pk", 17).field("retry", true).key("rest").null().end();
  json.end();
}

void write_sentry_frame(JsonWriter& json, size_t at) {
  json.object().field("filename", fmt::format("shop/module_{}.py", at));
  json.field("abs_path",
             fmt::format("/srv/shop/lib/python3.12/site-packages/shop/module_{}.py", at));
  json.field("function", fmt::format("handle_{}", at))
      .field("module", fmt::format("shop.module_{}", at));
  json.field("lineno", int64_t(100 + at))
      .field("in_app", at % 2 == 0)
      .field("context_line", kLines[at % 8]);
  write_lines(json, "pre_context", at);
  write_lines(json, "post_context", at + 1);
  write_locals(json, "vars", at);
  json.end();
}

std::string sentry_report() {
  JsonWriter json;
  json.object().field("event_id", "6f1c2d3e4b5a69788796a5b4c3d2e1f0").field("level", "error");
  json.field("timestamp", "2026-11-22T14:05:11.250000Z").field("platform", "python");
  json.field("release", "4f2a9c1be07d53a8c6e1f00d9a7b2c3d4e5f6a7b")
      .field("environment", "production");
  json.field("server_name", "web-3").field("transaction", "shop.views.checkout");
  json.key("exception").object().key("values").array().object();
  json.field("type", "IndexError")
      .field("value", "Cannot choose from an empty sequence")
      .field("module", "builtins");
  json.key("stacktrace").object().key("frames").array();
  for (size_t at = 0; at < 20; ++at) write_sentry_frame(json, at);
  json.end().end().end().end().end();
  json.key("request").object().field("url", "https://shop.example.com/cart").field("method", "GET");
  json.key("headers").object().field("Host", "shop.example.com");
  json.field("User-Agent",
             "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
             "Chrome/131.0.0.0 Safari/537.36");
  json.end().end();
  json.key("tags").object().field("region", "eu").field("worker", "7").end();
  json.key("user").object().field("id", 17).field("ip_address", "{{auto}}").end();
  json.key("modules").object();
  for (int i = 0; i < 60; ++i)
    json.field(fmt::format("package-{}", i), fmt::format("{}.{}.0", i % 7, i));
  json.end().key("breadcrumbs").object().key("values").array();
  for (int i = 0; i < 10; ++i) {
    json.object()
        .field("timestamp", "2026-11-22T14:05:10.1Z")
        .field("category", "query")
        .field("type", "default");
    json.field("message", "SELECT \"id\", \"name\" FROM \"cart\" WHERE \"owner\" = %s").end();
  }
  json.end().end().end();
  return json.take();
}

void write_rollbar_frame(JsonWriter& json, size_t at) {
  json.object()
      .field("filename", fmt::format("/srv/shop/module_{}.py", at))
      .field("lineno", int64_t(100 + at));
  json.field("method", fmt::format("handle_{}", at))
      .field("code", kLines[at % 8])
      .key("context")
      .object();
  write_lines(json, "pre", at);
  write_lines(json, "post", at + 1);
  json.end().key("argspec").array().value("self").value("request").end().field("keywordspec",
                                                                               "kwargs");
  write_locals(json, "locals", at);
  json.end();
}

std::string rollbar_report() {
  JsonWriter json;
  json.object().field("access_token", "0123456789abcdef0123456789abcdef").key("data").object();
  json.field("environment", "production").field("level", "error").field("timestamp", 1763820311);
  json.field("uuid", "6f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0").field("language", "python 3.12.1");
  json.key("server").object().field("host", "web-3").field("root", "/srv/shop").end();
  json.key("body").object().key("trace").object().key("frames").array();
  for (size_t at = 0; at < 23; ++at) write_rollbar_frame(json, at);
  json.end().key("exception").object().field("class", "IndexError");
  json.field("message", "Cannot choose from an empty sequence").end().end().end().end().end();
  return json.take();
}

struct Case {
  Protocol protocol;
  Buffer body;
};

Case make_case(int64_t protocol) {
  Case out{static_cast<Protocol>(protocol), {}};
  out.body.assign(out.protocol == Protocol::kRollbar ? rollbar_report() : sentry_report());
  return out;
}

void note_size(benchmark::State& state, size_t bytes) {
  state.counters["bytes"] = static_cast<double>(bytes);
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes));
}

void BM_PythonInspect(benchmark::State& state) {
  Case report = make_case(state.range(0));
  Parser parser;
  for (auto _ : state)
    benchmark::DoNotOptimize(inspect(report.protocol, report.body.view(), parser));
  note_size(state, report.body.size());
}

void read_all(benchmark::State& state, Detail detail) {
  Case report = make_case(state.range(0));
  Parser parser;
  Arrival arrival;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        read_event(report.protocol, report.body.view(), detail, arrival, parser));
  }
  note_size(state, report.body.size());
}

void BM_PythonIndex(benchmark::State& state) { read_all(state, Detail::kIndex); }
void BM_PythonFull(benchmark::State& state) { read_all(state, Detail::kFull); }

std::string compressed(Encoding encoding, const std::string& text) {
  std::string out(text.size() + 1024, '\0');
  size_t size = out.size();
  auto* compressor = libdeflate_alloc_compressor(6);
  if (encoding == Encoding::kGzip) {
    size = libdeflate_gzip_compress(compressor, text.data(), text.size(), out.data(), out.size());
  } else if (encoding == Encoding::kDeflate) {
    size = libdeflate_zlib_compress(compressor, text.data(), text.size(), out.data(), out.size());
  } else if (encoding == Encoding::kZstd) {
    size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
  } else {
    BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, text.size(),
                          reinterpret_cast<const uint8_t*>(text.data()), &size,
                          reinterpret_cast<uint8_t*>(out.data()));
  }
  libdeflate_free_compressor(compressor);
  out.resize(size);
  return out;
}

void BM_PythonInflate(benchmark::State& state) {
  auto encoding = static_cast<Encoding>(state.range(0));
  std::string report = sentry_report(), wire_bytes = compressed(encoding, report);
  Buffer out;
  for (auto _ : state) {
    if (!inflate(encoding, wire_bytes, 20u << 20, out)) state.SkipWithError("does not inflate");
  }
  note_size(state, report.size());
}

BENCHMARK(BM_PythonInspect)->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_PythonIndex)->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_PythonFull)->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_PythonInflate)->DenseRange(1, 4)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace flawless::wire
