// For the tests of this room.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "journal/file_journal.h"

namespace flawless::journal {

// The journal asks from its own threads.
class SharedClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return from_unix_ms(ms_.load()); }
  void advance(std::chrono::milliseconds by) { ms_ += by.count(); }

 private:
  std::atomic<int64_t> ms_{1'700'000'000'000};
};

inline Options small_options(std::string directory = "/data/journal") {
  Options options;
  options.directory = std::move(directory);
  options.segment_bytes = 32U << 10U;
  options.max_record_bytes = 8U << 10U;
  options.max_total_bytes = 64U << 20U;
  options.min_free_bytes = 0;
  options.prepare_bytes = 8U << 10U;
  options.read_patience = std::chrono::milliseconds(0);
  return options;
}

// Appends and collects the answers. Thread-safe.
class Appender {
 public:
  void begin(Journal& journal, std::string payload) {
    {
      std::lock_guard guard(mutex_);
      ++begun_;
    }
    auto shared = std::make_shared<const std::string>(std::move(payload));
    journal.append(shared, [this, shared](Result<Appended> result) {
      std::lock_guard guard(mutex_);
      answers_.emplace_back(*shared, std::move(result));
      arrived_.notify_all();
    });
  }
  // Waits until everything begun is answered.
  void wait() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return answers_.size() >= begun_; });
  }
  // Payloads and answers, in the order they came; forgets them.
  std::vector<std::pair<std::string, Result<Appended>>> take() {
    std::unique_lock lock(mutex_);
    begun_ -= answers_.size();
    return std::exchange(answers_, {});
  }
  size_t answered() {
    std::lock_guard guard(mutex_);
    return answers_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  size_t begun_ = 0;
  std::vector<std::pair<std::string, Result<Appended>>> answers_;
};

inline Result<Appended> append_and_wait(Journal& journal, std::string payload) {
  Appender appender;
  appender.begin(journal, std::move(payload));
  appender.wait();
  return appender.take().front().second;
}

// Everything a reader finds after `sequence` until the end.
struct Found {
  std::vector<Record> records;
  [[nodiscard]] std::vector<uint64_t> sequences() const {
    std::vector<uint64_t> numbers;
    for (const Record& record : records) numbers.push_back(record.sequence);
    return numbers;
  }
  [[nodiscard]] std::vector<std::string> payloads() const {
    std::vector<std::string> texts;
    for (const Record& record : records) texts.push_back(record.payload);
    return texts;
  }
};

inline Found read_all(const Journal& journal, uint64_t sequence = 0) {
  Cursor cursor = journal.start();
  cursor.sequence = sequence;
  auto reader = journal.read_after(cursor);
  FLAWLESS_CHECK(reader.is_ok());
  Found found;
  while (true) {
    auto record = (*reader)->next();
    FLAWLESS_CHECK(record.is_ok());
    if (!*record) return found;
    found.records.push_back(std::move(**record));
  }
}

// True as soon as `condition` is; false after some seconds.
template <typename Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 5000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

// A payload that nobody else has, of about `bytes`.
inline std::string numbered(uint64_t number, size_t bytes) {
  std::string text = "record " + std::to_string(number) + " ";
  if (text.size() < bytes) text.append(bytes - text.size(), static_cast<char>('a' + number % 26));
  return text;
}

}  // namespace flawless::journal
