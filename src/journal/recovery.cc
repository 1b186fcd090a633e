#include "journal/recovery.h"

#include <algorithm>
#include <vector>

#include "base/log.h"
#include "journal/identity.h"
#include "journal/scanner.h"

namespace flawless::journal {
namespace {

constexpr uint64_t kRewriteAtOnce = 1U << 20U;

// What the names in the directory say, in order of number.
struct Listing {
  std::vector<uint64_t> segments, spares;
  uint64_t highest = 0;  // damaged ones included
};

Result<Listing> list_files(os::Disk& disk, const std::string& directory) {
  ASSIGN_OR_RETURN(auto names, disk.list(directory));
  Listing listing;
  for (const std::string& name : names) {
    const uint64_t segment = parse_segment_name("journal", name);
    const uint64_t spare = parse_segment_name("spare", name);
    if (segment != 0) listing.segments.push_back(segment);
    if (spare != 0) listing.spares.push_back(spare);
    listing.highest = std::max({listing.highest, segment, parse_segment_name("damaged", name)});
  }
  return listing;
}

class Recovery {
 public:
  Recovery(os::Disk& disk, const Options& options, const Clock& clock)
      : disk_(disk), options_(options), clock_(clock) {}

  Result<Recovered> run() {
    ASSIGN_OR_RETURN(Listing listing, list_files(disk_, options_.directory));
    ASSIGN_OR_RETURN(Identity identity,
                     open_identity(disk_, options_.directory, listing.segments.empty()));
    Recovered found;
    found.segments =
        std::make_unique<SegmentSet>(disk_, options_, clock_, identity.journal_id, identity.epoch);
    segments_ = found.segments.get();
    segments_->skip_numbers(listing.highest);
    for (uint64_t number : listing.segments) RETURN_IF_ERROR(adopt(number));
    for (uint64_t number : listing.spares) remove_spare(number);
    RETURN_IF_ERROR(find_tail(found));
    return found;
  }

 private:
  std::string path_of(std::string_view kind, uint64_t number) const {
    return options_.directory + "/" + segment_name(kind, number);
  }

  Status adopt(uint64_t number) {
    const std::string path = path_of("journal", number);
    ASSIGN_OR_RETURN(auto file, disk_.open(path, os::OpenMode::kWrite));
    ASSIGN_OR_RETURN(uint64_t bytes, file->size());
    std::string block(std::min(bytes, kRecordsStart), '\0');
    ASSIGN_OR_RETURN(size_t got,
                     file->read_at(0, {reinterpret_cast<uint8_t*>(block.data()), block.size()}));
    auto header = decode_header(as_bytes(block).first(got));
    if (!header && header.code() != Code::kCorrupt) return header.status().with_context(path);
    if (!header || header->segment != number) return set_aside(number, bytes);
    if (header->journal_id != segments_->journal_id()) return foreign(path);
    return link(std::make_shared<Segment>(*header, path, std::move(file), bytes));
  }

  // Closes the segment before at the new one's first sequence.
  Status link(SegmentPtr segment) {
    if (SegmentPtr last = segments_->newest()) {
      if (last->header.first_sequence > segment->header.first_sequence) {
        return {Code::kCorrupt, segment->path +
                                    " begins with an earlier record than the segment "
                                    "before it; restore the journal from a backup"};
      }
      last->newest_ms = segment->header.before_ms;
      if (last->header.segment + 1 == segment->header.segment) {
        last->end_sequence = segment->header.first_sequence;
      }
      last->durable_end = last->prepared.load();
    }
    segments_->adopt(std::move(segment));
    lost_sequences_ = 0;  // it goes on where the damaged ones ended
    return {};
  }

  Status set_aside(uint64_t number, uint64_t bytes) {
    const std::string path = path_of("damaged", number);
    log_error("journal", "segment {} has no valid header and is kept aside as {}", number, path);
    RETURN_IF_ERROR(disk_.rename(path_of("journal", number), path));
    // Its sequences must not be given out again.
    lost_sequences_ += bytes / kRecordHeaderBytes;
    return {};
  }

