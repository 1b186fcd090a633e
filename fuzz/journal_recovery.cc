// A segment with any damage: the journal opens or says why not, gives back only records that were appended, in order,
// and takes new ones. The input is a list of (place, byte) writes over a journal of a few records.
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "journal/file_journal.h"
#include "os/fake_disk.h"

namespace {

using namespace flawless;

constexpr size_t kPlaceBytes = 3;

journal::Options options() {
  journal::Options options;
  options.directory = "/data/journal";
  options.segment_bytes = 64U << 10U;
  options.max_record_bytes = 16U << 10U;
  options.max_total_bytes = 1U << 20U;
  options.min_free_bytes = 0;
  options.prepare_bytes = 8U << 10U;
  return options;
}

std::string payload(uint64_t sequence) {
  return std::to_string(sequence) + std::string(sequence * 700, static_cast<char>('a' + sequence % 26));
}

bool append(journal::Journal& journal, uint64_t sequence) {
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<bool> ok;
  journal.append(std::make_shared<const std::string>(payload(sequence)), [&](Result<journal::Appended> appended) {
    std::lock_guard guard(mutex);
    ok = appended.is_ok();
    answered.notify_one();
  });
  std::unique_lock lock(mutex);
  answered.wait(lock, [&] { return ok.has_value(); });
  return *ok;
}

// A journal of eight records, made once: its files by name.
const std::map<std::string, std::string>& files() {
  static const auto made = [] {
    os::FakeDisk disk;
    SystemClock clock;
    auto journal = journal::open(disk, options(), clock);
    FLAWLESS_CHECK(journal.is_ok());
    for (uint64_t sequence = 1; sequence <= 8; ++sequence) FLAWLESS_CHECK(append(**journal, sequence));
    (*journal)->stop();
    journal->reset();
    std::map<std::string, std::string> out;
    auto names = disk.list("/data/journal");
    for (const std::string& name : *names) {
      auto file = disk.open("/data/journal/" + name, os::OpenMode::kRead);
      std::string bytes((*file)->size().value_or(0), '\0');
      (void)(*file)->read_at(0, {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
      out.emplace(name, std::move(bytes));
    }
    return out;
  }();
  return made;
}

void put_files(os::FakeDisk& disk, std::span<const uint8_t> damage) {
  FLAWLESS_CHECK(disk.make_directory("/data/journal").is_ok());
  for (auto [name, bytes] : files()) {
    if (name.starts_with("segment") || name.ends_with(".seg")) {
      for (size_t at = 0; at + kPlaceBytes < damage.size() && !bytes.empty(); at += kPlaceBytes + 1) {
        size_t place = (damage[at] | damage[at + 1] << 8U | damage[at + 2] << 16U) % bytes.size();
        bytes[place] = static_cast<char>(damage[at + kPlaceBytes]);
      }
    }
    auto file = disk.open("/data/journal/" + name, os::OpenMode::kCreate);
    FLAWLESS_CHECK((*file)->write_at(0, as_bytes(bytes)).is_ok());
    FLAWLESS_CHECK((*file)->sync_data().is_ok());
  }
  FLAWLESS_CHECK(disk.sync_directory("/data/journal").is_ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  os::FakeDisk disk;
  put_files(disk, {data, size});
  SystemClock clock;
  auto journal = journal::open(disk, options(), clock);
  if (!journal) {
    FLAWLESS_CHECK(!journal.message().empty());
    return 0;
  }
  auto reader = (*journal)->read_after({});
  FLAWLESS_CHECK(reader.is_ok());
  uint64_t last = 0;
  for (int tries = 0; tries < 100; ++tries) {
    auto record = (*reader)->next();
    if (!record) continue;  // damaged: the next call goes on behind it
    if (!record->has_value()) break;
    FLAWLESS_CHECK((*record)->sequence > last);
    last = (*record)->sequence;
    FLAWLESS_CHECK((*record)->payload == payload(last));
  }
  (void)append(**journal, 9);
  return 0;
}
