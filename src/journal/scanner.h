// Reads the records of one segment through a buffer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "journal/format.h"
#include "os/file.h"

namespace flawless::journal {

// Not thread-safe. The file must outlive it.
class Scanner {
 public:
  struct View {
    RecordHeader header;
    std::string_view payload;  // valid until the next call
    uint64_t end = 0;          // offset of the next record
  };

  Scanner(const os::File& file, uint64_t segment) : file_(&file), segment_(segment) {}

  // The record at `offset`, which must end at or before `limit` (bytes behind it are never looked
  // at). kCorrupt when there is none or its crc is wrong; kUnavailable when the file cannot be
  // read.
  [[nodiscard]] Result<View> at(uint64_t offset, uint64_t limit);

 private:
  // Makes [offset, offset + bytes) available in the buffer; reads ahead, but not past `limit`.
  Result<ByteSpan> fetch(uint64_t offset, uint64_t bytes, uint64_t limit);

  const os::File* file_;
  uint64_t segment_;
  std::string buffer_;
  uint64_t base_ = 0;  // offset in the file of buffer_[0]
};

}  // namespace flawless::journal
