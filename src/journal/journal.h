// The journal: a durable, append-only log of records. Between "received" and "stored" it is the only copy of a report,
// and until a segment is sealed it is where bodies are read from. FORMAT.md describes the files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace flawless::journal {

// Where a record lies. Stable for the record's life; compared by (segment, offset).
struct Position {
  uint64_t segment = 0;  // 1, 2, …: never reused, also when the file is recycled
  uint64_t offset = 0;   // of the record's header in the segment's file
  friend auto operator<=>(const Position&, const Position&) = default;
};

// What a reader has consumed. `journal_id` says which journal the numbers belong to (a restored or replaced journal has
// another), `epoch` fences an earlier owner, `partition` is 0 here and used by replicated journals.
struct Cursor {
  uint64_t journal_id = 0;
  uint32_t epoch = 0;
  uint32_t partition = 0;
  uint64_t sequence = 0;  // of the last record consumed; 0 = none
};

struct Appended {
  uint64_t sequence = 0;  // 1, 2, 3 … without gaps over the journal's life
  Position position;
};

struct Record {
  uint64_t sequence = 0;
  Position position;
  Time appended_at;
  std::string payload;
};

struct Health {
  bool writable = true;
  std::string fault;  // why not, or what of the journal is damaged, for the operator
  uint64_t last_sequence = 0;
  uint64_t first_sequence = 0;  // oldest still readable
  uint64_t segments = 0;
  uint64_t bytes_on_disk = 0;
  uint64_t syncs = 0, failed_syncs = 0, records = 0, refused = 0;
  uint64_t queued_records = 0, queued_bytes = 0;  // waiting for their commit
  std::optional<uint64_t> torn_bytes_at_open;  // bytes after the last whole record that recovery cut off
};

class Journal {
 public:
  virtual ~Journal() = default;

  // Queues the record; `done` is called once, on the commit thread, in order of sequence: with the place when the
  // record is on stable storage, or with
  //   kExhausted    the queue of waiting records is full (called at once, on the caller's thread),
  //   kTooLarge     the payload is over max_record_bytes (at once, on the caller's thread),
  //   kUnavailable  the disk refused it (full, or fsync failed): nothing of it will be read back after a restart;
  //                 or the journal is stopped (at once, on the caller's thread).
  // `payload` is shared, not copied; it may be empty, not null. Any thread may call, also `done` itself. `done` must be
  // quick, as the next commit waits for it, and must not call stop().
  using Done = std::function<void(Result<Appended>)>;
  virtual void append(std::shared_ptr<const std::string> payload, Done done) = 0;

  // The record at `position`. kNotFound when its segment is gone, kCorrupt when the segment is there and the record is
  // not, or fails its check.
  // Any thread may call.
  [[nodiscard]] virtual Result<Record> read(Position position) const = 0;

  // Walks durable records in order of sequence. One thread per reader; a reader keeps its segment alive while open.
  class Reader {
   public:
    virtual ~Reader() = default;
    // The next durable record, or nothing when the end is reached for now. Damaged records are passed over: health()
    // says which, and the gap shows in the sequence numbers.
    [[nodiscard]] virtual Result<std::optional<Record>> next() = 0;
  };
  // Starts after `cursor.sequence`. When older segments are gone it starts at the oldest that is left and the gap is
  // visible in the sequence numbers. kConflict if the cursor belongs to another journal or is ahead of this one. A
  // default Cursor means the beginning. The reader must not outlive the journal.
  [[nodiscard]] virtual Result<std::unique_ptr<Reader>> read_after(const Cursor& cursor) const = 0;

  // Everything up to `cursor.sequence` is stored *and checkpointed* by the consumer: segments that lie wholly before it
  // may be dropped once they are older than the configured age, or earlier under the disk cap.
  virtual void release(const Cursor& cursor) = 0;

  [[nodiscard]] virtual Cursor start() const = 0;  // journal id and epoch, sequence 0
  [[nodiscard]] virtual Health health() const = 0;

  // Commits what is queued, then refuses further appends. Idempotent; also done by the destructor.
  virtual void stop() = 0;
};

}  // namespace flawless::journal
