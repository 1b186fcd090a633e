#include "digest/digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/log.h"
#include "base/thread_name.h"
#include "digest/origin.h"
#include "os/durable_file.h"

namespace flawless::digest {
namespace {

using std::chrono::milliseconds;

// A record that was tried this often before, and each time the process ended, is not tried again.
constexpr int kMostAttempts = 2;
constexpr milliseconds kIdleWait{200};
constexpr milliseconds kRetryAfter{500};
constexpr std::chrono::minutes kShowDamage{15};
constexpr std::chrono::seconds kStall{30};
constexpr size_t kKeptBufferBytes = 256 << 10;
// Tried again between two batches: a transaction each, while new reports wait.
constexpr int kRetriesAtOnce = 16;

}  // namespace

// Reports on their way into one transaction. Slots are reused: texts keep their memory.
struct Digest::Batch {
  std::vector<std::unique_ptr<Digested>> slots;
  std::vector<store::Sighting> sightings;
  std::vector<store::Quarantined> aside;
  uint64_t last_sequence = 0;
  int64_t last_received_ms = 0;

  Digested& slot() {
    if (sightings.size() == slots.size()) slots.push_back(std::make_unique<Digested>());
    return *slots[sightings.size()];
  }
  [[nodiscard]] bool empty() const { return last_sequence == 0; }
  void clear() {
    for (size_t i = 0; i < sightings.size(); ++i) slots[i]->report.reset();
    sightings.clear();
    aside.clear();
    last_sequence = 0;
  }
};

Digest::Digest(const Options& options, journal::Journal& journal, store::Store& store,
               wire::HandOff& handoff, os::Disk& disk, Rules rules, OnApplied on_applied,
               const Clock& clock)
    : options_(options),
      journal_(journal),
      store_(store),
      handoff_(handoff),
      disk_(disk),
      rules_(std::make_shared<const Rules>(std::move(rules))),
      batch_rules_(rules_.load()),
      on_applied_(std::move(on_applied)),
      clock_(clock),
      retrier_(journal, store),
      batch_(std::make_unique<Batch>()) {}

Digest::~Digest() { stop(); }

Status Digest::start() {
  ASSIGN_OR_RETURN(Origin origin, find_origin(journal_, store_));
  next_sequence_ = origin.sequence + 1;
  stats_.stored_sequence = origin.sequence;
  if (!origin.damage.empty()) {
    log_error("digest", "{}", origin.damage);
    *damage_.lock() = {std::move(origin.damage), clock_.now() + kShowDamage};
  }
  bool unclean = os::read_file(disk_, options_.running_marker).is_ok();
  if (unclean) {
    careful_until_ =
        std::min(origin.sequence + options_.batch_behind, journal_.health().last_sequence);
    if (careful_until_ > origin.sequence) {
      log_warning("digest", "the last stop was not clean: {} reports go one by one",
                  careful_until_ - origin.sequence);
    }
  } else if (Status cleared = store_.clear_attempts(); !cleared) {
    log_warning("digest", "{}", cleared.message());
  }
  if (Status marked = os::write_durably(disk_, options_.running_marker, "running\n"); !marked) {
    log_warning("digest", "an unclean stop of this run will go unnoticed: {}", marked.message());
  }
  if (journal_.health().last_sequence > origin.sequence) {
    journal::Cursor after = journal_.start();
    after.sequence = origin.sequence;
    ASSIGN_OR_RETURN(reader_, journal_.read_after(after));
  }
  thread_ = std::thread([this] {
    name_this_thread("digest");
    run();
  });
  return Status::ok();
}

std::string Digest::fault() const {
  std::string fault = fault_.copy();
  return fault.empty() ? stall() : fault;
}

std::string Digest::notice() const {
  Damage damage = damage_.copy();
  return clock_.now() < damage.shown_until ? damage.text : std::string();
}

// A report that keeps the digest thread for ever ends nothing by itself: somebody has to be told.
std::string Digest::stall() const {
  const Time begun = from_unix_ms(begun_ms_);
  if (begun_ms_ == 0 || clock_.now() - begun < kStall) return {};
  return fmt::format(
      "digestion has been at report {} since {}; reports are accepted meanwhile. If it stays "
      "there, kill the server and start it again: {}",
      at_sequence_.load(), to_rfc3339(begun),
      is_retrying_ ? "the report, which was tried again, stays set aside"
                   : "a report that stops it twice is set aside");
}

void Digest::stop() {
  stopping_ = true;
  end_retries();
  handoff_.close();
  if (!thread_.joinable()) return;
  thread_.join();
  checkpointed_sequence_ = 0;
  last_checkpoint_ = {};
  checkpoint_when_due();
  Status removed = disk_.unlink(options_.running_marker);
  if (!removed) log_warning("digest", "{}", removed.message());
}

void Digest::set_library(Library library) {
  auto rules = std::make_shared<Rules>(*rules_.load());
  rules->library_code = std::move(library);
  rules_.store(std::move(rules));
}

void Digest::run() {
  run_carefully();
  while (!abandoned_ && (!stopping_ || handoff_.size() > 0)) run_once();
}

// One record a transaction, each try counted before it is made.
void Digest::run_carefully() {
  while (!stopping_ && !abandoned_ && next_sequence_ <= careful_until_) {
    if (!careful_step()) std::this_thread::sleep_for(kRetryAfter);
  }
  if (stopping_ || careful_until_ == 0) return;
  Status cleared = store_.clear_attempts();
  if (!cleared) log_warning("digest", "{}", cleared.message());
}

// False: nothing could be done now.
bool Digest::careful_step() {
  bool could_read = true;
  auto record = read_next(&could_read);
  if (!record) {
    if (could_read) careful_until_ = 0;  // the end of the journal
    return could_read;
  }
  auto attempts = store_.count_attempt(record->sequence);
  if (!attempts) {
    *fault_.lock() = attempts.message();
    reader_.reset();  // read it again
    return false;
  }
  if (*attempts > kMostAttempts) {
    advance(*batch_, record->sequence, unix_ms(record->appended_at));
    put_aside(*batch_, describe(*record), "digesting this report ended the process twice");
  } else {
    add(*batch_, *record);
  }
  apply(*batch_);
  return true;
}

void Digest::run_once() {
  Batch& batch = *batch_;
  bool filled = reader_ != nullptr ? fill_from_journal(batch) : fill_from_handoff(batch);
  if (filled) apply(batch);
  if (!filled && stopping_) abandoned_ = true;  // the journal has it, if it can be read again
  retry_some();
  checkpoint_when_due();
}

bool Digest::fill_from_handoff(Batch& batch) {
  uint64_t front = handoff_.front_sequence();
  bool gap = front == 0 ? handoff_.paused() : front > next_sequence_;
  if (gap) return fill_from_journal(batch);
  // A lone report is stored at once; while they pour in, a batch is worth a moment.
  bool busy = std::chrono::steady_clock::now() - last_apply_ < 2 * options_.gather;
  auto gather = busy ? options_.gather : milliseconds(0);
  const auto wait = retries_.any() ? milliseconds(0) : kIdleWait;
  for (wire::InFlightPtr& report : handoff_.take(options_.batch, wait, gather)) {
    // Others are done already, or lie behind a gap that the journal fills.
    if (report->sequence == next_sequence_ && !add_handed_over(batch, std::move(report))) break;
  }
  return !batch.empty();
}

// Reads on from the journal until it meets the hand-off, which is opened again when the end is
// near.
bool Digest::fill_from_journal(Batch& batch) {
  for (size_t read = 0; read < options_.batch_behind; ++read) {
    uint64_t front = handoff_.front_sequence();
    if (front != 0 && front <= next_sequence_) {
      reader_.reset();
      break;
    }
    auto record = read_next();
    if (!record) {
      if (handoff_.paused()) {
        handoff_
            .resume();  // what comes from now on is handed over; what came just before is read next
        continue;
      }
      if (handoff_.size() == 0) reader_.reset();
      break;
    }
    stats_.reread.fetch_add(1, std::memory_order_relaxed);
    add(batch, *record);
  }
  return !batch.empty();
}

// The record after the last one, from the journal; nothing at its end or when it cannot be read
// now.
std::optional<journal::Record> Digest::read_next(bool* could_read) {
  if (reader_ == nullptr) {
    journal::Cursor cursor = journal_.start();
    cursor.sequence = next_sequence_ - 1;
    auto reader = journal_.read_after(cursor);
    if (!reader) {
      *fault_.lock() = reader.message();
      if (could_read != nullptr) *could_read = false;
      std::this_thread::sleep_for(kRetryAfter);
      return std::nullopt;
    }
    reader_ = std::move(*reader);
  }
  auto record = reader_->next();
  if (!record) {
    log_error("digest", "journal: {}", record.message());
    *fault_.lock() = record.message();
    if (could_read != nullptr) *could_read = false;
    std::this_thread::sleep_for(kRetryAfter);
    return std::nullopt;
  }
  if (!record->has_value()) return std::nullopt;
  return std::move(*record);
}

void Digest::advance(Batch& batch, uint64_t sequence, int64_t received_ms) {
  if (sequence > next_sequence_) {
    log_error("digest", "reports {} to {} are gone from the journal", next_sequence_, sequence - 1);
    stats_.lost.fetch_add(sequence - next_sequence_, std::memory_order_relaxed);
  }
  next_sequence_ = sequence + 1;
  at_sequence_ = sequence;
  if (batch.empty()) begun_ms_ = unix_ms(clock_.now());
  batch.last_sequence = sequence;
  batch.last_received_ms = received_ms;
}

void Digest::add(Batch& batch, wire::InFlightPtr report) {
  advance(batch, report->sequence, unix_ms(report->record.received_at));
  store::Quarantined aside{
      report->sequence,      report->segment, report->offset, report->record.project, {}, {},
      report->record.report_id};
  Digested& slot = batch.slot();
  if (batch.sightings.empty()) batch_rules_ = rules_.load();
  try {
    digest_report(std::move(report), *batch_rules_, slot);
  } catch (const std::exception& error) {
    return put_aside(batch, std::move(aside), error.what());
  }
  batch.sightings.push_back(slot.sighting);
}

// False: its body cannot be read now; the gap that this leaves is read from the journal later.
bool Digest::add_handed_over(Batch& batch, wire::InFlightPtr report) {
  if (report->has_event) {
    add(batch, std::move(report));
    return true;
  }
  auto record = journal_.read({report->segment, report->offset});
  if (!record) return false;
  stats_.reread.fetch_add(1, std::memory_order_relaxed);
  add(batch, *record);
  return true;
}

void Digest::add(Batch& batch, const journal::Record& found) {
  auto report = read_record(found, inflated_, parser_);
  if (inflated_.capacity() > kKeptBufferBytes) inflated_ = {};
  if (report) return add(batch, std::move(*report));
  advance(batch, found.sequence, unix_ms(found.appended_at));
  put_aside(batch, describe(found), report.message());
}

void Digest::put_aside(Batch& batch, store::Quarantined record, std::string reason) {
  log_error("digest", "report {} is quarantined: {}", record.sequence, reason);
  record.at = clock_.now();
  record.reason = std::move(reason);
  batch.aside.push_back(std::move(record));
}

// Everything of the batch is in rows or in quarantine before the cursor passes it.
void Digest::apply(Batch& batch) {
  bool stored = store_aside(batch) && store_rows(batch.sightings, batch.last_sequence);
  begun_ms_ = 0;
  last_apply_ = std::chrono::steady_clock::now();
  if (stored) {
    fault_.lock()->clear();
    stats_.batches.fetch_add(1, std::memory_order_relaxed);
    stats_.stored_sequence = batch.last_sequence;
    stats_.stored_received_ms = batch.last_received_ms;
  } else {
    abandoned_ = true;  // stopping: the cursor stays, the next start reads these again
  }
  batch.clear();
}

// Leaves the cursor where it is: a crash before the rows are stored quarantines these again, which
// changes nothing.
bool Digest::store_aside(const Batch& batch) {
  for (const store::Quarantined& record : batch.aside) {
    if (!quarantine(record, stats_.stored_sequence)) return false;
  }
  return true;
}

bool Digest::quarantine(const store::Quarantined& record, uint64_t cursor) {
  Status done = store_.quarantine(record, cursor_at(cursor));
  while (!done) {
    if (!wait_to_retry(done)) return false;
    done = store_.quarantine(record, cursor_at(cursor));
  }
  stats_.quarantined.fetch_add(1, std::memory_order_relaxed);
  return true;
}

// Rows and cursor in one transaction, tried until it is done; false when digestion stops before.
// What names a project that does not exist will never be stored: it is found and put aside, and the
// others go on.
bool Digest::store_rows(std::span<const store::Sighting> sightings, uint64_t cursor) {
  auto applied = store_.apply(sightings, cursor_at(cursor));
  while (!applied && (applied.code() != Code::kNotFound || sightings.empty())) {
    if (!wait_to_retry(applied.status())) return false;
    applied = store_.apply(sightings, cursor_at(cursor));
  }
  if (applied) {
    note_applied(sightings, *applied);
    return true;
  }
  if (sightings.size() == 1) return refuse(sightings.front(), applied.message(), cursor);
  for (const store::Sighting& one : sightings) {
    if (!store_rows({&one, 1}, one.sequence)) return false;
  }
  return store_rows({}, cursor);
}

bool Digest::refuse(const store::Sighting& one, const std::string& reason, uint64_t cursor) {
  log_error("digest", "report {} is quarantined: {}", one.sequence, reason);
  return quarantine({one.sequence, one.body.segment, one.body.offset, one.project, clock_.now(),
                     reason, one.report_id},
                    cursor);
}

// Between batches, so that whatever happens the cursor covers what is stored.
void Digest::retry_some() {
  const auto on_stored = [this](const store::Sighting& sighting, const store::Applied& applied) {
    note_applied({&sighting, 1}, {applied});
  };
  for (int i = 0; i < kRetriesAtOnce; ++i) {
    const auto asked = retries_.next();
    if (!asked) return;
    at_sequence_ = asked->sequence;
    is_retrying_ = true;
    begun_ms_ = unix_ms(clock_.now());
    log_info("digest", "report {} is tried again", asked->sequence);
    retries_.answer(*asked, retrier_.try_again(asked->sequence, *rules_.load(),
                                               cursor_at(stats_.stored_sequence), on_stored));
    begun_ms_ = 0;
    is_retrying_ = false;
  }
}

void Digest::note_applied(std::span<const store::Sighting> sightings,
                          const std::vector<store::Applied>& applied) {
  stats_.digested.fetch_add(sightings.size(), std::memory_order_relaxed);
  auto duplicates = std::count_if(applied.begin(), applied.end(),
                                  [](const store::Applied& one) { return one.duplicate; });
  stats_.duplicates.fetch_add(static_cast<uint64_t>(duplicates), std::memory_order_relaxed);
  if (on_applied_) on_applied_(sightings, applied);
}

// False: digestion stops, do not try again.
bool Digest::wait_to_retry(const Status& why) {
  log_error("digest", "a batch cannot be stored, trying again: {}", why.message());
  *fault_.lock() = why.message();
  if (stopping_) return false;
  std::this_thread::sleep_for(kRetryAfter);
  return true;
}

void Digest::checkpoint_when_due() {
  auto now = std::chrono::steady_clock::now();
  uint64_t stored = stats_.stored_sequence;
  if (stored == checkpointed_sequence_ || now - last_checkpoint_ < options_.checkpoint_every)
    return;
  last_checkpoint_ = now;
  journal::Cursor origin = journal_.start();
  auto covered = store_.checkpoint(origin.journal_id, origin.partition);
  if (!covered) {
    log_warning("digest", "{}", covered.message());
    return;
  }
  checkpointed_sequence_ = covered->sequence;
  origin.sequence = covered->sequence;
  journal_.release(origin);
}

store::JournalCursor Digest::cursor_at(uint64_t sequence) const {
  journal::Cursor origin = journal_.start();
  return {origin.journal_id, origin.epoch, origin.partition, sequence};
}

}  // namespace flawless::digest
