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

}  // namespace flawless::journal
