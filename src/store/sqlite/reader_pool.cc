#include "store/sqlite/reader_pool.h"

#include <algorithm>

namespace flawless::store::sqlite {
namespace {
constexpr auto kLongestRead = std::chrono::seconds(1);
constexpr auto kLongestWait = std::chrono::seconds(2);
}  // namespace

Result<std::unique_ptr<ReaderPool>> ReaderPool::open(const std::string& path, int readers,
                                                     int cache_kib) {
  auto pool = std::make_unique<ReaderPool>();
  for (int i = 0; i < std::max(readers, 1); ++i) {
    ASSIGN_OR_RETURN(auto db, Db::open(path, Db::Mode::kReader, cache_kib));
    pool->state_.lock()->free.push_back(std::move(db));
  }
  return pool;
}

Result<ReaderPool::Lease> ReaderPool::take() {
  auto state = state_.lock();
  bool ready = changed_.wait_for(state.lock(), kLongestWait,
                                 [&] { return state->stopped || !state->free.empty(); });
  if (state->stopped) return Status{Code::kUnavailable, "the store is closed"};
  if (!ready) return Status{Code::kUnavailable, "too many queries at once: try again"};
  Lease lease(*this, std::move(state->free.back()));
  state->free.pop_back();
  ++state->lent;
  return lease;
}

void ReaderPool::give_back(std::unique_ptr<Db> db) {
  {
    auto state = state_.lock();
    state->free.push_back(std::move(db));
    --state->lent;
  }
  changed_.notify_all();
}

Status ReaderPool::begin(Db& db) {
  db.set_deadline(std::chrono::steady_clock::now() + kLongestRead);
  return db.execute("BEGIN");
}

Status ReaderPool::end(Db& db) {
  db.clear_deadline();
  Status status = db.take_error();
  db.reset_statements();
  Status ended = db.in_transaction() ? db.execute("ROLLBACK") : Status::ok();
  return status.is_ok() ? ended : status;
}

void ReaderPool::stop() {
  auto state = state_.lock();
  state->stopped = true;
  changed_.notify_all();
  changed_.wait(state.lock(), [&] { return state->lent == 0; });
  state->free.clear();
}

}  // namespace flawless::store::sqlite
