// What an append costs: CPU of the appending and the commit thread together, on a real disk, with a
// fixed number of records in flight as a server has them. The floor is the same bytes through crc,
// one write and one sync per batch.
#include <benchmark/benchmark.h>
#include <stdlib.h>
#include <time.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "journal/file_journal.h"
#include "os/file.h"

namespace flawless::journal {
namespace {

double process_cpu_us() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

// Under the working directory: /tmp may be memory.
class Directory {
 public:
  Directory() : path_("bench-journal-XXXXXX") {
    FLAWLESS_CHECK(::mkdtemp(path_.data()) != nullptr);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class InFlight {
 public:
  explicit InFlight(int most) : free_(most), most_(most) {}
  void take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return free_ > 0; });
    --free_;
  }
  void give() {
    std::lock_guard guard(mutex_);
    // Wakes the appender once per batch, as a server's event loop is.
    if (++free_ == most_) changed_.notify_one();
  }
  void wait_for_all() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return free_ == most_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int free_;
  const int most_;
};

void append(benchmark::State& state) {
  Directory directory;
  os::PosixDisk disk;
  SystemClock clock;
  Options options;
  options.directory = directory.path() + "/journal";
  options.keep_for = std::chrono::milliseconds(0);
  options.gather = std::chrono::microseconds(state.range(2));
  auto journal = open(disk, options, clock);
  FLAWLESS_CHECK(journal.is_ok());
  InFlight in_flight(static_cast<int>(state.range(1)));
  std::vector<std::shared_ptr<const std::string>> payloads;
  for (int i = 0; i < 256; ++i) {
    payloads.push_back(std::make_shared<std::string>(state.range(0), static_cast<char>(i)));
  }
  const double before = process_cpu_us();
  size_t i = 0;
  for (auto _ : state) {
    in_flight.take();
    (*journal)->append(payloads[i++ % payloads.size()], [&](Result<Appended> result) {
      FLAWLESS_CHECK(result.is_ok());
      in_flight.give();
    });
    if (i % 4096 == 0) {
      Cursor cursor = (*journal)->start();
      cursor.sequence = (*journal)->health().last_sequence;
      (*journal)->release(cursor);
    }
  }
  in_flight.wait_for_all();
  const auto records = static_cast<double>(state.iterations());
  state.counters["cpu_us/record"] = (process_cpu_us() - before) / records;
  state.counters["records/sync"] = records / static_cast<double>((*journal)->health().syncs);
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(append)
    ->ArgNames({"bytes", "in_flight", "gather_us"})
    ->Args({8192, 64, 0})
    ->Args({8192, 64, 2000})
    ->Args({8192, 512, 0})
    ->Iterations(20000)
    ->UseRealTime();
BENCHMARK(append)
    ->ArgNames({"bytes", "in_flight", "gather_us"})
    ->Args({8192, 1, 0})
    ->Iterations(500)
    ->UseRealTime();

// With a last segment that is nearly full, which is read, written and synced again.
void open_again(benchmark::State& state) {
  Directory directory;
  os::PosixDisk disk;
  SystemClock clock;
  const Options options{.directory = directory.path() + "/journal"};
  auto journal = open(disk, options, clock);
  FLAWLESS_CHECK(journal.is_ok());
  auto payload = std::make_shared<const std::string>(1U << 20U, 'x');
  for (int i = 0; i < 60; ++i) {
    InFlight one(1);
    one.take();
    (*journal)->append(payload, [&](Result<Appended> result) {
      FLAWLESS_CHECK(result.is_ok());
      one.give();
    });
    one.wait_for_all();
  }
  for (auto _ : state) {
    journal->reset();
    journal = open(disk, options, clock);
    FLAWLESS_CHECK(journal.is_ok());
  }
}
BENCHMARK(open_again)->Iterations(5)->UseRealTime()->Unit(benchmark::kMillisecond);

void floor_of_append(benchmark::State& state) {
  Directory directory;
  os::PosixDisk disk;
  constexpr uint64_t kBatch = 64;
  const auto bytes = static_cast<uint64_t>(state.range(0));
  const uint64_t batch_bytes = bytes * kBatch, file_bytes = 64U << 20U;
  std::vector<std::string> payloads(256, std::string(bytes, 'x'));
  auto file = disk.open(directory.path() + "/floor", os::OpenMode::kCreate);
  FLAWLESS_CHECK(file && (*file)->write_at(0, as_bytes(std::string(file_bytes, '\0'))).is_ok());
  FLAWLESS_CHECK((*file)->sync_data().is_ok());
  uint64_t offset = 0, records = 0;
  const double before = process_cpu_us();
  for (auto _ : state) {
    std::vector<ByteSpan> parts;
    for (uint64_t i = 0; i < kBatch; ++i) {
      parts.push_back(as_bytes(payloads[records++ % payloads.size()]));
      benchmark::DoNotOptimize(crc32c(parts.back()));
    }
    FLAWLESS_CHECK((*file)->write_at(offset, parts).is_ok() && (*file)->sync_data().is_ok());
    offset += batch_bytes;
    if (offset + batch_bytes > file_bytes) offset = 0;
  }
  state.counters["cpu_us/record"] = (process_cpu_us() - before) / static_cast<double>(records);
}
BENCHMARK(floor_of_append)->ArgName("bytes")->Arg(8192)->Iterations(300)->UseRealTime();

}  // namespace
}  // namespace flawless::journal
