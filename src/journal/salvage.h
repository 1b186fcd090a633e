// Reads around blocks that the disk cannot read, so that one bad sector costs what lies in it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/locked.h"
#include "os/file.h"

namespace flawless::journal {

// A file of which a block that cannot be read is read as zeros, so that it is found to be damaged
// like any other. Also what checksumming file systems (Btrfs, ZFS) make of flipped bits: EIO.
//
// A block counts as unreadable when it could not be read for `patience` (further ones, at once),
// while the disk takes and syncs a write in `directory` (a full one need not). A disk that does
// not, is away: the read fails, as it would without this class, and nothing is passed over.
// Thread-safe as os::File.
class SalvagedFile final : public os::File {
 public:
  // `disk` must outlive it.
  SalvagedFile(std::unique_ptr<os::File> file, std::string path, os::Disk& disk,
               std::string directory, std::chrono::milliseconds patience);

  Result<size_t> read_at(uint64_t offset, std::span<uint8_t> into) const override;
  // Whether anything that was read from [from, to) was made up.
  [[nodiscard]] bool is_unreadable(uint64_t from, uint64_t to) const;

  Status write_zeros(uint64_t from, uint64_t to) override { return file_->write_zeros(from, to); }
  Status write_blocks(uint64_t offset, ByteSpan blocks) override {
    return file_->write_blocks(offset, blocks);
  }
  Status sync_data() override { return file_->sync_data(); }
  Result<uint64_t> size() const override { return file_->size(); }
  Status truncate(uint64_t bytes) override { return file_->truncate(bytes); }
  Status preallocate(uint64_t bytes) override { return file_->preallocate(bytes); }

 private:
  using Steady = std::chrono::steady_clock;

  Result<size_t> write_some(uint64_t offset, std::span<const ByteSpan> parts) override;
  Result<size_t> read_around(uint64_t offset, std::span<uint8_t> into) const;
  Result<size_t> try_block(uint64_t offset, std::span<uint8_t> into) const;
  // Fails if the disk is away.
  Status give_up(uint64_t first_block, uint64_t last_block, const Status& error) const;
  [[nodiscard]] bool is_recent(Steady::time_point time) const;

  const std::unique_ptr<os::File> file_;
  const std::string path_, directory_;
  os::Disk& disk_;
  const std::chrono::milliseconds patience_;
  struct Unreadable {
    std::map<uint64_t, Steady::time_point> blocks;  // by number: when it was last tried
    Steady::time_point waited;                      // when the patience last came to its end
  };
  mutable Locked<Unreadable> unreadable_;
};

}  // namespace flawless::journal
