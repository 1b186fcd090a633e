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

// Rows as version 1 wrote them: two sites of a line, one of them seen on two days, and the tables
// that people's rules were in.
TEST_F(MigrationsTest, AVersion1DatabaseKeepsItsRows) {
  ASSERT_TRUE(migrate(*db_, schema_steps().first(1)));
  ASSERT_TRUE(db_->execute(R"sql(
    INSERT INTO project VALUES(1, 'shop', 'shop', 1, 0, 3, '{}');
    INSERT INTO line VALUES(7, NULL, '', 4, 100, 'a.py', 'f', 'x = 1');
    INSERT INTO line VALUES(8, 500, 'ann@shop.example', 1, 100, 'b.py', 'f', 'y = 1');
    INSERT INTO line_key VALUES('text', 'k', 7);
    INSERT INTO site VALUES(1, 1, x'01', 0, 7, 5, 'a.py', 'f', 'x = 1');
    INSERT INTO site VALUES(2, 1, x'02', 0, 7, 6, 'a.py', 'f', 'x = 1');
    INSERT INTO site VALUES(3, 1, x'03', 0, 8, 6, 'b.py', 'f', 'y = 1');
    INSERT INTO item(id, project_id, number, level, status, first_seen, last_seen,
      first_occurrence, last_occurrence, count, count_active, counted_since, people,
      first_release_id, last_release_id, title, platform, language, framework, culprit)
      VALUES(11, 1, 1, 40, 1, 0, 0, 1, 4, 4, 4, 0, 0, 0, 0, 'a', '', '', '', '');
    INSERT INTO occurrence SELECT value, 1, 1, iif(value=4,2,1), x'00',
      iif(value=3, 86400000, 0) + value, NULL, 40, 1, 0, 0, 0, 0, 0, 0, '', 1, 0, 9, 3, 0, 0
      FROM json_each('[1,2,3,4]');
    INSERT INTO known_error VALUES(1, 1, 'a.py', '', 'x', 5, 'ann');
    INSERT INTO library_code VALUES(1, 0, 'lib/**', 'g', '', 6, 'bob');
    INSERT INTO outbox VALUES(1, 'line:8:0', 'line', 'ann@shop.example', '{}', 3, '<1@x>', 1, 5, 5,
      '');
  )sql"));
  ASSERT_TRUE(migrate(*db_, schema_steps()));
  EXPECT_EQ(ask("SELECT count(*) FROM occurrence"), 4);
  EXPECT_EQ(ask("SELECT count FROM line WHERE id=7"), 4);
  EXPECT_EQ(ask("SELECT mailed_at FROM line WHERE id=8"), 500);
  EXPECT_EQ(ask("SELECT mail_id FROM line WHERE id=8"), 1);
  EXPECT_EQ(ask("SELECT mail_id FROM line WHERE id=7"), 0);
  EXPECT_EQ(ask("SELECT decide_at_count FROM line WHERE id=7"), 1) << "its next sighting decides";
  EXPECT_EQ(ask("SELECT decide_at_count FROM line WHERE id=8"), 0) << "mailed";
  EXPECT_EQ(ask("SELECT line_id FROM item WHERE id=11"), 7);
  EXPECT_EQ(ask("SELECT count FROM site_day WHERE site_id=1 AND day=0"), 2);
  EXPECT_EQ(ask("SELECT last_occurrence FROM site_day WHERE site_id=1 AND day=1"), 3);
  EXPECT_EQ(ask("SELECT last_occurrence FROM site_day WHERE site_id=2"), 4);
  EXPECT_EQ(ask("SELECT count(*) FROM site_day"), 3);
  EXPECT_EQ(ask("SELECT count(*) FROM rule WHERE kind=1 AND project_id=1 AND path='a.py' AND"
                " code='x' AND created_at=5 AND created_by='ann'"),
            1);
  EXPECT_EQ(ask("SELECT count(*) FROM rule WHERE kind=2 AND project_id=0 AND function='g'"), 1);
  EXPECT_EQ(ask("SELECT count(*) FROM outbox WHERE message_key='line:8:0' AND state=3"), 1);
  EXPECT_EQ(ask("SELECT line_id FROM line_key WHERE key='k'"), 7);
}

TEST_F(MigrationsTest, AVersion2DatabaseKeepsItsAccountsAndSessions) {
  ASSERT_TRUE(migrate(*db_, schema_steps().first(2)));
  ASSERT_TRUE(db_->execute(R"sql(
    INSERT INTO user VALUES(1, 'ann@shop.example', 'Ann', 'admin', 'h', 5);
    INSERT INTO session VALUES(x'01', 1, 5, 9);
  )sql"));
  ASSERT_TRUE(migrate(*db_, schema_steps()));
  EXPECT_EQ(ask("SELECT count(*) FROM user WHERE id=1 AND role='admin' AND enabled=1"), 1);
  EXPECT_EQ(ask("SELECT count(*) FROM session WHERE user_id=1"), 1);
}

TEST_F(MigrationsTest, AVersion4DatabaseKeepsItsQuarantine) {
  ASSERT_TRUE(migrate(*db_, schema_steps().first(4)));
  ASSERT_TRUE(db_->execute("INSERT INTO quarantine VALUES(7, 1, 4096, 2, 5, 'why')"));
  ASSERT_TRUE(migrate(*db_, schema_steps()));
  EXPECT_EQ(ask("SELECT count(*) FROM quarantine WHERE sequence=7 AND offset=4096 AND project_id=2"
                " AND at=5 AND reason='why' AND report_id IS NULL"),
            1);
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
