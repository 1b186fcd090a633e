// Digestion: journal records to rows, exactly once.
//
// One thread takes records in order of sequence — from the hand-off while it keeps up, by reading
// the journal again when it is behind — turns each into a sighting, and applies batches: the rows
// and the journal cursor are one transaction. A crash at any point means that a batch is done again
// from the cursor, or was done.
//
// After an unclean stop the first records go one by one, each try counted durably; one that ends
// the process twice is put into quarantine, shown, and not tried again. So is one that cannot be
// read, or whose project does not exist. retry() tries those again, between batches.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/locked.h"
#include "base/time.h"
#include "digest/retrier.h"
#include "digest/retries.h"
#include "digest/sighting.h"
#include "journal/journal.h"
#include "os/file.h"
#include "store/store.h"
#include "wire/handoff.h"

namespace flawless::digest {

struct DigestStats {
  std::atomic<uint64_t> digested{0}, duplicates{0}, reread{0}, quarantined{0}, batches{0};
  std::atomic<uint64_t> lost{0};               // accepted, but no longer readable in the journal
  std::atomic<uint64_t> stored_sequence{0};    // of the last record that is applied
  std::atomic<int64_t> stored_received_ms{0};  // when that one came in
};

struct Options {
  size_t batch = 256;          // records per transaction while keeping up
  size_t batch_behind = 1024;  // and when behind
  std::chrono::milliseconds gather{
      50};  // how long a batch may wait for company when reports pour in
  std::chrono::milliseconds checkpoint_every{1000};
  std::chrono::milliseconds retry_patience{4000};  // of retry()
  std::string running_marker;  // a file that exists while digestion runs: left over = unclean stop
};

class Digest {
 public:
  // Called on the digest thread after each durable batch.
  using OnApplied =
      std::function<void(std::span<const store::Sighting>, std::span<const store::Applied>)>;

  Digest(const Options& options, journal::Journal& journal, store::Store& store,
         wire::HandOff& handoff, os::Disk& disk, Rules rules, OnApplied on_applied,
         const Clock& clock);
  ~Digest();

  // A journal that lost records is read again from its beginning (see origin.h).
  [[nodiscard]] Status start();
  // Applies what is at hand, moves the cursor, joins. What is left in the journal is read at the
  // next start. Idempotent.
  void stop();

  // Replaces Rules::library_code for what is digested from the next batch on. Any thread.
  void set_library(Library library);

  // Tries records that are in quarantine again and waits for it, some seconds at most: see
  // Retries::ask(). What is stored leaves the quarantine in the same transaction; the others stay,
  // with the reason of this time. Any thread.
  [[nodiscard]] Result<std::vector<store::Retried>> retry(const std::vector<uint64_t>& sequences) {
    return retries_.ask(sequences, options_.retry_patience);
  }
  // Whoever waits in retry() is answered, and nobody waits any more. Any thread.
  void end_retries() { retries_.close(); }

  [[nodiscard]] const DigestStats& stats() const { return stats_; }
  // Why digestion does not get on, in words: what failed, or at which report it has been for half a
  // minute. Empty when all is well.
  [[nodiscard]] std::string fault() const;
  // What start() found damaged, for some minutes. Digestion goes on all the same.
  [[nodiscard]] std::string notice() const;

 private:
  struct Batch;
  struct Damage {
    std::string text;
    Time shown_until;
  };
  void run();
  void run_carefully();
  void run_once();
  [[nodiscard]] bool fill_from_handoff(Batch& batch);
  [[nodiscard]] bool fill_from_journal(Batch& batch);
  [[nodiscard]] bool careful_step();
  [[nodiscard]] std::optional<journal::Record> read_next(bool* could_read = nullptr);
  [[nodiscard]] bool add_handed_over(Batch& batch, wire::InFlightPtr report);
  void add(Batch& batch, wire::InFlightPtr report);
  void add(Batch& batch, const journal::Record& found);
  void advance(Batch& batch, uint64_t sequence, int64_t received_ms);
  void apply(Batch& batch);
  [[nodiscard]] bool store_aside(const Batch& batch);
  [[nodiscard]] bool store_rows(std::span<const store::Sighting> sightings, uint64_t cursor);
  [[nodiscard]] bool quarantine(const store::Quarantined& record, uint64_t cursor);
  [[nodiscard]] bool refuse(const store::Sighting& one, const std::string& reason, uint64_t cursor);
  void note_applied(std::span<const store::Sighting> sightings,
                    const std::vector<store::Applied>& applied);
  [[nodiscard]] bool wait_to_retry(const Status& why);
  void put_aside(Batch& batch, store::Quarantined record, std::string reason);
  void retry_some();
  void checkpoint_when_due();
  [[nodiscard]] store::JournalCursor cursor_at(uint64_t sequence) const;
  [[nodiscard]] std::string stall() const;

  const Options options_;
  journal::Journal& journal_;
  store::Store& store_;
  wire::HandOff& handoff_;
  os::Disk& disk_;
  // A snapshot: replaced whole, taken once per batch.
  std::atomic<std::shared_ptr<const Rules>> rules_;
  std::shared_ptr<const Rules> batch_rules_;  // the digest thread's
  const OnApplied on_applied_;
  const Clock& clock_;
  Retrier retrier_;

  wire::Parser parser_;
  wire::Buffer inflated_;
  std::chrono::steady_clock::time_point last_apply_{};
  std::unique_ptr<journal::Journal::Reader> reader_;  // open while behind
  std::unique_ptr<Batch> batch_;
  uint64_t next_sequence_ = 1;
  uint64_t careful_until_ = 0;
  std::chrono::steady_clock::time_point last_checkpoint_{};
  uint64_t checkpointed_sequence_ = 0;
  bool abandoned_ = false;
  std::atomic<bool> stopping_{false};
  Retries retries_;
  std::thread thread_;
  DigestStats stats_;
  // The newest record of the batch that is under way, and when that was begun; 0: none is.
  std::atomic<uint64_t> at_sequence_{0};
  std::atomic<int64_t> begun_ms_{0};
  std::atomic<bool> is_retrying_{false};
  Locked<std::string> fault_;
  Locked<Damage> damage_;
};

}  // namespace flawless::digest
