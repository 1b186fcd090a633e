#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <numeric>
#include <thread>

#include "store/sqlite/db.h"
#include "store/sqlite/item_reads.h"
#include "store/store_contract.h"

namespace flawless::store {
namespace {

Result<std::unique_ptr<Store>> open_in(const std::string& directory) {
  return open_sqlite({.path = directory + "/flawless.db", .readers = 2});
}

}  // namespace

std::vector<StoreBackend> backends() { return {{"sqlite", open_in}}; }

namespace {

Sighting sighting(ProjectId project, uint64_t sequence, int groups) {
  static const std::string kTitles[] = {"a", "b", "c", "d", "e", "f", "g"};
  Sighting s;
  s.sequence = sequence;
  s.project = project;
  s.report_id = ReportId::from_client(std::to_string(sequence));
  s.received_at = from_unix_ms(1'700'000'000'000 + static_cast<int64_t>(sequence));
  s.environment = "production";
  s.title = kTitles[sequence % static_cast<uint64_t>(groups)];
  s.grouping_algorithm = "v1";
  s.grouping_hash = hash128(s.title);
  s.site_path = "a.py";
  s.site_line = static_cast<uint32_t>(sequence / 500);  // now and then a new place
  return s;
}

// Sightings (from, to] as one batch.
Result<std::vector<Applied>> apply_range(Store& store, ProjectId project, uint64_t from,
                                         uint64_t to) {
  std::vector<Sighting> batch;
  for (uint64_t i = from + 1; i <= to; ++i) batch.push_back(sighting(project, i, 7));
  return store.apply(batch, {1, 1, 0, to});
}

uint64_t counted(Store& store, ProjectId project) {
  ItemQuery query;
  query.project = project;
  auto page = store.items(kAll, query, from_unix_ms(0));
  if (!page) return 0;
  return std::accumulate(page->rows.begin(), page->rows.end(), uint64_t{0},
                         [](uint64_t sum, const Item& item) { return sum + item.count; });
}

class SqliteStoreTest : public testing::Test {
 protected:
  void SetUp() override { store_ = open(); }
  std::unique_ptr<Store> open() {
    auto opened = open_in(directory_.path());
    EXPECT_TRUE(opened) << opened.message();
    return opened ? std::move(*opened) : nullptr;
  }
  ProjectId new_project() { return store_->create_project("shop", from_unix_ms(0))->project.id; }
  [[nodiscard]] std::string file() const { return directory_.path() + "/flawless.db"; }

  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_F(SqliteStoreTest, FilesAreTheOwnersOnly) {
  new_project();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat info{};
    ASSERT_EQ(::stat((file() + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << suffix;
  }
}

TEST_F(SqliteStoreTest, AFileThatCannotBeOpenedIsSaid) {
  auto missing = open_sqlite({.path = "/no/such/directory/flawless.db"});
  EXPECT_EQ(missing.code(), Code::kUnavailable);
  EXPECT_THAT(missing.message(), testing::HasSubstr("/no/such/directory/flawless.db"));
  std::string other = directory_.path() + "/other.db";
  int fd = ::open(other.c_str(), O_CREAT | O_WRONLY, 0600);
  std::string garbage(40000, 'x');
  ASSERT_EQ(::write(fd, garbage.data(), garbage.size()), static_cast<ssize_t>(garbage.size()));
  ::close(fd);
  EXPECT_EQ(open_sqlite({.path = other}).code(), Code::kCorrupt);
}

// A child is killed in the middle of its batches; whatever it got to, cursor and counts must agree,
// and reading the journal again from an older place must change nothing.
TEST_F(SqliteStoreTest, CursorAndRowsAgreeAfterKill) {
  ProjectId project = new_project();
  for (int round = 0; round < 6; ++round) {
    uint64_t from = store_->cursor(1, 0)->sequence;
    store_.reset();
    pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto mine = open_in(directory_.path());
      for (uint64_t at = from; mine; at += 40) {
        if (!apply_range(**mine, project, at, at + 40)) break;
      }
      ::_exit(1);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(60 + round * 17));
    ::kill(child, SIGKILL);
    int ended = 0;
    ::waitpid(child, &ended, 0);
    ASSERT_TRUE(WIFSIGNALED(ended)) << "the child must have been at work";

    store_ = open();
    uint64_t cursor = store_->cursor(1, 0)->sequence;
    EXPECT_EQ(counted(*store_, project), cursor);
    EXPECT_EQ(store_->health()->occurrences, cursor);
    uint64_t back = cursor > 100 ? cursor - 100 : 0;
    auto again = apply_range(*store_, project, back, cursor + 10);
    ASSERT_TRUE(again);
    for (size_t i = 0; i < again->size(); ++i) {
      EXPECT_EQ((*again)[i].duplicate, back + i + 1 <= cursor) << i;
    }
    EXPECT_EQ(counted(*store_, project), cursor + 10);
  }
  EXPECT_GT(store_->cursor(1, 0)->sequence, 100u);
}

TEST_F(SqliteStoreTest, AFullDiskRefusesAndRecovers) {
  ProjectId project = new_project();
  ASSERT_TRUE(apply_range(*store_, project, 0, 50));
  auto wal = static_cast<rlim_t>(store_->health()->wal_bytes);
  auto* before = ::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  rlimit small{wal, old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  Result<std::vector<Applied>> refused = apply_range(*store_, project, 50, 3000);
  Result<std::vector<Applied>> again = apply_range(*store_, project, 50, 3000);
  ::setrlimit(RLIMIT_FSIZE, &old);
  ::signal(SIGXFSZ, before);

  EXPECT_EQ(refused.code(), Code::kUnavailable) << refused.message();
  EXPECT_EQ(again.code(), Code::kUnavailable) << again.message();
  EXPECT_FALSE(store_->health()->fault.empty());
  EXPECT_EQ(store_->health()->failed_batches, 2u);
  EXPECT_EQ(store_->cursor(1, 0)->sequence, 50u);
  EXPECT_EQ(counted(*store_, project), 50u) << "reading goes on";

  auto applied = apply_range(*store_, project, 40, 3000);
  ASSERT_TRUE(applied) << applied.message();
  EXPECT_TRUE((*applied)[9].duplicate);
  EXPECT_FALSE((*applied)[10].duplicate);
  EXPECT_TRUE(store_->health()->fault.empty());
  EXPECT_EQ(counted(*store_, project), 3000u);
  auto lines = store_->lines().report(kAll, from_unix_ms(1'700'000'000'000),
                                      from_unix_ms(1'700'000'010'000));
  ASSERT_TRUE(lines);
  uint64_t by_line = 0;
  for (const LineReport& line : *lines) by_line += line.count;
  EXPECT_EQ(by_line, 3000u) << "nothing may be remembered of the failed tries";
  store_.reset();
  store_ = open();
  EXPECT_EQ(counted(*store_, project), 3000u);
}

TEST_F(SqliteStoreTest, ACheckpointThatAReaderHoldsUpDoesNotCover) {
  ProjectId project = new_project();
  ASSERT_TRUE(apply_range(*store_, project, 0, 10));
  ASSERT_EQ(store_->checkpoint(1, 0)->sequence, 10u);
  auto reader = sqlite::Db::open(file(), sqlite::Db::Mode::kReader, 1024);
  ASSERT_TRUE(reader);
  ASSERT_TRUE((*reader)->execute("BEGIN; SELECT count(*) FROM item"));
  ASSERT_TRUE(apply_range(*store_, project, 10, 20));
  EXPECT_EQ(store_->checkpoint(1, 0)->sequence, 10u) << "only what is in the database itself";
  ASSERT_TRUE((*reader)->execute("COMMIT"));
  EXPECT_EQ(store_->checkpoint(1, 0)->sequence, 20u);
}

TEST_F(SqliteStoreTest, TheLogIsRecycledUnderLoad) {
  ProjectId project = new_project();
  for (uint64_t at = 0; at < 30000; at += 1000) {
    ASSERT_TRUE(apply_range(*store_, project, at, at + 1000));
  }
  EXPECT_LT(store_->health()->wal_bytes, 24u << 20);
  EXPECT_GT(store_->health()->database_bytes, 1u << 20) << "moved without being asked";
}

TEST_F(SqliteStoreTest, ReadersRunBesideTheWriter) {
  ProjectId project = new_project();
  std::atomic<bool> done{false};
  std::atomic<int> failures{0}, reads{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      uint64_t last = 0;
      while (!done) {
        uint64_t now = counted(*store_, project);
        if (now < last || now % 20 != 0) ++failures;  // whole batches, never fewer
        last = now;
        ++reads;
      }
    });
  }
  for (uint64_t at = 0; at < 1000 || (reads < 4 && at < 100'000); at += 20) {
    EXPECT_TRUE(apply_range(*store_, project, at, at + 20));
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(failures, 0);
}

TEST_F(SqliteStoreTest, StopWaitsForReadsAndWritesThatRun) {
  ProjectId project = new_project();
  std::thread writer([&] {
    for (uint64_t at = 0; apply_range(*store_, project, at, at + 20); at += 20) {
    }
  });
  std::thread reader([&] {
    ItemQuery query;
    query.project = project;
    while (store_->items(kAll, query, from_unix_ms(0))) {
    }
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  store_->stop();
  writer.join();
  reader.join();
  store_ = open();
  EXPECT_EQ(counted(*store_, project), store_->cursor(1, 0)->sequence);
}

TEST_F(SqliteStoreTest, AReadThatTakesTooLongIsGivenUp) {
  auto reader = sqlite::Db::open(file(), sqlite::Db::Mode::kReader, 1024);
  ASSERT_TRUE(reader);
  (*reader)->set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(20));
  sqlite::Statement forever(**reader,
                            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n)"
                            " SELECT max(i) FROM n");
  EXPECT_FALSE(forever.with().one_int());
  Status status = (*reader)->take_error();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_THAT(status.message(), testing::HasSubstr("longer than a second"));
  EXPECT_FALSE((*reader)->execute("DELETE FROM item")) << "readers only read";
}

// --- query plans
// -------------------------------------------------------------------------------------------------

std::string plan_of(sqlite::Db& db, const std::string& sql) {
  std::string plan;
  sqlite::Statement explain(db, "EXPLAIN QUERY PLAN " + sql);
  for (explain.with(); explain.next();) plan.append(explain.text(3)).append("\n");
  Status status = db.take_error();
  EXPECT_TRUE(status) << status.message() << "\n" << sql;
  return plan;
}

TEST_F(SqliteStoreTest, ListsFollowAnIndex) {
  auto db = sqlite::Db::open(file(), sqlite::Db::Mode::kReader, 1024);
  ASSERT_TRUE(db);
  for (auto sort : {ItemSort::kLastSeen, ItemSort::kFirstSeen, ItemSort::kCount, ItemSort::kPeople,
                    ItemSort::kLevel}) {
    for (bool ascending : {false, true}) {
      ItemQuery query;
      query.sort = sort;
      query.ascending = ascending;
      query.statuses = {ItemStatus::kActive};
      sqlite::ItemFilter filter;
      for (auto after : {std::optional<std::pair<int64_t, int64_t>>(),
                         std::optional(std::pair(int64_t{5}, int64_t{6}))}) {
        auto sql = sqlite::item_sql(query, filter, sqlite::Driver::kOrder, after, 50);
        std::string plan = plan_of(**db, sql.text);
        EXPECT_THAT(plan, testing::HasSubstr("SEARCH item USING"));
        EXPECT_THAT(plan, testing::Not(testing::HasSubstr("SCAN item")));
        // What the walk brings is in order already; at most the page itself is sorted.
        EXPECT_THAT(plan, testing::Not(testing::HasSubstr("LAST TERM OF ORDER BY"))) << plan;
      }
    }
  }
}

// Which filter a query starts from is a matter of speed: the rows are the same.
TEST_F(SqliteStoreTest, EveryDriverFindsTheSameItems) {
  ProjectId project = new_project();
  std::vector<Sighting> batch;
  for (uint64_t i = 1; i <= 40; ++i) {
    batch.push_back(sighting(project, i, 7));
    batch.back().environment = i % 3 ? "production" : "qa";
    batch.back().release = i % 5 ? "1" : "2";
    batch.back().site_path = i % 2 ? "odd.py" : "even.py";
  }
  ASSERT_TRUE(store_->apply(batch, {1, 1, 0, 40}));
  auto db = sqlite::Db::open(file(), sqlite::Db::Mode::kReader, 1024);
  ASSERT_TRUE(db);
  auto id_of = [&](const char* sql) { return sqlite::Statement(**db, sql).with().one_int(); };
  sqlite::ItemFilter filter;
  filter.environments = {*id_of("SELECT id FROM environment WHERE name='qa'")};
  filter.release = *id_of("SELECT id FROM release WHERE version='2'");
  filter.match = "\"odd\"";
  ItemQuery query;
  query.project = project;
  auto found_by = [&](sqlite::Driver driver) {
    auto sql = sqlite::item_sql(query, filter, driver, std::nullopt, 50);
    sqlite::Statement list(**db, sql.text);
    std::string environments = "[" + std::to_string(filter.environments[0]) + "]";
    list.begin();
    for (size_t i = 0; i < sql.numbers.size(); ++i) {
      list.bind(static_cast<int>(i + 1), sql.numbers[i]);
    }
    list.bind(50, std::string_view(sql.match));
    list.bind(51, std::string_view(environments));
    std::vector<int64_t> ids;
    while (list.next()) ids.push_back(list.integer(0));
    EXPECT_TRUE((*db)->take_error());
    return ids;
  };
  std::vector<int64_t> ids = found_by(sqlite::Driver::kOrder);
  EXPECT_THAT(ids, testing::SizeIs(testing::AllOf(testing::Gt(0u), testing::Lt(7u))));
  EXPECT_EQ(found_by(sqlite::Driver::kText), ids);
  EXPECT_EQ(found_by(sqlite::Driver::kEnvironment), ids);
  EXPECT_EQ(found_by(sqlite::Driver::kRelease), ids);
}

TEST_F(SqliteStoreTest, BlocksOfOccurrencesAreFoundByTheirIndex) {
  auto db = sqlite::Db::open(file(), sqlite::Db::Mode::kReader, 1024);
  ASSERT_TRUE(db);
  std::string plan =
      plan_of(**db,
              "SELECT id FROM occurrence INDEXED BY occurrence_place WHERE id >> 12 = ?1 AND"
              " project_id=?2 AND key_id=?3 AND id BETWEEN ?4 AND ?5");
  EXPECT_THAT(plan, testing::HasSubstr("(<expr>=? AND project_id=? AND key_id=? AND rowid>? AND"
                                       " rowid<?)"));
}

}  // namespace
}  // namespace flawless::store
