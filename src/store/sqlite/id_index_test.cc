#include "store/sqlite/id_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "store/sqlite/migrations.h"
#include "store/temporary_directory.h"

namespace flawless::store::sqlite {
namespace {

class IdIndexTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Db::open(directory_.path() + "/x.db", Db::Mode::kWriter, 1024);
    ASSERT_TRUE(opened);
    db_ = std::move(*opened);
    ASSERT_TRUE(migrate(*db_, schema_steps()));
    ASSERT_TRUE(db_->execute("PRAGMA synchronous=OFF"));  // thousands of small transactions
    index_ = std::make_unique<IdIndex>(*db_);
    ASSERT_TRUE(index_->load());
  }
  void add(size_t count, bool commit) {
    ASSERT_TRUE(db_->execute("BEGIN"));
    std::vector<IdEntry> entries;
    for (size_t i = 0; i < count; ++i) entries.push_back({random_(), ++last_});
    index_->add(entries, now_);
    ASSERT_TRUE(db_->execute(commit ? "COMMIT" : "ROLLBACK"));
    if (commit) {
      index_->committed();
      for (const IdEntry& entry : entries) stored_[entry.hash] = entry.occurrence;
    } else {
      index_->rolled_back();
    }
  }
  int64_t find(uint64_t hash) {
    return index_->find(hash, [](int64_t) { return true; }).value_or(0);
  }
  void expect_all() {
    size_t n = 0;
    for (const auto& [hash, occurrence] : stored_) {
      if (++n % 7 != 0) continue;
      ASSERT_EQ(find(hash), occurrence);
      if (n % 350 == 0) {
        ASSERT_EQ(find_in_runs(*db_, hash), std::vector<int64_t>{occurrence});
      }
    }
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(find(random_()), 0);
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Db> db_;
  std::unique_ptr<IdIndex> index_;
  std::mt19937_64 random_{7};
  std::map<uint64_t, int64_t> stored_;
  int64_t last_ = 0;
  Time now_ = from_unix_ms(1'700'000'000'000);
};

// Batches of all sizes, one in five undone, merges of three sizes under way at any moment.
TEST_F(IdIndexTest, FindsEverythingWhateverIsBeingMergedOrUndone) {
  for (int i = 0; i < 500; ++i) add(i % 3 ? 256 : random_() % 20 + 1, i % 5 != 0);
  ASSERT_GT(stored_.size(), 65536u) << "enough for merges that take several batches";
  expect_all();
  EXPECT_LT(index_->runs(), 80u);
  index_ = std::make_unique<IdIndex>(*db_);
  ASSERT_TRUE(index_->load());
  expect_all();
}

TEST_F(IdIndexTest, EqualHashesAreAllAsked) {
  ASSERT_TRUE(db_->execute("BEGIN"));
  std::vector<IdEntry> entries;
  for (int64_t i = 1; i <= 2500; ++i) entries.push_back({42, i});  // over several chunks
  index_->add(entries, now_);
  ASSERT_TRUE(db_->execute("COMMIT"));
  index_->committed();
  std::vector<int64_t> asked;
  EXPECT_FALSE(index_->find(42, [&](int64_t id) { return asked.push_back(id), false; }));
  EXPECT_EQ(asked.size(), 2500u);
  EXPECT_EQ(find_in_runs(*db_, 42).size(), 2500u);
}

TEST_F(IdIndexTest, RunsOlderThanThirtyDaysAreDropped) {
  add(100, true);
  uint64_t old = stored_.begin()->first;
  now_ += std::chrono::hours(24 * 29);
  add(1, true);
  EXPECT_NE(find(old), 0);
  now_ += std::chrono::hours(24 * 2);
  add(1, true);
  EXPECT_EQ(find(old), 0);
  EXPECT_EQ(Statement(*db_, "SELECT count(*) FROM id_chunk").with().one_int(), 2);
}

}  // namespace
}  // namespace flawless::store::sqlite
