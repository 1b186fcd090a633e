// CPU per sighting with batches of 256 at several sizes of the store, and the latency of reads
// there.
//
//   store_bench                                   10^4, 10^5 and 10^6 stored occurrences
//   FLAWLESS_BENCH_ROWS=10000000 store_bench      10^4 and a size of your own
//
// 1,000 lines of code chosen by Zipf's law, in 900 items, 300 hosts, 300 people, 300 releases of
// which three are in use at a time, 5 environments. Counters: `us` thread CPU per sighting (median
// of rounds of 20 batches), `p95_ms` of reads.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <filesystem>
#include <random>

#include "store/sqlite/sqlite_store.h"

namespace flawless::store {
namespace {

constexpr size_t kBatch = 256;
constexpr size_t kLines = 1000, kItems = 900;  // some items touch two lines
const Visible kAll{true, {}};

double thread_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

// A stream of sightings, 2 ms apart by the server's clock: 10^6 of them cover about half an hour.
class Traffic {
 public:
  explicit Traffic(ProjectId project) : project_(project) {
    double sum = 0;
    for (size_t i = 0; i < kLines; ++i) zipf_.push_back(sum += 1.0 / static_cast<double>(i + 1));
    for (size_t i = 0; i < 300; ++i) {
      hosts_.push_back("web-" + std::to_string(i) + ".example.org");
      people_.push_back("user-" + std::to_string(i * 7919));
      releases_.push_back("2026.11." + std::to_string(i));
    }
    for (size_t i = 0; i < kLines; ++i) {
      texts_.push_back("    return banners[" + std::to_string(i) + "].pick(customer)");
    }
  }

  std::vector<Sighting> batch() {
    std::vector<Sighting> sightings(kBatch);
    for (Sighting& s : sightings) fill(s);
    return sightings;
  }
  [[nodiscard]] uint64_t sequence() const { return sequence_; }
  [[nodiscard]] Time now() const { return now_; }

 private:
  void fill(Sighting& s) {
    std::uniform_real_distribution<double> any(0, zipf_.back());
    auto line = static_cast<size_t>(std::lower_bound(zipf_.begin(), zipf_.end(), any(random_)) -
                                    zipf_.begin());
    size_t item = line % kItems;
    now_ += std::chrono::milliseconds(2);
    s.sequence = ++sequence_;
    s.project = project_;
    random_bytes(s.report_id.bytes);
    s.received_at = now_;
    s.occurred_at = now_ - std::chrono::milliseconds(150);
    s.environment = kEnvironments[random_() % 100 < 90 ? 0 : random_() % 5];
    s.release = releases_[(sequence_ / 40000 + random_() % 3) % 300];
    s.host = hosts_[random_() % 300];
    s.person_id = people_[random_() % 300];
    s.person_email = "someone@example.org";
    s.browser = "Firefox 128";
    s.os = "Linux";
    s.ip = "192.0.2.17";
    s.context = "shop.views.home";
    s.platform = "python";
    s.title = texts_[item];
    s.grouping_algorithm = "v1";
    s.grouping_hash = {item * 0x9E3779B97F4A7C15u, item};
    s.grouping_canonical = texts_[item];
    s.site_path = "shop/banner.py";
    s.site_function = "pick_banner";
    s.site_text = texts_[line];
    s.site_line = static_cast<uint32_t>(line + 10);
    s.body = {sequence_ >> 13, (sequence_ & 8191) * 8000, 8000};
  }

  static constexpr std::string_view kEnvironments[] = {"production", "staging", "qa", "test",
                                                       "development"};
  ProjectId project_;
  std::mt19937_64 random_{42};
  std::vector<double> zipf_;
  std::deque<std::string> hosts_, people_, releases_, texts_;
  uint64_t sequence_ = 0;
  Time now_ = from_unix_ms(1'790'000'000'000);
};

struct Filled {
  std::string directory;
  std::unique_ptr<Store> store;
  ProjectId project;
  std::unique_ptr<Traffic> traffic;

  Filled() {
    std::string pattern = (std::filesystem::temp_directory_path() / "flawless-XXXXXX").string();
    directory = ::mkdtemp(pattern.data());
    store = std::move(*open_sqlite({.path = directory + "/flawless.db"}));
    project = store->create_project("bench", from_unix_ms(0))->project.id;
    traffic = std::make_unique<Traffic>(project);
  }
  ~Filled() {
    store.reset();
    std::filesystem::remove_all(directory);
  }
  // µs of CPU per sighting.
  double apply_some(size_t batches) {
    double us = 0;
    for (size_t i = 0; i < batches; ++i) {
      std::vector<Sighting> batch = traffic->batch();
      double before = thread_us();
      auto applied = store->apply(batch, {1, 1, 0, traffic->sequence()});
      us += thread_us() - before;
      if (!applied) std::abort();
    }
    return us / static_cast<double>(batches * kBatch);
  }
  void fill_to(uint64_t rows) {
    uint64_t there = traffic->sequence();
    if (there < rows) apply_some((rows - there) / kBatch);
  }
};

// One store that grows from size to size.
Filled& store_of(uint64_t rows) {
  static Filled filled;
  filled.fill_to(rows);
  return filled;
}

void BM_Apply(benchmark::State& state) {
  Filled& filled = store_of(static_cast<uint64_t>(state.range(0)));
  std::vector<double> rounds;
  for (auto _ : state) rounds.push_back(filled.apply_some(20));
  state.counters["us"] = median(rounds);
}

template <typename Read>
void measure_reads(benchmark::State& state, Read&& read) {
  Filled& filled = store_of(static_cast<uint64_t>(state.range(0)));
  std::vector<double> ms;
  for (auto _ : state) {
    auto before = std::chrono::steady_clock::now();
    if (!read(filled)) state.SkipWithError("read failed");
    std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - before;
    ms.push_back(took.count());
  }
  std::sort(ms.begin(), ms.end());
  state.counters["p95_ms"] = ms[ms.size() * 95 / 100];
}

void BM_Items(benchmark::State& state) {
  measure_reads(state, [](Filled& f) {
    ItemQuery query;
    query.project = f.project;
    query.statuses = {ItemStatus::kActive};
    return f.store->items(kAll, query, f.traffic->now()).is_ok();
  });
}

void BM_ItemPage(benchmark::State& state) {
  int64_t number = 0;
  measure_reads(state, [&](Filled& f) {
    number = number % static_cast<int64_t>(kItems) + 1;
    OccurrenceQuery query;
    query.project = f.project;
    query.item_number = number;
    return f.store->item(kAll, f.project, number, f.traffic->now()).is_ok() &&
           f.store->occurrences(kAll, query).is_ok() &&
           f.store->facets(kAll, f.project, number).is_ok();
  });
}

// Size by size, since the one store only grows.
const int kRegistered = [] {
  std::vector<int64_t> sizes = {10'000, 100'000, 1'000'000};
  if (const char* rows = std::getenv("FLAWLESS_BENCH_ROWS")) sizes = {10'000, std::atoll(rows)};
  for (int64_t size : sizes) {
    benchmark::RegisterBenchmark("Apply", BM_Apply)->Arg(size)->Iterations(9);
    benchmark::RegisterBenchmark("Items", BM_Items)->Arg(size)->Iterations(200);
    benchmark::RegisterBenchmark("ItemPage", BM_ItemPage)->Arg(size)->Iterations(200);
  }
  return 0;
}();

}  // namespace
}  // namespace flawless::store
