#include "journal/segment_set.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace flawless::journal {
namespace {

using std::chrono::milliseconds;

// A segment spans this part of the time that records are kept, and at least the shortest span: what
// its first record stays too long, waiting for its last one, is no more than that.
constexpr int kSpansKept = 10;
constexpr milliseconds kShortestSpan = std::chrono::seconds(5);

uint64_t total_of(const std::map<uint64_t, SegmentPtr>& segments) {
  uint64_t total = 0;
  for (const auto& [number, segment] : segments) total += segment->prepared.load();
  return total;
}

}  // namespace

SegmentSet::SegmentSet(os::Disk& disk, Options options, const Clock& clock, uint64_t journal_id,
                       uint32_t epoch)
    : disk_(disk),
      options_(std::move(options)),
      clock_(clock),
      journal_id_(journal_id),
      epoch_(epoch) {}

void SegmentSet::adopt(SegmentPtr segment) {
  skip_numbers(segment->header.segment);
  state_.lock()->segments[segment->header.segment] = segment;
}

void SegmentSet::skip_numbers(uint64_t up_to) {
  last_number_ = std::max(last_number_.load(), up_to);
}

void SegmentSet::skip_spares(uint64_t up_to) {
  last_spare_name_ = std::max(last_spare_name_.load(), up_to);
}

SegmentPtr SegmentSet::find(uint64_t number) const {
  auto state = state_.lock();
  auto found = state->segments.find(number);
  return found == state->segments.end() ? nullptr : found->second;
}

SegmentPtr SegmentSet::holding(uint64_t sequence) const {
  auto state = state_.lock();
  if (state->segments.empty()) return nullptr;
  // An abandoned segment may share its first sequence with its successor: the last one counts.
  for (auto it = state->segments.rbegin(); it != state->segments.rend(); ++it) {
    if (it->second->header.first_sequence <= sequence) return it->second;
  }
  return state->segments.begin()->second;
}

SegmentPtr SegmentSet::after(uint64_t number) const {
  auto state = state_.lock();
  auto found = state->segments.upper_bound(number);
  return found == state->segments.end() ? nullptr : found->second;
}

SegmentPtr SegmentSet::newest() const {
  auto state = state_.lock();
  return state->segments.empty() ? nullptr : state->segments.rbegin()->second;
}

std::string SegmentSet::path_of(std::string_view kind, uint64_t number) const {
  return options_.directory + "/" + segment_name(kind, number);
}

Result<SegmentPtr> SegmentSet::create(uint64_t first_sequence) {
  RETURN_IF_ERROR(make_room());
  const uint64_t number = last_number_ + 1;
  const SegmentPtr last = newest();
  const int64_t before_ms = last ? last->newest_ms.load() : unix_ms(clock_.now());
  const Spare spare = take_spare();
  auto segment = dress(spare, {.journal_id = journal_id_,
                               .epoch = epoch_,
                               .segment = number,
                               .first_sequence = first_sequence,
                               .before_ms = before_ms});
  if (!segment) {
    Status removed = disk_.unlink(spare.path);
    static_cast<void>(removed);  // it may have been renamed already, or the disk refuses everything
    return segment;
  }
  last_number_ = number;
  auto state = state_.lock();
  if (last) last->end_sequence = first_sequence;
  state->segments[number] = *segment;
  return segment;
}

// FORMAT.md, "Order of operations", 1.
Result<SegmentPtr> SegmentSet::dress(const Spare& spare, const SegmentHeader& header) {
  ASSIGN_OR_RETURN(auto file, disk_.open(spare.path, os::OpenMode::kAny));
  const std::string block = encode_header(header);
  RETURN_IF_ERROR(file->write_at(0, as_bytes(block)));
  RETURN_IF_ERROR(file->sync_data());
  const std::string path = path_of("journal", header.segment);
  RETURN_IF_ERROR(disk_.rename(spare.path, path));
  Status synced = disk_.sync_directory(options_.directory);
  if (!synced) {
    // It may come back after a power cut: empty, and beginning where the next one will begin as
    // well.
    Status removed = disk_.unlink(path);
    static_cast<void>(removed);
    return synced;
  }
  // By the name it has now, which is to be in messages.
  ASSIGN_OR_RETURN(auto renamed, open_file(path));
  return std::make_shared<Segment>(header, path, std::move(renamed),
                                   std::max(spare.bytes, kRecordsStart));
}

Result<std::unique_ptr<SalvagedFile>> SegmentSet::open_file(const std::string& path) const {
  ASSIGN_OR_RETURN(auto file, disk_.open(path, os::OpenMode::kWrite));
  return std::make_unique<SalvagedFile>(std::move(file), path, disk_, options_.directory,
                                        options_.read_patience);
}

