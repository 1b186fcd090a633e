#include "journal/committer.h"

#include <algorithm>

#include "base/log.h"

namespace flawless::journal {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kShortestBackOff = 10ms;
constexpr auto kLongestBackOff = 1000ms;
constexpr std::chrono::milliseconds kIdle = 10s, kProbeEvery = 100ms;
constexpr auto kSpaceCheckEvery = 500ms, kSpaceCheckEveryWhenShort = 100ms;
// A commit waits for company when at least this many records are to be expected meanwhile.
constexpr double kWorthWaitingFor = 4;
constexpr size_t kEnoughCompany = 256;
// How much the newest interval counts in the estimated rate.
constexpr double kRateWeight = 0.1;
constexpr std::array<uint8_t, kRecordHeaderBytes> kZeros{};
constexpr std::array<uint8_t, 64U << 10U> kEraser{};

uint64_t payload_bytes(std::span<const Pending> batch) {
  uint64_t bytes = 0;
  for (const Pending& pending : batch) bytes += pending.payload->size();
  return bytes;
}

}  // namespace

Committer::Committer(os::Disk& disk, const Options& options, const Clock& clock,
                     SegmentSet& segments, CommitQueue& queue, Counters& counters, Tail tail,
                     std::function<void()> need_upkeep)
    : disk_(disk),
      options_(options),
      clock_(clock),
      segments_(segments),
      queue_(queue),
      counters_(counters),
      tail_(std::move(tail)),
      need_upkeep_(std::move(need_upkeep)),
      rotation_due_(tail_.closed),
      back_off_(kShortestBackOff) {
  counters_.last_sequence = tail_.next_sequence - 1;
}

void Committer::run() {
  while (!queue_.closed_and_empty()) {
    if (auto company = expected_company(); company >= kWorthWaitingFor) {
      queue_.wait_for_company(std::min(static_cast<size_t>(company), kEnoughCompany),
                              options_.gather);
    }
    std::vector<Pending> batch = queue_.take(faulty_ ? kProbeEvery : kIdle);
    note_rate(batch.size());
    end_segment_if_asked();
    if (!batch.empty()) {
      commit(batch);
    } else if (faulty_) {
      // Nobody asks, but health should show that the fault is over.
      Status checked = ready();
      static_cast<void>(checked);
    }
  }
  if (refused_end_ != 0) last_rotation_ = rotate();
}

// Records that will arrive within the gather window if they go on coming as they did.
double Committer::expected_company() const {
  return rate_ * std::chrono::duration<double>(options_.gather).count();
}

void Committer::note_rate(size_t records) {
  auto now = steady_clock::now();
  double seconds = std::chrono::duration<double>(now - last_take_).count();
  last_take_ = now;
  // An interval far longer than usual says that the burst is over.
  double weight = std::min(1.0, std::max(kRateWeight, seconds * 50));
  rate_ += weight * (static_cast<double>(records) / std::max(seconds, 1e-6) - rate_);
}

void Committer::commit(Batch batch) {
  while (!batch.empty()) {
    if (Status usable = ready(); !usable) return refuse(batch, usable);
    uint64_t end = tail_.offset;
    size_t fit = 0;
    for (; fit < batch.size(); ++fit) {
      const uint64_t bytes = record_bytes(batch[fit].payload->size());
      if (end + bytes > options_.segment_bytes) break;
      end += bytes;
    }
    if (fit == 0) rotation_due_ = true;
    if (fit > 0) commit_here(batch.first(fit), end - tail_.offset);
    batch = batch.subspan(fit);
  }
}

void Committer::commit_here(Batch batch, uint64_t bytes) {
  const uint64_t end = tail_.offset + bytes;
  if (const uint64_t needed = BlockWriter::block_end(end);
      needed > tail_.segment->prepared.load()) {
    // Records go only where zeros could be written, so a full disk never leaves half a record.
    // The upkeep thread fills further ahead; this is for when it cannot keep up.
    if (Status prepared = prepare(*tail_.segment, file(), needed); !prepared) {
      prepare_due_ = needed;
      set_fault(prepared.message());
      return refuse(batch, prepared);
    }
  }
  std::vector<Appended> places;
  const Tail before = tail_;
  const int64_t now_ms = unix_ms(clock_.now());
  if (Status written = write_and_sync(batch, now_ms, places); !written) {
    tail_ = before;
    abandon(written, end);
    return refuse(batch, written);
  }
  acknowledge(batch, now_ms, places);
  call_upkeep_when_low();
}

// Headers, payloads and padding in turn.
Status Committer::write_and_sync(Batch batch, int64_t now_ms, std::vector<Appended>& places) {
  const uint64_t start = tail_.offset;
  std::vector<RecordHeaderBytes> headers(batch.size());
  std::vector<ByteSpan> parts;
  parts.reserve(3 * batch.size());
  places.reserve(batch.size());
  for (size_t i = 0; i < batch.size(); ++i) {
    const std::string& payload = *batch[i].payload;
    RecordHeader header{.length = static_cast<uint32_t>(payload.size()),
                        .previous = tail_.previous,
                        .sequence = tail_.next_sequence,
                        .unix_ms = now_ms};
    headers[i] = encode_record(
        {segments_.journal_id(), tail_.segment->header.segment, tail_.offset}, header, payload);
    parts.emplace_back(headers[i]);
    parts.push_back(as_bytes(payload));
    parts.push_back(ByteSpan(kZeros).first(padding_after(payload.size())));
    places.push_back({tail_.next_sequence, {tail_.segment->header.segment, tail_.offset}});
    tail_.offset += record_bytes(payload.size());
    tail_.previous = header.crc;
    ++tail_.next_sequence;
  }
  RETURN_IF_ERROR(writer_.write(file(), start, parts));
  ++counters_.syncs;
  Status synced = file().sync_data();
  if (!synced) ++counters_.failed_syncs;
  return synced;
}

