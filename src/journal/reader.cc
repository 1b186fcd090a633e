#include "journal/reader.h"

#include "base/log.h"

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
  scanner_.emplace(*segment_->file, segment_->header.segment);
  offset_ = kRecordsStart;
  expected_ = segment_->header.first_sequence;
  previous_ = 0;
  given_up_ = false;
}

Result<Scanner::View> SegmentReader::read_here() {
  auto view = scanner_->at(offset_, segment_->durable_end.load());
  if (view && (view->header.sequence != expected_ || view->header.previous != previous_)) {
    return Status(Code::kCorrupt, "a record out of order");
  }
  return view;
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
    const bool at_end = given_up_ || expected_ >= segment_->end_sequence.load() ||
                        offset_ >= segment_->durable_end.load();
    if (at_end && !successor) return std::optional<Record>();
    if (at_end) {
      enter(std::move(successor));
      continue;
    }
    auto view = read_here();
    if (!view) {
      if (view.code() != Code::kCorrupt) return view.status();
      given_up_ = true;
      // With its neighbour gone the segment's last sequence is not known: this may well be its
      // regular end.
      if (segment_->end_sequence.load() == kUnknownSequence && successor) continue;
      return give_up_segment(view.status());
    }
    const Position position{segment_->header.segment, offset_};
    offset_ = view->end;
    previous_ = view->header.crc;
    ++expected_;
    if (view->header.sequence <= consumed_) continue;
    consumed_ = view->header.sequence;
    return std::optional<Record>(to_record(view->header, position, std::string(view->payload)));
  }
}

Result<std::optional<Record>> SegmentReader::give_up_segment(const Status& why) {
  Status status(Code::kCorrupt, "record " + std::to_string(expected_) + " of journal segment " +
                                    std::to_string(segment_->header.segment) + " at offset " +
                                    std::to_string(offset_) + " is damaged (" + why.message() +
                                    "); the rest of the segment is passed over");
  log_error("journal", "{}", status.message());
  return status;
}

Result<Record> read_record(const SegmentSet& segments, Position position,
                           uint64_t max_record_bytes) {
  const std::string place = "journal segment " + std::to_string(position.segment) + " offset " +
                            std::to_string(position.offset);
  SegmentPtr segment = segments.find(position.segment);
  if (!segment) return Status(Code::kNotFound, place + ": the segment is no longer kept");
  const uint64_t limit = segment->durable_end.load();
  if (position.offset < kRecordsStart || position.offset % kAlignment != 0 ||
      position.offset > limit - kRecordHeaderBytes) {
    return Status(Code::kNotFound, place + ": there is no record");
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
  if (more < payload.size() || !checks_out(position.segment, bytes, payload)) return corrupt;
  if (header.sequence >= segment->end_sequence.load()) {
    return Status(Code::kNotFound, place + ": there is no record");
  }
  return to_record(header, position, std::move(payload));
}

}  // namespace flawless::journal
