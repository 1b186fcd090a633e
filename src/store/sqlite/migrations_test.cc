#include "store/sqlite/migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/temporary_directory.h"

namespace flawless::store::sqlite {
namespace {

class MigrationsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Db::open(directory_.path() + "/x.db", Db::Mode::kWriter, 1024);
    ASSERT_TRUE(opened);
    db_ = std::move(*opened);
  }
  int64_t ask(const std::string& sql) { return Statement(*db_, sql).with().one_int().value_or(-1); }
  TemporaryDirectory directory_;
  std::unique_ptr<Db> db_;
};

TEST_F(MigrationsTest, StepsThatAreMissingRunOnceAndKeepRows) {
  std::vector<std::string_view> steps = {"CREATE TABLE a(x); INSERT INTO a VALUES(1)"};
  ASSERT_TRUE(migrate(*db_, steps));
  EXPECT_EQ(ask("PRAGMA user_version"), 1);
  steps.push_back("ALTER TABLE a ADD COLUMN y DEFAULT 7");
  ASSERT_TRUE(migrate(*db_, steps));
  ASSERT_TRUE(migrate(*db_, steps));
  EXPECT_EQ(ask("PRAGMA user_version"), 2);
  EXPECT_EQ(ask("SELECT count(*) FROM a"), 1);
  EXPECT_EQ(ask("SELECT y FROM a"), 7);
}

TEST_F(MigrationsTest, AStepThatFailsLeavesTheOldVersion) {
  std::vector<std::string_view> steps = {"CREATE TABLE a(x)",
                                         "CREATE TABLE b(x); INSERT INTO no_such VALUES(1)"};
  EXPECT_FALSE(migrate(*db_, steps));
  EXPECT_EQ(ask("PRAGMA user_version"), 1);
  EXPECT_EQ(ask("SELECT count(*) FROM sqlite_master WHERE name='b'"), 0);
  steps[1] = "CREATE TABLE b(x)";
  EXPECT_TRUE(migrate(*db_, steps));
}

TEST_F(MigrationsTest, ANewerDatabaseIsRefusedNamingBothVersions) {
  ASSERT_TRUE(migrate(*db_, schema_steps()));
  ASSERT_TRUE(db_->execute("PRAGMA user_version=99"));
  Status status = migrate(*db_, schema_steps());
  EXPECT_EQ(status.code(), Code::kConflict);
  EXPECT_THAT(status.message(), testing::HasSubstr("99"));
  EXPECT_THAT(status.message(), testing::HasSubstr(std::to_string(schema_steps().size())));
}

TEST_F(MigrationsTest, ConnectionsAreSetUpAsTheContractSays) {
  ASSERT_TRUE(migrate(*db_, schema_steps()));
  EXPECT_EQ(ask("PRAGMA page_size"), 16384);
  EXPECT_EQ(ask("PRAGMA synchronous"), 2);
  EXPECT_EQ(ask("PRAGMA secure_delete"), 0);
  EXPECT_EQ(ask("SELECT journal_mode='wal' FROM pragma_journal_mode"), 1);
}

}  // namespace
}  // namespace flawless::store::sqlite