  static Status foreign(const std::string& path) {
    return {Code::kConflict, path +
                                 " belongs to another journal than journal.id beside it says; "
                                 "move the files of the other journal out of this directory"};
  }

  // What it holds is not known: zeros that did not reach the disk, or what an earlier version of
  // the program had dropped.
  void remove_spare(uint64_t number) {
    segments_->skip_spares(number);
    Status removed = disk_.unlink(path_of("spare", number));
    if (!removed) log_warning("journal", "a spare file stays on disk: {}", removed.message());
  }

  Status find_tail(Recovered& found) {
    SegmentPtr last = segments_->newest();
    if (last) {
      RETURN_IF_ERROR(scan(last, found));
      RETURN_IF_ERROR(make_durable(found.tail));
      last->durable_end = found.tail.offset;
    }
    if (last && lost_sequences_ == 0) return {};
    found.tail.next_sequence += lost_sequences_;
    ASSIGN_OR_RETURN(found.tail.segment, segments_->create(found.tail.next_sequence));
    found.tail.offset = kRecordsStart;
    found.tail.previous = 0;
    return {};
  }

  static Status scan(const SegmentPtr& last, Recovered& found) {
    Scanner scanner(*last->file, last->header.segment);
    const uint64_t limit = last->prepared.load();
    Tail tail{.segment = last, .next_sequence = last->header.first_sequence};
    while (true) {
      auto record = scanner.at(tail.offset, limit);
      if (!record && record.code() != Code::kCorrupt) return record.status();
      if (!record || record->header.sequence != tail.next_sequence ||
          record->header.previous != tail.previous) {
        break;
      }
      if (tail.offset == kRecordsStart) last->oldest_ms = record->header.unix_ms;
      last->newest_ms = record->header.unix_ms;
      tail.offset = record->end;
      tail.previous = record->header.crc;
      ++tail.next_sequence;
    }
    found.tail = tail;
    return count_torn_bytes(found);
  }

  // A process that ended right after a failed sync leaves records that can be read, will never
  // reach the disk, and of which a sync says nothing any more. Written again they are as good as
  // new.
  static Status make_durable(const Tail& tail) {
    os::File& file = *tail.segment->file;
    std::vector<uint8_t> bytes(std::min(kRewriteAtOnce, tail.offset - kRecordsStart));
    for (uint64_t at = kRecordsStart; at < tail.offset;) {
      const uint64_t size = std::min<uint64_t>(bytes.size(), tail.offset - at);
      ASSIGN_OR_RETURN(size_t got, file.read_at(at, std::span(bytes).first(size)));
      RETURN_IF_ERROR(file.write_at(at, ByteSpan(bytes).first(got)));
      if (got < size) break;  // only the padding of the last record is missing
      at += got;
    }
    return file.sync_data();
  }

  // A record that was begun here tells its size; anything else behind the tail is zeros or older
  // than this segment.
  static Status count_torn_bytes(Recovered& found) {
    const Tail& tail = found.tail;
    RecordHeaderBytes bytes{};
    ASSIGN_OR_RETURN(size_t got, tail.segment->file->read_at(tail.offset, bytes));
    const RecordHeader header = decode_record(bytes);
    if (got < 20 || header.sequence != tail.next_sequence || header.previous != tail.previous)
      return {};
    const uint64_t room = tail.segment->prepared.load() - tail.offset;
    found.torn_bytes = std::min(record_bytes(header.length), room);
    // It is somebody's report as well, and is to go in time.
    if (tail.offset == kRecordsStart) tail.segment->oldest_ms = tail.segment->header.before_ms;
    log_warning("journal",
                "{} B of a record that was never acknowledged were cut off segment {} at offset {}",
                *found.torn_bytes, tail.segment->header.segment, tail.offset);
    return {};
  }

  os::Disk& disk_;
  const Options& options_;
  const Clock& clock_;
  SegmentSet* segments_ = nullptr;
  uint64_t lost_sequences_ = 0;
};

}  // namespace

Result<Recovered> recover(os::Disk& disk, const Options& options, const Clock& clock) {
  return Recovery(disk, options, clock).run();
}

}  // namespace flawless::journal
