#include "store/sqlite/db.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace flawless::store::sqlite {
namespace {

constexpr int kProgressSteps = 4000;  // virtual machine steps between looks at the clock
constexpr uint64_t kPageBytes = 16384;
constexpr int kBusyMs = 1500;  // longer than a reader may hold its transaction

// The database is created by us, so that it is never readable by others, not even for a moment.
Status create_private(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ::fchmod(fd, 0600) != 0) {
    int reason = errno;
    if (fd >= 0) ::close(fd);
    return {Code::kUnavailable,
            fmt::format("cannot open the database {}: {}", path, std::strerror(reason))};
  }
  ::close(fd);
  return Status::ok();
}

std::string pragmas(Db::Mode mode, int cache_kib) {
  std::string sql = fmt::format(
      "PRAGMA cache_size=-{}; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA "
      "foreign_keys=OFF;",
      cache_kib);
  if (mode == Db::Mode::kReader) return sql + "PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0;";
  // The page size counts only before the first write; journal_mode is kept in the file.
  return fmt::format("PRAGMA page_size={}; PRAGMA journal_mode=WAL;", kPageBytes) + sql +
         "PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF; PRAGMA wal_autocheckpoint=0;"
         "PRAGMA journal_size_limit=67108864;";
}

}  // namespace

Code code_of(int sqlite_code) {
  switch (sqlite_code & 0xff) {
    case SQLITE_OK:
      return Code::kOk;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_NOMEM:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
      return Code::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Code::kCorrupt;
    case SQLITE_CONSTRAINT:
      return Code::kConflict;
    case SQLITE_TOOBIG:
      return Code::kTooLarge;
    default:
      return Code::kInternal;
  }
}

// --- Statement
// ---------------------------------------------------------------------------------------------------

Statement::Statement(Db& db, std::string sql) : db_(db), sql_(std::move(sql)) {}
Statement::~Statement() { sqlite3_finalize(statement_); }

void Statement::begin() {
  if (statement_) {
    sqlite3_reset(statement_);
    return;
  }
  if (db_.failed()) return;
  int code = sqlite3_prepare_v3(db_.handle(), sql_.c_str(), static_cast<int>(sql_.size() + 1),
                                SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK) db_.fail_with(code);
}

void Statement::bind_int(int index, int64_t number) {
  if (statement_) sqlite3_bind_int64(statement_, index, number);
}

void Statement::bind_null(int index) {
  if (statement_) sqlite3_bind_null(statement_, index);
}

void Statement::bind(int index, std::string_view text) {
  if (!statement_) return;
  const char* from = text.data() ? text.data() : "";
  if (sqlite3_bind_text64(statement_, index, from, text.size(), SQLITE_STATIC, SQLITE_UTF8) ==
      SQLITE_TOOBIG) {
    db_.fail({Code::kTooLarge, "a text is too large for the database"});
  }
}

void Statement::bind(int index, ByteSpan bytes) {
  if (!statement_) return;
  const void* from = bytes.data() ? static_cast<const void*>(bytes.data()) : "";
  sqlite3_bind_blob64(statement_, index, from, bytes.size(), SQLITE_STATIC);
}

bool Statement::next() {
  if (!statement_ || db_.failed()) return false;
  int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) db_.fail_with(code);
  sqlite3_reset(statement_);
  return false;
}

void Statement::run() {
  while (next()) {
  }
}

std::optional<int64_t> Statement::one_int() {
  if (!next()) return std::nullopt;
  int64_t value = integer(0);
  reset();
  return value;
}

void Statement::reset() {
  if (statement_) sqlite3_reset(statement_);
}

int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::string_view Statement::text(int column) const {
  const void* from = sqlite3_column_text(statement_, column);
  if (!from) return {};
  return {static_cast<const char*>(from),
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

ByteSpan Statement::blob(int column) const {
  const void* from = sqlite3_column_blob(statement_, column);
  if (!from) return {};
  return {static_cast<const uint8_t*>(from),
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<Time> Statement::maybe_time(int column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

// --- Db
// ----------------------------------------------------------------------------------------------------------

Result<std::unique_ptr<Db>> Db::open(const std::string& path, Mode mode, int cache_kib) {
  if (mode == Mode::kWriter) RETURN_IF_ERROR(create_private(path));
  sqlite3* handle = nullptr;
  int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Db> db(new Db(handle));
  if (code != SQLITE_OK) {
    return {code_of(code), fmt::format("cannot open the database {}: {}", path,
                                       handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code))};
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyMs);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (mode == Mode::kReader) {
    sqlite3_progress_handler(handle, kProgressSteps, &Db::on_progress, db.get());
  }
  Status ready = db->execute(pragmas(mode, cache_kib));
  if (!ready.is_ok()) return ready.with_context("cannot open the database " + path);
  if (mode == Mode::kWriter) sqlite3_wal_hook(handle, &Db::on_commit, db.get());
  return db;
}

Db::~Db() {
  cached_.clear();
  sqlite3_close_v2(handle_);
}

int Db::on_progress(void* self) {
  const auto* db = static_cast<const Db*>(self);
  return db->deadline_ && std::chrono::steady_clock::now() >= *db->deadline_ ? 1 : 0;
}

int Db::on_commit(void* self, sqlite3*, const char*, int wal_pages) {
  static_cast<Db*>(self)->wal_bytes_ = static_cast<uint64_t>(wal_pages) * kPageBytes;
  return SQLITE_OK;
}

Status Db::execute(const std::string& sql) {
  int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail_with(code);
  return take_error();
}

Statement& Db::cached(std::string_view sql) {
  auto found = cached_.find(sql);
  if (found == cached_.end()) {
    std::string text(sql);
    auto statement = std::make_unique<Statement>(*this, text);
    found = cached_.emplace(std::move(text), std::move(statement)).first;
  }
  return *found->second;
}

Status Db::take_error() {
  Status error = std::move(error_);
  error_ = Status::ok();
  return error;
}

void Db::fail(Status status) {
  if (error_.is_ok()) error_ = std::move(status);
}

void Db::fail_with(int sqlite_code) {
  if (sqlite_code == SQLITE_INTERRUPT) {
    return fail(
        {Code::kUnavailable, "the query took longer than a second and was given up: ask for less"});
  }
  std::string message = sqlite3_errmsg(handle_);
  if ((sqlite_code & 0xff) == SQLITE_FULL) {
    message = "no space for the database: free some, the store goes on by itself";
  }
  fail({code_of(sqlite_code), std::move(message)});
}

int64_t Db::last_id() const { return sqlite3_last_insert_rowid(handle_); }
int64_t Db::changes() const { return sqlite3_changes64(handle_); }
bool Db::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

void Db::reset_statements() {
  for (sqlite3_stmt* s = sqlite3_next_stmt(handle_, nullptr); s;
       s = sqlite3_next_stmt(handle_, s)) {
    if (sqlite3_stmt_busy(s)) sqlite3_reset(s);
  }
}

Result<Db::CheckpointResult> Db::checkpoint(bool truncate) {
  int wal = 0, moved = 0;
  int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, mode, &wal, &moved);
  // Busy: readers held it up; what was moved is said all the same.
  if (code != SQLITE_OK && code != SQLITE_BUSY) {
    fail_with(code);
    return take_error();
  }
  return CheckpointResult{wal, moved};
}

}  // namespace flawless::store::sqlite
