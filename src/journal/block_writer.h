// Appends of any length as writes of whole blocks, which need not go through the page cache.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "os/file.h"

namespace flawless::journal {

// One thread. Holds 512 KiB.
class BlockWriter {
 public:
  BlockWriter();

  // `offset`, rounded up to a whole block.
  static uint64_t block_end(uint64_t offset);

  // Writes the parts one after another from `offset`, then zeros to the end of the last block. What
  // the first block holds before `offset` is written once more; it is read from the file if it is
  // not what was written last. After an error any part may have been written.
  Status write(os::File& file, uint64_t offset, std::span<const ByteSpan> parts);

  // The file that was written last is gone, or was written by others.
  void forget() { file_ = nullptr; }

 private:
  struct Free {
    void operator()(uint8_t* bytes) const;
  };
  Status load(const os::File& file, uint64_t offset);

  const std::unique_ptr<uint8_t[], Free> buffer_;  // begins with the last block, as far as filled
  const os::File* file_ = nullptr;
  uint64_t end_ = 0;  // of what was written to it
};

}  // namespace flawless::journal