Spare SegmentSet::take_spare() {
  auto spare = std::exchange(state_.lock()->spare, std::nullopt);
  return spare ? std::move(*spare) : Spare{path_of("spare", ++last_spare_name_), 0};
}

Status SegmentSet::make_spare() {
  if (state_.lock()->spare) return {};
  const uint64_t bytes = std::min(options_.prepare_bytes, options_.segment_bytes);
  if (planned_bytes() > options_.max_total_bytes) return {};
  Spare spare{path_of("spare", ++last_spare_name_), bytes};
  ASSIGN_OR_RETURN(auto file, disk_.open(spare.path, os::OpenMode::kAny));
  Status written = file->write_zeros(0, bytes);
  if (written) written = file->sync_data();
  if (!written) {
    Status removed = disk_.unlink(spare.path);
    static_cast<void>(removed);
    return written;
  }
  state_.lock()->spare = std::move(spare);
  return {};
}

void SegmentSet::release(uint64_t sequence) {
  auto state = state_.lock();
  state->released = std::max(state->released, sequence);
}

uint64_t SegmentSet::due_to_end() const {
  const SegmentPtr segment = newest();
  const int64_t oldest_ms = segment->oldest_ms.load();
  if (oldest_ms == 0) return 0;
  const milliseconds span = std::max(options_.keep_for / kSpansKept, kShortestSpan);
  return clock_.now() - from_unix_ms(oldest_ms) >= span ? segment->header.segment : 0;
}

SegmentPtr SegmentSet::take_oldest_droppable(bool even_young) {
  auto state = state_.lock();
  if (state->segments.size() < 2) return nullptr;
  auto oldest = state->segments.begin();
  const Segment& segment = *oldest->second;
  // Where the neighbour was damaged the end is not known; what comes later begins here at the
  // latest.
  const uint64_t end =
      std::min(segment.end_sequence.load(), std::next(oldest)->second->header.first_sequence);
  const bool released =
      end <= state->released + 1 || segment.end_sequence.load() == segment.header.first_sequence;
  const bool old = clock_.now() - from_unix_ms(segment.newest_ms.load()) >= options_.keep_for;
  // Only the set refers to it: no reader has the file open, none can get it any more.
  if (!released || !(old || even_young) || oldest->second.use_count() > 1) return nullptr;
  SegmentPtr taken = std::move(oldest->second);
  state->segments.erase(oldest);
  return taken;
}

void SegmentSet::drop(SegmentPtr segment) {
  const std::string path = segment->path;
  damage_.forget(segment->header.segment);
  segment.reset();
  Status dropped = disk_.unlink(path);
  if (dropped) dropped = disk_.sync_directory(options_.directory);
  if (!dropped) log_warning("journal", "a released segment stays on disk: {}", dropped.message());
}

bool SegmentSet::drop_oldest(bool even_young) {
  std::lock_guard guard(dropping_);
  SegmentPtr segment = take_oldest_droppable(even_young);
  if (!segment) return false;
  drop(std::move(segment));
  return true;
}

void SegmentSet::tidy() {
  while (drop_oldest(false)) {
  }
  while (planned_bytes() > options_.max_total_bytes && drop_oldest(true)) {
  }
}

Status SegmentSet::make_room() {
  std::lock_guard guard(dropping_);  // else a file that is being deleted would not be counted
  while (total_of(state_.lock()->segments) + options_.segment_bytes > options_.max_total_bytes) {
    if (SegmentPtr segment = take_oldest_droppable(true)) {
      drop(std::move(segment));
    } else {
      return {Code::kUnavailable,
              "the journal holds " + std::to_string(bytes_on_disk()) +
                  " B of reports that are not processed yet and may not grow over " +
                  std::to_string(options_.max_total_bytes) +
                  " B; see why processing is behind, or raise the journal's cap"};
    }
  }
  return {};
}

uint64_t SegmentSet::count() const { return state_.lock()->segments.size(); }

uint64_t SegmentSet::bytes_on_disk() const {
  auto state = state_.lock();
  return total_of(state->segments) + (state->spare ? state->spare->bytes : 0);
}

uint64_t SegmentSet::planned_bytes() const {
  auto state = state_.lock();
  const uint64_t total = total_of(state->segments);
  if (state->segments.empty()) return total + options_.segment_bytes;
  const uint64_t active = state->segments.rbegin()->second->prepared.load();
  return total - active + std::max(active, options_.segment_bytes) + options_.segment_bytes;
}

uint64_t SegmentSet::first_sequence() const {
  auto state = state_.lock();
  return state->segments.empty() ? 0 : state->segments.begin()->second->header.first_sequence;
}

}  // namespace flawless::journal
