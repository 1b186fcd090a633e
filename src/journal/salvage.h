// Reads around blocks that the disk cannot read, so that one bad sector costs what lies in it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/locked.h"
#include "os/file.h"

namespace flawless::journal {

// A file for those who only read: of a block that cannot be read they get zeros, so that it is found
// to be damaged like any other. Also what checksumming file systems (Btrfs, ZFS) make of flipped
// bits: EIO.
//
// A block counts as unreadable when it could not be read for `patience` (further ones, at once),
// while the disk takes and syncs a write in `directory` (a full one need not). A disk that does
// not, is away: the read fails, and nothing is passed over. Any thread may read, as of os::File.
class SalvagedFile {
 public:
  // `disk` must outlive it.
  SalvagedFile(std::unique_ptr<os::File> file, std::string path, os::Disk& disk,
               std::string directory, std::chrono::milliseconds patience);

  // As os::File::read_at().
  [[nodiscard]] Result<size_t> read_at(uint64_t offset, std::span<uint8_t> into) const;
  // Whether anything that was read from [from, to) was made up.
  [[nodiscard]] bool is_unreadable(uint64_t from, uint64_t to) const;

  // The file itself: to write to, and to read what will be written back, which must not be made up.
  [[nodiscard]] os::File& exact() { return *file_; }
  [[nodiscard]] const os::File& exact() const { return *file_; }

 private:
  using Steady = std::chrono::steady_clock;

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
