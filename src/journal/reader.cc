#include "journal/reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace flawless::journal {
namespace {

Record to_record(const RecordHeader& header, Position position, std::string payload) {
  return {.sequence = header.sequence,
          .position = position,
          .appended_at = from_unix_ms(header.unix_ms),
          .payload = std::move(payload)};
}

}  // namespace

void SegmentReader::enter(SegmentPtr segment) {
  segment_ = std::move(segment);
  scanner_.emplace(*segment_->file, segments_.journal_id(), segment_->header.segment);
  offset_ = kRecordsStart;
  link_ = {.sequence = segment_->header.first_sequence};
}

Result<std::optional<Record>> SegmentReader::next() {
  if (!segment_) {
    SegmentPtr first = segments_.holding(consumed_ + 1);
    if (!first) return std::optional<Record>();
    enter(std::move(first));
  }
  while (true) {
    // Asked before looking at the end: once there is a successor, nothing is added here any more.
    SegmentPtr successor = segments_.after(segment_->header.segment);
    ASSIGN_OR_RETURN(auto record, read_on(segment_->durable_end.load(), successor != nullptr));
    if (record || !successor) return record;
    enter(std::move(successor));
  }
}

Result<std::optional<Record>> SegmentReader::read_on(uint64_t limit, bool complete) {
  while (link_.sequence < segment_->end_sequence.load() && offset_ < limit) {
    auto view = scanner_->following(offset_, limit, link_);
    if (!view && view.code() != Code::kCorrupt) return view.status();
    if (!view) {
      ASSIGN_OR_RETURN(bool passed, pass_over_damage(limit, complete));
      if (!passed) break;
      continue;
    }
    const Position position{segment_->header.segment, offset_};
    offset_ = view->end;
    link_ = {view->header.sequence + 1, view->header.crc};
    if (view->header.sequence <= consumed_) continue;
    consumed_ = view->header.sequence;
    return std::optional(to_record(view->header, position, std::string(view->payload)));
  }
  return std::optional<Record>();
}

Result<bool> SegmentReader::pass_over_damage(uint64_t limit, bool complete) {
  ASSIGN_OR_RETURN(Scanner::Gap gap, scanner_->pass_over(offset_, limit, link_));
  const uint64_t end = segment_->end_sequence.load();
  const bool found = gap.after && gap.after->sequence < end;
  uint64_t behind = end;
  if (found) behind = gap.after->sequence;
  if (!found && !complete) behind = std::max(gap.last_lost, link_.sequence) + 1;
  // With its neighbour gone the segment's last sequence is not known: this may well be its regular
  // end.
  if (!found && complete && segment_->file->is_unreadable(offset_, gap.end)) {
    segments_.damage().note(segment_->header.segment, offset_,
                            unreadable_end(segment_->path, offset_, link_.sequence));
  } else if (behind != kUnknownSequence) {
    segments_.damage().note(
        segment_->header.segment, offset_,
        lost_records(segment_->path, offset_, gap.end, link_.sequence, behind - 1));
  }
  if (!found) return false;
  offset_ = gap.end;
  link_ = {gap.after->sequence, gap.after->previous};
  return true;
}

Result<Record> read_record(const SegmentSet& segments, Position position,
                           uint64_t max_record_bytes) {
  const std::string place =
      fmt::format("journal segment {} offset {}", position.segment, position.offset);
  SegmentPtr segment = segments.find(position.segment);
  if (!segment && segments.damage().concerns(position.segment)) {
    return Status(Code::kCorrupt, place + ": the segment's header is damaged");
  }
  if (!segment) return Status(Code::kNotFound, place + ": the segment is no longer kept");
  const uint64_t limit = segment->durable_end.load();
  const Status none(Code::kCorrupt, place + ": there is no record");
  if (position.offset < kRecordsStart || position.offset % kAlignment != 0 ||
      position.offset > limit - kRecordHeaderBytes) {
    return none;
  }
  RecordHeaderBytes bytes{};
  ASSIGN_OR_RETURN(size_t got, segment->file->read_at(position.offset, bytes));
  const RecordHeader header = decode_record(bytes);
  const uint64_t at = position.offset + kRecordHeaderBytes;
  const Status corrupt(Code::kCorrupt, place + ": the record fails its check");
  if (got < bytes.size() || header.length > max_record_bytes || at + header.length > limit) {
    return corrupt;
  }
  std::string payload(header.length, '\0');
  ASSIGN_OR_RETURN(
      size_t more,
      segment->file->read_at(at, {reinterpret_cast<uint8_t*>(payload.data()), payload.size()}));
  if (more < payload.size() || !checks_out(position.segment, bytes, payload)) {
    if (is_marked({segments.journal_id(), position.segment, position.offset}, header)) {
      segments.damage().note(position.segment, position.offset,
                             lost_records(segment->path, position.offset,
                                          position.offset + record_bytes(header.length),
                                          header.sequence, header.sequence));
    }
    return corrupt;
  }
  if (header.sequence >= segment->end_sequence.load()) return none;
  return to_record(header, position, std::move(payload));
}

}  // namespace flawless::journal
