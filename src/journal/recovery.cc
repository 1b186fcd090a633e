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
  std::vector<uint64_t> segments, spares, damaged;
  uint64_t highest = 0;  // damaged ones included
};

Result<Listing> list_files(os::Disk& disk, const std::string& directory) {
  ASSIGN_OR_RETURN(auto names, disk.list(directory));
  Listing listing;
  for (const std::string& name : names) {
    const uint64_t segment = parse_segment_name("journal", name);
    const uint64_t spare = parse_segment_name("spare", name);
    if (segment != 0) listing.segments.push_back(segment);
    const uint64_t damaged = parse_segment_name("damaged", name);
    if (spare != 0) listing.spares.push_back(spare);
    if (damaged != 0) listing.damaged.push_back(damaged);
    listing.highest = std::max({listing.highest, segment, damaged});
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
                     open_identity(disk_, options_.directory, listing.highest == 0));
    Recovered found;
    found.segments =
        std::make_unique<SegmentSet>(disk_, options_, clock_, identity.journal_id, identity.epoch);
    segments_ = found.segments.get();
    segments_->skip_numbers(listing.highest);
    for (uint64_t number : listing.damaged) note_set_aside(number);
    for (uint64_t number : listing.segments) RETURN_IF_ERROR(adopt(number));
    for (uint64_t number : listing.damaged) RETURN_IF_ERROR(skip_sequences_of(number));
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
    ASSIGN_OR_RETURN(auto file, segments_->open_file(path));
    ASSIGN_OR_RETURN(uint64_t bytes, file->exact().size());
    std::string block(std::min(bytes, kRecordsStart), '\0');
    ASSIGN_OR_RETURN(size_t got,
                     file->read_at(0, {reinterpret_cast<uint8_t*>(block.data()), block.size()}));
    auto header = decode_header(as_bytes(block).first(got));
    if (!header && header.code() != Code::kCorrupt) return header.status().with_context(path);
    if (!header || header->segment != number) {
      header = rebuild_header(*file, bytes, number);
      if (!header && header.code() != Code::kCorrupt) return header.status();
      if (!header) return set_aside(number, bytes);
      rebuilt_ = number;
      segments_->damage().note(number, 0,
                               path + " is damaged in its header; all reports in it can be read. "
                                      "Look after the disk");
    }
    if (header->journal_id != segments_->journal_id()) return foreign(path);
    return link(std::make_shared<Segment>(*header, path, std::move(file), bytes));
  }

  // What the header must have said, by the first record: nothing else ever lies there.
  Result<SegmentHeader> rebuild_header(const SalvagedFile& file, uint64_t bytes, uint64_t number) {
    RecordHeaderBytes first{};
    ASSIGN_OR_RETURN(size_t got, file.read_at(kRecordsStart, first));
    const RecordHeader record = decode_record(first);
    Scanner scanner(file, segments_->journal_id(), number);
    auto whole = scanner.at(kRecordsStart, bytes);
    if (!whole && whole.code() != Code::kCorrupt) return whole.status();
    if (got < first.size() ||
        !(whole || is_marked({segments_->journal_id(), number, kRecordsStart}, record))) {
      return Status(Code::kCorrupt, "neither the header nor the first record can be read");
    }
    return SegmentHeader{.journal_id = segments_->journal_id(),
                         .epoch = segments_->epoch(),
                         .segment = number,
                         .first_sequence = record.sequence,
                         .before_ms = whole ? record.unix_ms : unix_ms(clock_.now())};
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
    RETURN_IF_ERROR(disk_.rename(path_of("journal", number), path));
    note_set_aside(number);
    skip_sequences(bytes);
    return {};
  }

  // Unless the opening that set the segment aside has made the next one as well.
  Status skip_sequences_of(uint64_t damaged) {
    const SegmentPtr last = segments_->newest();
    if (last && last->header.segment >= damaged) return {};
    ASSIGN_OR_RETURN(auto file, disk_.open(path_of("damaged", damaged), os::OpenMode::kRead));
    ASSIGN_OR_RETURN(uint64_t bytes, file->size());
    skip_sequences(bytes);
    return {};
  }

  // As many as such a segment can have held must not be given out again.
  void skip_sequences(uint64_t bytes) {
    lost_sequences_ += std::max(bytes, options_.segment_bytes) / kRecordHeaderBytes;
  }

  void note_set_aside(uint64_t number) {
    segments_->damage().note(number, 0,
                             path_of("damaged", number) +
                                 " is a part of the journal whose header and first record are "
                                 "damaged: no report in it can be read. Look after the disk; "
                                 "restore the journal from a backup, if there is one, with the "
                                 "server stopped, or delete the file");
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
      if (found.tail.closed) {
        RETURN_IF_ERROR(last->file->exact().sync_data());
      } else {
        RETURN_IF_ERROR(make_durable(found.tail));
      }
      last->durable_end = found.tail.offset;
    }
    if (last && lost_sequences_ == 0 && !found.tail.closed) return {};
    found.tail.next_sequence += lost_sequences_;
    auto created = segments_->create(found.tail.next_sequence);
    // Reports can be read all the same; the first that comes has the segment made, or is refused.
    if (!created && last) {
      found.tail.closed = true;
      return {};
    }
    if (!created) return created.status();
    found.tail = {.segment = std::move(*created), .next_sequence = found.tail.next_sequence};
    return {};
  }

  Status scan(const SegmentPtr& last, Recovered& found) {
    Scanner scanner(*last->file, segments_->journal_id(), last->header.segment);
    const uint64_t limit = last->prepared.load();
    Tail tail{.segment = last,
              .closed = rebuilt_ == last->header.segment,
              .next_sequence = last->header.first_sequence};
    while (true) {
      auto record = scanner.following(tail.offset, limit, {tail.next_sequence, tail.previous});
      if (record) {
        advance(tail, *record);
        continue;
      }
      if (record.code() != Code::kCorrupt) return record.status();
      ASSIGN_OR_RETURN(Scanner::Gap gap, scanner.pass_over(tail.offset, limit,
                                                           {tail.next_sequence, tail.previous}));
      const bool unreadable = last->file->is_unreadable(tail.offset, gap.end);
      // Nothing whole behind it: the tail of a write that was under way.
      if (!gap.after && !tail.closed && !unreadable) break;
      if (!gap.after && unreadable) {
        segments_->damage().note(last->header.segment, tail.offset,
                                 unreadable_end(last->path, tail.offset, tail.next_sequence));
        lost_sequences_ += (limit - tail.offset) / kRecordHeaderBytes;
      }
      note_gap(tail, gap);
      tail.closed = true;
      if (!gap.after) {
        tail.next_sequence = gap.last_lost + 1;
        break;
      }
      tail.offset = gap.end;
      tail.next_sequence = gap.after->sequence;
      tail.previous = gap.after->previous;
    }
    found.tail = tail;
    return tail.closed ? Status::ok() : count_torn_bytes(found);
  }

  static void advance(Tail& tail, const Scanner::View& record) {
    Segment& segment = *tail.segment;
    if (tail.offset == kRecordsStart) segment.oldest_ms = record.header.unix_ms;
    segment.newest_ms = record.header.unix_ms;
    tail.offset = record.end;
    tail.previous = record.header.crc;
    ++tail.next_sequence;
  }

  void note_gap(const Tail& tail, const Scanner::Gap& gap) {
    const uint64_t last_lost = gap.after ? gap.after->sequence - 1 : gap.last_lost;
    if (last_lost < tail.next_sequence) return;  // only zeros behind the last record
    segments_->damage().note(
        tail.segment->header.segment, tail.offset,
        lost_records(tail.segment->path, tail.offset, gap.end, tail.next_sequence, last_lost));
  }

  // A process that ended right after a failed sync leaves records that can be read, will never
  // reach the disk, and of which a sync says nothing any more. Written again they are as good as
  // new.
  static Status make_durable(const Tail& tail) {
    os::File& file = tail.segment->file->exact();
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
  uint64_t rebuilt_ = 0;  // the last segment whose header was damaged
};

}  // namespace

Result<Recovered> recover(os::Disk& disk, const Options& options, const Clock& clock) {
  return Recovery(disk, options, clock).run();
}

}  // namespace flawless::journal