void Committer::acknowledge(Batch batch, int64_t now_ms, const std::vector<Appended>& places) {
  Segment& segment = *tail_.segment;
  if (segment.oldest_ms == 0) segment.oldest_ms = now_ms;
  segment.newest_ms = now_ms;
  segment.durable_end = tail_.offset;
  counters_.last_sequence = tail_.next_sequence - 1;
  counters_.records += batch.size();
  answered(batch);
  for (size_t i = 0; i < batch.size(); ++i) batch[i].done(places[i]);
}

void Committer::refuse(Batch batch, const Status& why) {
  counters_.refused += batch.size();
  answered(batch);
  const Status answer(Code::kUnavailable, why.message());
  for (Pending& pending : batch) pending.done(answer);
}

void Committer::answered(Batch batch) { queue_.answered(batch.size(), payload_bytes(batch)); }

Status Committer::ready() {
  if (Status space = check_space(); !space) {
    set_fault(space.message());
    return space;
  }
  if (rotation_due_) {
    if (steady_clock::now() >= next_rotation_) last_rotation_ = rotate();
    return last_rotation_;
  }
  if (!faulty_) return {};
  Status prepared = prepare(*tail_.segment, file(), prepare_due_);
  set_fault(prepared.message());
  return prepared;
}

Status Committer::rotate() {
  auto opened = segments_.create(tail_.next_sequence);
  if (!opened) {
    next_rotation_ = steady_clock::now() + back_off_;
    back_off_ = std::min<std::chrono::milliseconds>(back_off_ * 2, kLongestBackOff);
    set_fault(opened.message());
    erase_refused();
    return opened.status();
  }
  tail_ = {.segment = std::move(*opened), .next_sequence = tail_.next_sequence};
  writer_.forget();
  rotation_due_ = false;
  refused_end_ = 0;
  prepare_due_ = 0;
  back_off_ = kShortestBackOff;
  next_rotation_ = {};
  set_fault("");
  need_upkeep_();
  return {};
}

void Committer::end_segment(uint64_t number) {
  segment_to_end_ = number;
  queue_.wake();
}

// Where it cannot be, records go on into the old one, and upkeep asks again. But a rotation that
// was begun must come to its end first: a segment that a power cut brings back would cut them off.
void Committer::end_segment_if_asked() {
  if (segment_to_end_.load() == 0) return;
  if (segment_to_end_.exchange(0) != tail_.segment->header.segment || rotation_due_) return;
  if (!check_space() || !segments_.make_room()) return;
  rotation_due_ = true;
  last_rotation_ = rotate();
}

Status Committer::check_space() {
  const SteadyTime now = steady_clock::now();
  if (now < next_space_check_) return space_;
  auto free = disk_.free_bytes(options_.directory);
  space_ = free.status();
  if (free && *free < options_.min_free_bytes) {
    space_ = {Code::kUnavailable, "only " + std::to_string(*free) + " B are free at " +
                                      options_.directory + " and " +
                                      std::to_string(options_.min_free_bytes) +
                                      " B must stay free; free some space on that file system"};
  }
  next_space_check_ = now + (space_ ? kSpaceCheckEvery : kSpaceCheckEveryWhenShort);
  return space_;
}

void Committer::abandon(const Status& why, uint64_t end) {
  log_error("journal", "segment {} is abandoned at offset {}: {}", tail_.segment->header.segment,
            tail_.offset, why.message());
  rotation_due_ = true;
  refused_end_ = end;
  last_rotation_ = rotate();
}

// FORMAT.md, "Order of operations", 3: no cut yet, so at least this process leaves no trace of the
// records.
void Committer::erase_refused() {
  for (uint64_t at = tail_.offset; at < refused_end_; at += kEraser.size()) {
    const auto bytes =
        ByteSpan(kEraser).first(std::min<uint64_t>(kEraser.size(), refused_end_ - at));
    Status erased = file().write_at(at, bytes);
    static_cast<void>(erased);
  }
}

void Committer::set_fault(const std::string& text) {
  const bool faulty = !text.empty();
  if (!faulty && !faulty_) return;
  if (faulty && !faulty_) log_error("journal", "refuses records: {}", text);
  if (!faulty) log_info("journal", "writes records again");
  faulty_ = faulty;
  *counters_.fault.lock() = text;
}

void Committer::call_upkeep_when_low() {
  const uint64_t prepared = tail_.segment->prepared.load();
  const uint64_t low = std::min(tail_.offset + options_.prepare_bytes / 2, options_.segment_bytes);
  if (prepared < low) need_upkeep_();
}

}  // namespace flawless::journal
