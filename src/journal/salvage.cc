#include "journal/salvage.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "base/log.h"

namespace flawless::journal {
namespace {

constexpr uint64_t kBlock = os::File::kBlockBytes;
// Each bad block may keep a disk busy for seconds: after so long the rest of what was asked for is
// given up as well. File systems with checksums answer at once.
constexpr std::chrono::seconds kLongest{30};
constexpr std::chrono::seconds kTryAgainAfter{60};
// With less than this a disk may refuse a write because it is full.
constexpr uint64_t kNearlyFull = 1U << 20U;
// Shares of the patience between two tries.
constexpr std::array kPauses = {0.05, 0.15, 0.3, 0.5};

Status write_and_sync(os::Disk& disk, const std::string& path) {
  ASSIGN_OR_RETURN(auto file, disk.open(path, os::OpenMode::kAny));
  const std::string block(kBlock, '\0');
  RETURN_IF_ERROR(file->write_at(0, as_bytes(block)));
  return file->sync_data();
}

Status disk_answers(os::Disk& disk, const std::string& directory) {
  const std::string path = directory + "/probe";
  ASSIGN_OR_RETURN(const uint64_t free, disk.free_bytes(directory));
  const Status written = write_and_sync(disk, path);
  static_cast<void>(disk.unlink(path));  // another thread's, or gone with the disk
  return free < kNearlyFull ? Status::ok() : written;
}

}  // namespace

SalvagedFile::SalvagedFile(std::unique_ptr<os::File> file, std::string path, os::Disk& disk,
                           std::string directory, std::chrono::milliseconds patience)
    : file_(std::move(file)),
      path_(std::move(path)),
      directory_(std::move(directory)),
      disk_(disk),
      patience_(patience) {}

Result<size_t> SalvagedFile::read_at(uint64_t offset, std::span<uint8_t> into) const {
  auto got = file_->read_at(offset, into);
  if (got || got.code() != Code::kUnavailable) return got;
  return read_around(offset, into);
}

Result<size_t> SalvagedFile::read_around(uint64_t offset, std::span<uint8_t> into) const {
  ASSIGN_OR_RETURN(const uint64_t size, file_->size());
  const uint64_t end = std::min(offset + into.size(), std::max(size, offset));
  const auto begun = Steady::now();
  for (uint64_t at = offset, next = 0; at < end; at = next) {
    const uint64_t block = at / kBlock;
    next = std::min(end, (block + 1) * kBlock);
    const auto got = try_block(at, into.subspan(at - offset, next - at));
    if (got) continue;
    if (Steady::now() - begun > kLongest) next = end;
    RETURN_IF_ERROR(give_up(block, (next - 1) / kBlock, got.status()));
    const auto lost = into.subspan(at - offset, next - at);
    std::fill(lost.begin(), lost.end(), uint8_t{0});
  }
  return end - offset;
}

Result<size_t> SalvagedFile::try_block(uint64_t offset, std::span<uint8_t> into) const {
  const uint64_t block = offset / kBlock;
  bool patiently = false;
  {
    auto state = unreadable_.lock();
    const auto known = state->blocks.find(block);
    const bool is_known = known != state->blocks.end();
    if (is_known && is_recent(known->second)) return Status(Code::kUnavailable, "as before");
    patiently = !is_known && !is_recent(state->waited);
  }
  auto got = file_->read_at(offset, into);
  for (size_t i = 0; !got && patiently && i < kPauses.size(); ++i) {
    std::this_thread::sleep_for(kPauses[i] * patience_);
    got = file_->read_at(offset, into);
  }
  if (got) unreadable_.lock()->blocks.erase(block);
  return got;
}

Status SalvagedFile::give_up(uint64_t first_block, uint64_t last_block, const Status& error) const {
  const bool is_known = unreadable_.lock()->blocks.contains(first_block);
  const Status answers = is_known ? Status::ok() : disk_answers(disk_, directory_);
  if (!answers) {
    return {Code::kUnavailable,
            error.message() + "; nor does the disk take a write: " + answers.message()};
  }
  auto state = unreadable_.lock();
  state->waited = Steady::now();
  for (uint64_t block = first_block; block <= last_block; ++block) {
    state->blocks[block] = state->waited;
  }
  if (is_known) return {};
  log_error("journal", "bytes {} to {} of {} are given up: {}", first_block * kBlock,
            (last_block + 1) * kBlock, path_, error.message());
  return {};
}

bool SalvagedFile::is_recent(Steady::time_point time) const {
  return time != Steady::time_point() && Steady::now() - time < kTryAgainAfter;
}

bool SalvagedFile::is_unreadable(uint64_t from, uint64_t to) const {
  auto state = unreadable_.lock();
  const auto found = state->blocks.lower_bound(from / kBlock);
  return found != state->blocks.end() && found->first * kBlock < to;
}

}  // namespace flawless::journal
