// The SQLite C API as resources of ours. Not for use outside store/sqlite.
//
// Errors are sticky: the first failure of a connection is kept, every later statement on it does
// nothing, and whoever began the transaction or the read asks for the failure with take_error()
// before believing any value. That keeps the statements of one transaction readable without a check
// on each.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace flawless::store::sqlite {

class Db;

// What an SQLite result code means to our callers.
[[nodiscard]] Code code_of(int sqlite_code);

// A prepared statement, compiled at its first use. Parameters and columns count from 1 and 0, as in
// SQLite. Bound text is not copied: it must live until the statement is done.
class Statement {
 public:
  Statement(Db& db, std::string sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Starts the statement anew with these parameters, in order.
  template <typename... Args>
  Statement& with(const Args&... args) {
    begin();
    int index = 0;
    (bind(++index, args), ...);
    return *this;
  }
  // Starts the statement anew; parameters follow by bind().
  void begin();
  void bind(int index, std::integral auto number) { bind_int(index, static_cast<int64_t>(number)); }
  void bind(int index, std::string_view text);
  void bind(int index, ByteSpan bytes);
  template <typename Tag>
  void bind(int index, Id<Tag> id) {
    bind_int(index, id.v);
  }
  void bind(int index, Time time) { bind_int(index, unix_ms(time)); }
  template <typename T>
  void bind(int index, const std::optional<T>& value) {
    value ? bind(index, *value) : bind_null(index);
  }

  // Moves to the next row; false at the end or on failure, when the statement is reset by itself.
  bool next();
  // Runs a statement that returns no rows.
  void run();
  // The first column of the first row; nothing without a row.
  std::optional<int64_t> one_int();
  void reset();

  [[nodiscard]] int64_t integer(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  // Valid until the next step or reset.
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] ByteSpan blob(int column) const;
  [[nodiscard]] std::string string(int column) const { return std::string(text(column)); }
  [[nodiscard]] Time time(int column) const { return from_unix_ms(integer(column)); }
  [[nodiscard]] std::optional<Time> maybe_time(int column) const;

 private:
  void bind_int(int index, int64_t number);
  void bind_null(int index);

  Db& db_;
  std::string sql_;
  sqlite3_stmt* statement_ = nullptr;
};

// One connection; one thread at a time. Statements must not outlive it.
class Db {
 public:
  enum class Mode { kWriter, kReader };
  static Result<std::unique_ptr<Db>> open(const std::string& path, Mode mode, int cache_kib);
  ~Db();
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;

  // Runs statements that return nothing of interest, separated by semicolons.
  Status execute(const std::string& sql);
  // A statement kept for the connection's life; for statements whose text is one of a bounded
  // number.
  Statement& cached(std::string_view sql);

  // The first failure since the last call, or ok; forgets it.
  Status take_error();
  [[nodiscard]] bool failed() const { return !error_.is_ok(); }
  void fail(Status status);
  void fail_with(int sqlite_code);

  [[nodiscard]] int64_t last_id() const;
  [[nodiscard]] int64_t changes() const;
  [[nodiscard]] bool in_transaction() const;
  // Ends what is still running, so that the transaction can end.
  void reset_statements();
  // Statements fail with kUnavailable when this time has passed.
  void set_deadline(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }
  void clear_deadline() { deadline_.reset(); }

  struct CheckpointResult {
    int64_t wal_pages = 0, moved_pages = 0;
    [[nodiscard]] bool complete() const { return wal_pages >= 0 && wal_pages == moved_pages; }
  };
  // `truncate` waits (bounded by the busy time-out) for readers and empties the WAL file; otherwise
  // moves what it can.
  Result<CheckpointResult> checkpoint(bool truncate);

  // Of the write-ahead log at the last commit of this (writing) connection; the file itself does
  // not shrink.
  [[nodiscard]] uint64_t wal_bytes() const { return wal_bytes_; }

  [[nodiscard]] sqlite3* handle() const { return handle_; }

 private:
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return hash64(text); }
  };
  explicit Db(sqlite3* handle) : handle_(handle) {}
  static int on_progress(void* self);
  static int on_commit(void* self, sqlite3*, const char* database, int wal_pages);

  sqlite3* handle_;
  Status error_;
  uint64_t wal_bytes_ = 0;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  std::unordered_map<std::string, std::unique_ptr<Statement>, TextHash, std::equal_to<>> cached_;
};

}  // namespace flawless::store::sqlite
