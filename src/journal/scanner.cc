#include "journal/scanner.h"

#include <algorithm>

namespace flawless::journal {
namespace {

constexpr uint64_t kReadAheadBytes = 256U << 10U;

Status no_record(uint64_t segment, uint64_t offset) {
  return {Code::kCorrupt, "no whole record in journal segment " + std::to_string(segment) +
                              " at offset " + std::to_string(offset)};
}

}  // namespace

Result<ByteSpan> Scanner::fetch(uint64_t offset, uint64_t bytes, uint64_t limit) {
  const bool held = offset >= base_ && offset + bytes <= base_ + buffer_.size();
  if (!held) {
    const uint64_t wanted = std::min(std::max(bytes, kReadAheadBytes), limit - offset);
    if (buffer_.capacity() > 4 * kReadAheadBytes && wanted <= kReadAheadBytes)
      std::string().swap(buffer_);
    buffer_.resize(wanted);
    base_ = offset;
    auto got = file_->read_at(offset, {reinterpret_cast<uint8_t*>(buffer_.data()), wanted});
    buffer_.resize(got.value_or(0));
    if (!got) return got.status();
    if (*got < bytes) return no_record(segment_, offset);
  }
  return as_bytes(std::string_view(buffer_).substr(offset - base_, bytes));
}

Result<Scanner::View> Scanner::at(uint64_t offset, uint64_t limit) {
  if (offset + kRecordHeaderBytes > limit) return no_record(segment_, offset);
  ASSIGN_OR_RETURN(ByteSpan head, fetch(offset, kRecordHeaderBytes, limit));
  View view{.header = decode_record(head), .payload = {}, .end = 0};
  const uint64_t bytes = kRecordHeaderBytes + view.header.length;
  if (view.header.sequence == 0 || offset + bytes > limit) return no_record(segment_, offset);
  ASSIGN_OR_RETURN(ByteSpan whole, fetch(offset, bytes, limit));
  view.payload = as_text(whole.subspan(kRecordHeaderBytes));
  view.end = offset + record_bytes(view.header.length);
  if (!checks_out(segment_, whole.first(kRecordHeaderBytes), view.payload))
    return no_record(segment_, offset);
  return view;
}

Result<Scanner::View> Scanner::following(uint64_t offset, uint64_t limit, const Link& link) {
  auto view = at(offset, limit);
  if (view && (view->header.sequence != link.sequence || view->header.previous != link.previous)) {
    return Status(Code::kCorrupt, "a record out of order");
  }
  return view;
}

Result<Scanner::Gap> Scanner::pass_over(uint64_t offset, uint64_t limit, const Link& link) {
  Gap gap{.after = {}, .end = limit, .last_lost = link.sequence - 1};
  // A whole record that does not follow is left over from before the tail was written anew.
  auto left_over = at(offset, limit);
  if (left_over) return gap;
  if (left_over.code() != Code::kCorrupt) return left_over.status();
  ASSIGN_OR_RETURN(auto hopped, hop(offset, limit, link));
  if (hopped) return *hopped;
  while (true) {
    ASSIGN_OR_RETURN(offset, find_mark(offset, limit, gap.last_lost + 1));
    if (offset == limit) return gap;
    auto view = at(offset, limit);
    if (view) {
      gap.after = view->header;
      gap.end = offset;
      return gap;
    }
    if (view.code() != Code::kCorrupt) return view.status();
    ASSIGN_OR_RETURN(auto damaged, header_at(offset, limit));
    gap.last_lost = damaged->sequence;
    offset = std::min(offset + record_bytes(damaged->length), limit);
  }
}

Result<std::optional<RecordHeader>> Scanner::header_at(uint64_t offset, uint64_t limit) {
  if (offset + kRecordHeaderBytes > limit) return std::optional<RecordHeader>();
  auto head = fetch(offset, kRecordHeaderBytes, limit);
  if (head) return std::optional(decode_record(*head));
  if (head.code() != Code::kCorrupt) return head.status();
  return std::optional<RecordHeader>();
}

Result<std::optional<Scanner::Gap>> Scanner::hop(uint64_t offset, uint64_t limit, Link link) {
  while (true) {
    ASSIGN_OR_RETURN(auto damaged, header_at(offset, limit));
    if (!damaged || damaged->mark != 0 || damaged->sequence != link.sequence ||
        damaged->previous != link.previous) {
      return std::optional<Gap>();
    }
    offset += record_bytes(damaged->length);
    link = {damaged->sequence + 1, damaged->crc};
    auto view = following(offset, limit, link);
    if (view && view->header.mark == 0) {
      return std::optional(Gap{view->header, offset, link.sequence - 1});
    }
    if (!view && view.code() != Code::kCorrupt) return view.status();
  }
}

Result<uint64_t> Scanner::find_mark(uint64_t offset, uint64_t limit, uint64_t lowest) {
  const uint64_t from = offset;
  while (offset + kRecordHeaderBytes <= limit) {
    auto fetched = fetch(offset, kRecordHeaderBytes, limit);
    if (!fetched && fetched.code() == Code::kCorrupt) break;
    if (!fetched) return fetched.status();
    const ByteSpan held = as_bytes(buffer_).subspan(offset - base_);
    size_t step = 0;
    for (; step + kRecordHeaderBytes <= held.size(); step += kAlignment) {
      const RecordHeader header = decode_record(held.subspan(step));
      const uint64_t place = offset + step;
      // No more records can lie before it than there is room for.
      if (header.sequence < lowest ||
          header.sequence - lowest > (place - from) / kRecordHeaderBytes) {
        continue;
      }
      if (header.length <= limit - place - kRecordHeaderBytes &&
          is_marked({journal_id_, segment_, place}, header)) {
        return place;
      }
    }
    offset += step;
  }
  return limit;
}

}  // namespace flawless::journal
