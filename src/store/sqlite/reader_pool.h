// A few connections that only read. Each read is one transaction (one snapshot) of at most a
// second, because a long one would keep the write-ahead log from being recycled.
#pragma once

#include <condition_variable>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/locked.h"
#include "store/sqlite/db.h"

namespace flawless::store::sqlite {

// Any thread. stop() waits for the reads that run.
class ReaderPool {
 public:
  static Result<std::unique_ptr<ReaderPool>> open(const std::string& path, int readers,
                                                  int cache_kib);
  ~ReaderPool() { stop(); }

  // Calls `work(Db&)`, which returns a Result, in a read transaction. kUnavailable: no connection
  // became free within two seconds, the work took longer than a second, or the pool is stopped.
  template <typename Work>
  auto read(Work&& work) -> std::invoke_result_t<Work, Db&> {
    ASSIGN_OR_RETURN(Lease lease, take());
    RETURN_IF_ERROR(begin(lease.db()));
    auto result = work(lease.db());
    RETURN_IF_ERROR(end(lease.db()));
    return result;
  }
  void stop();

 private:
  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<Db> db) : pool_(&pool), db_(std::move(db)) {}
    Lease(Lease&&) = default;
    ~Lease() {
      if (db_) pool_->give_back(std::move(db_));
    }
    [[nodiscard]] Db& db() { return *db_; }

   private:
    ReaderPool* pool_;
    std::unique_ptr<Db> db_;
  };
  struct State {
    std::vector<std::unique_ptr<Db>> free;
    size_t lent = 0;
    bool stopped = false;
  };

  Result<Lease> take();
  void give_back(std::unique_ptr<Db> db);
  static Status begin(Db& db);
  static Status end(Db& db);

  Locked<State> state_;
  std::condition_variable changed_;
};

}  // namespace flawless::store::sqlite
