// flawless_floors: prints, as JSON, what the parts of the work cost at the least (floors.h).
#include "floors.h"

#include <fmt/format.h>
#include <libdeflate.h>
#include <simdjson.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>

#include "base/bytes.h"
#include "base/json_writer.h"

namespace flawless::bench {
namespace {

constexpr size_t kKeyBytes = 600;

template <typename Work>
Floor measure(const FloorOptions& options, std::string name, std::string what, const Work& work) {
  Floor floor{std::move(name), std::move(what), {}};
  for (size_t round = 0; round < options.rounds; ++round) {
    double start = thread_cpu_us();
    for (size_t i = 0; i < options.events; ++i) work();
    floor.us_per_event.push_back((thread_cpu_us() - start) / static_cast<double>(options.events));
  }
  return floor;
}

// The id's splice is part of the loop; it is a per cent of what is measured.
Result<Floor> gunzip_floor(const FloorOptions& options, Requests& requests) {
  std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> inflater(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  std::string out(size_t{1} << 20U, '\0');
  return measure(options, "gunzip", "libdeflate", [&] {
    requests.next();
    size_t size = 0;
    auto gzip = requests.last_body();
    auto result = libdeflate_gzip_decompress(inflater.get(), gzip.data(), gzip.size(), out.data(),
                                             out.size(), &size);
    FLAWLESS_CHECK(result == LIBDEFLATE_SUCCESS && size == requests.last_event().size());
  });
}

std::vector<simdjson::padded_string> event_texts(const Requests& requests, Form form) {
  std::vector<simdjson::padded_string> texts;
  for (const Body& event : requests.events()) {
    std::string text = event.head + std::string(SplicedGzip::kIdBytes, '0') + event.tail;
    size_t start = form == Form::kSentry ? text.find('\n', text.find('\n') + 1) + 1 : 0;
    texts.emplace_back(text.substr(start));
  }
  return texts;
}

Result<Floor> parse_floor(const FloorOptions& options, Requests& requests) {
  auto texts = event_texts(requests, options.requests.events.form);
  simdjson::dom::parser parser;
  size_t at = 0;
  return measure(options, "parse", "simdjson DOM", [&] {
    at = (at + 7) % texts.size();
    FLAWLESS_CHECK(parser.parse(texts[at]).error() == simdjson::SUCCESS);
  });
}

Result<Floor> hash_floor(const FloorOptions& options, Requests& requests) {
  uint64_t sum = 0;
  Floor floor = measure(options, "group", "XXH3-128 of a 600-byte key", [&] {
    requests.next();
    std::string_view text = requests.last_event().tail;
    sum += hash128(text.substr(0, kKeyBytes)).low;
  });
  FLAWLESS_CHECK(sum != 0);
  return floor;
}

struct Part {
  const char* name;
  Result<Floor> (*measure)(const FloorOptions&, Requests&);
};
constexpr Part kParts[] = {{"echo", echo_floor},     {"gunzip", gunzip_floor},
                           {"parse", parse_floor},   {"append", append_floor},
                           {"acknowledge", acknowledge_floor}, {"group", hash_floor},
                           {"row", row_floor}};

// `only`: the name of one of them; empty for all.
Result<std::vector<Floor>> measure_parts(const FloorOptions& options, std::string_view only) {
  Requests requests(options.requests);
  std::vector<Floor> floors;
  for (const Part& part : kParts) {
    if (!only.empty() && only != part.name) continue;
    ASSIGN_OR_RETURN(Floor floor, part.measure(options, requests));
    floors.push_back(std::move(floor));
  }
  return floors;
}

std::vector<std::string> part_names() {
  std::vector<std::string> names;
  for (const Part& part : kParts) names.emplace_back(part.name);
  return names;
}

void write_floor(JsonWriter& json, const Floor& floor) {
  std::vector<double> sorted = floor.us_per_event;
  std::sort(sorted.begin(), sorted.end());
  json.key(floor.name)
      .object()
      .field("what", floor.what)
      .field("median", sorted[sorted.size() / 2]);
  json.field("min", sorted.front()).field("max", sorted.back()).end();
}

int main_of(int argc, char** argv) {
  CLI::App app("What receiving and storing a report costs at the least", "flawless_floors");
  FloorOptions options;
  options.folder = "/var/tmp";
  std::string protocol = "sentry", only;
  app.add_option("--folder", options.folder, "a folder on the disk to measure")
      ->check(CLI::ExistingDirectory);
  app.add_option("--size", options.requests.events.size_bytes, "bytes of a report, about")
      ->check(CLI::Range(1000, 900'000));
  app.add_option("--protocol", protocol, "sentry or rollbar")
      ->check(CLI::IsMember({"sentry", "rollbar"}));
  app.add_option("--only", only, "measure this one alone")->check(CLI::IsMember(part_names()));
  app.add_option("--events", options.events, "per round")->check(CLI::Range(256, 1'000'000));
  app.add_option("--rounds", options.rounds, "the median of which counts")
      ->check(CLI::Range(1, 100));
  app.add_option("--sources", options.requests.events.sources,
                 "folder with the Python files that frames show");
  CLI11_PARSE(app, argc, argv);
  options.requests.events.form = protocol == "rollbar" ? Form::kRollbar : Form::kSentry;
  auto floors = measure_parts(options, only);
  if (!floors) return fmt::print(stderr, "flawless_floors: {}\n", floors.message()), 1;
  JsonWriter json;
  json.object();
  for (const Floor& floor : *floors) write_floor(json, floor);
  json.end();
  fmt::print("{}\n", json.text());
  return 0;
}

}  // namespace

double thread_cpu_us() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) * 1e6 + static_cast<double>(at.tv_nsec) / 1e3;
}

}  // namespace flawless::bench

int main(int argc, char** argv) { return flawless::bench::main_of(argc, argv); }
