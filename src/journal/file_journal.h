// The journal in files of one directory.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "journal/journal.h"
#include "os/file.h"

namespace flawless::journal {

struct Options {
  std::string directory;  // created when absent; its parent must exist
  uint64_t segment_bytes = 64U << 20U;  // whole blocks of 4096
  uint64_t max_record_bytes = 21U << 20U;  // of a payload
  uint64_t max_queued_bytes =
      32U << 20U;  // payloads waiting for their answer, those being written included
  size_t max_queued_records = 65536;
  // How long a commit may wait for company when records come so fast that several are to be expected meanwhile. 0:
  // never; what arrives during a sync is the next batch anyway.
  std::chrono::microseconds gather{0};
  // Released segments whose last record is younger than this stay. Their first one is at most a
  // tenth of it older, or some seconds.
  std::chrono::milliseconds keep_for = std::chrono::hours(24);
  // Of the directory, give or take prepare_bytes; at least three segments.
  uint64_t max_total_bytes = 4ULL << 30U;
  uint64_t min_free_bytes = 64U << 20U;  // below this much free space appends are refused
  // How long a read that fails is tried again before what it is about counts as damaged.
  std::chrono::milliseconds read_patience{3000};
  // How far ahead of the records a segment is filled with zeros.
  uint64_t prepare_bytes = 4U << 20U;
};

// Opens or creates the journal: reads every header and checks every record of the last segment
// (about 0.1 s for 64 MiB). `disk` and `clock` must outlive the journal, and are called from its
// threads. kConflict: another process has it open, or the files belong to different journals.
// kInvalid: options that cannot work, or files of a newer version. kUnavailable: the disk.
[[nodiscard]] Result<std::unique_ptr<Journal>> open(os::Disk& disk, const Options& options,
                                                    const Clock& clock);

}  // namespace flawless::journal
