// The embedded store: one SQLite file in the data directory.
#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace flawless::store {

struct SqliteOptions {
  std::string path;          // …/flawless.db
  int readers = 4;           // connections for reading
  int cache_kib = 16 << 10;  // page cache of the writer; readers share a quarter of it each
};

// Creates or migrates the database. kUnavailable: the path cannot be written; kConflict: the
// database is newer than this program, naming both versions; kCorrupt: SQLite says the file is
// damaged.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite(const SqliteOptions& options);

}  // namespace flawless::store
