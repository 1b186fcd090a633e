#include <fmt/format.h>
#include <sqlite3.h>

#include "base/bytes.h"
#include "floors.h"
#include "scratch.h"

namespace flawless::bench {
namespace {

constexpr size_t kAppendBatch = 64, kRowBatch = 256;
constexpr size_t kRowBytes = 100;  // beside the row's columns: about 150 in all

Status append_round(ScratchFile& file, Requests& requests, size_t events) {
  std::string batch;
  file.rewind();
  for (size_t i = 1; i <= events; ++i) {
    requests.next();
    std::string_view body = requests.last_body();
    append_le(batch, static_cast<uint32_t>(body.size()));
    append_le(batch, crc32c(as_bytes(body)));
    batch += body;
    if (i % kAppendBatch != 0 && i != events) continue;
    RETURN_IF_ERROR(file.append(batch));
    batch.clear();
  }
  return Status::ok();
}

// An SQLite connection; only what these rows need.
class Database {
 public:
  Status open(const std::string& path) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) return error();
    return run(
        "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=0;"
        "CREATE TABLE seen(id INTEGER PRIMARY KEY, grp INTEGER, at INTEGER, rest BLOB);"
        "CREATE INDEX seen_by_group ON seen(grp, at);"
        "CREATE TABLE grp(id INTEGER PRIMARY KEY, count INTEGER, last INTEGER)");
  }
  ~Database() {
    sqlite3_finalize(insert_);
    sqlite3_finalize(count_);
    sqlite3_close(db_);
  }
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Status prepare() {
    bool ready =
        sqlite3_prepare_v2(db_, "INSERT INTO seen(grp, at, rest) VALUES(?1, ?2, ?3)", -1, &insert_,
                           nullptr) == SQLITE_OK &&
        sqlite3_prepare_v2(db_,
                           "INSERT INTO grp VALUES(?1, 1, ?2) ON CONFLICT(id) DO UPDATE SET "
                           "count = count + 1, last = excluded.last",
                           -1, &count_, nullptr) == SQLITE_OK;
    return ready ? Status::ok() : error();
  }
  Status run(const char* sql) {
    return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK ? Status::ok() : error();
  }
  Status add(uint32_t group, int64_t at, std::string_view rest) {
    for (sqlite3_stmt* statement : {insert_, count_}) {
      sqlite3_bind_int64(statement, 1, group);
      sqlite3_bind_int64(statement, 2, at);
      if (statement == insert_) {
        sqlite3_bind_blob(statement, 3, rest.data(), static_cast<int>(rest.size()), SQLITE_STATIC);
      }
      int result = sqlite3_step(statement);
      sqlite3_reset(statement);
      if (result != SQLITE_DONE) return error();
    }
    return Status::ok();
  }

 private:
  [[nodiscard]] Status error() const {
    return {Code::kUnavailable, fmt::format("SQLite: {}", sqlite3_errmsg(db_))};
  }
  sqlite3* db_ = nullptr;
  sqlite3_stmt *insert_ = nullptr, *count_ = nullptr;
};

Status row_round(Database& database, Requests& requests, size_t events, int64_t& at) {
  RETURN_IF_ERROR(database.run("BEGIN IMMEDIATE"));
  for (size_t i = 1; i <= events; ++i) {
    requests.next();
    const Body& event = requests.last_event();
    RETURN_IF_ERROR(
        database.add(event.group, ++at, std::string_view(event.tail).substr(0, kRowBytes)));
    if (i % kRowBatch == 0 && i != events) RETURN_IF_ERROR(database.run("COMMIT; BEGIN IMMEDIATE"));
  }
  return database.run("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
}

double per_event(double us, size_t events) { return us / static_cast<double>(events); }

}  // namespace

Result<Floor> append_floor(const FloorOptions& options, Requests& requests) {
  Scratch scratch(options.folder);
  if (scratch.path().empty()) return system_error(options.folder);
  ScratchFile file(scratch.path() + "/append");
  auto bytes = static_cast<size_t>(requests.mean_wire_bytes() * 1.2) * options.events;
  RETURN_IF_ERROR(file.fill_with_zeros(bytes));
  Floor floor{"append", "pre-zeroed file, one direct write and fdatasync per 64 events", {}};
  for (size_t round = 0; round < options.rounds; ++round) {
    double start = thread_cpu_us();
    RETURN_IF_ERROR(append_round(file, requests, options.events));
    floor.us_per_event.push_back(per_event(thread_cpu_us() - start, options.events));
  }
  return floor;
}

Result<Floor> row_floor(const FloorOptions& options, Requests& requests) {
  Scratch scratch(options.folder);
  if (scratch.path().empty()) return system_error(options.folder);
  Database database;
  RETURN_IF_ERROR(database.open(scratch.path() + "/rows.db"));
  RETURN_IF_ERROR(database.prepare());
  Floor floor{"row", "SQLite row, index and group counter, 256 events a commit", {}};
  int64_t at = 0;
  for (size_t round = 0; round < options.rounds; ++round) {
    double start = thread_cpu_us();
    RETURN_IF_ERROR(row_round(database, requests, options.events, at));
    floor.us_per_event.push_back(per_event(thread_cpu_us() - start, options.events));
  }
  return floor;
}

}  // namespace flawless::bench
