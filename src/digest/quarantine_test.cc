// What is put aside, and that the rest goes on.
#include <sqlite3.h>

#include "digest/digest_fixture.h"
#include "os/durable_file.h"

namespace flawless::digest {
namespace {

TEST_F(DigestTest, AnUnreadableRecordIsPutAsideAndTheRestGoesOn) {
  start_digest();
  accept(payload(1));
  accept(std::make_shared<const std::string>("this is no report"));
  accept(payload(2));
  drain();
  EXPECT_EQ(counted(), 2u);
  auto aside = store_->quarantined();
  ASSERT_TRUE(aside.is_ok());
  ASSERT_EQ(aside->size(), 1u);
  EXPECT_EQ((*aside)[0].sequence, 2u);
  EXPECT_FALSE((*aside)[0].reason.empty());
}

// As after restoring a store that is older than the tokens: waiting would not make the project be.
TEST_F(DigestTest, AReportOfNoProjectIsPutAsideAndTheRestGoesOn) {
  for (int number : {1, 2}) accept(payload(number), /*hand_over=*/false);
  accept(payload_of({99}, 3), /*hand_over=*/false);
  accept(payload(4), /*hand_over=*/false);
  accept(std::make_shared<const std::string>("this is no report"), /*hand_over=*/false);
  start_digest();
  drain();
  EXPECT_EQ(counted(), 3u);
  EXPECT_EQ(digest_->fault(), "");
  auto aside = store_->quarantined();
  ASSERT_TRUE(aside.is_ok());
  ASSERT_EQ(aside->size(), 2u);
  EXPECT_EQ((*aside)[0].sequence, 3u);
  EXPECT_EQ((*aside)[0].project.v, 99);
  stop_digest();
  start_digest();
  EXPECT_EQ(digest_->stats().stored_sequence, 5u) << "the cursor did not move with it";
}

// The cursor must not pass a record that is neither stored nor shown.
TEST_F(DigestTest, ARecordIsPutAsideOnceTheStoreTakesIt) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open((directory_ + "/flawless.db").c_str(), &other), SQLITE_OK);
  start_digest();
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  accept(std::make_shared<const std::string>("this is no report"));
  for (int i = 0; i < 4000 && digest_->fault().empty(); ++i) {
    std::this_thread::sleep_for(milliseconds(2));
  }
  EXPECT_NE(digest_->fault(), "") << "nothing stood in the way";
  ASSERT_EQ(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  drain();
  auto aside = store_->quarantined();
  ASSERT_TRUE(aside.is_ok());
  EXPECT_EQ(aside->size(), 1u);
}

TEST_F(DigestTest, AfterAnUncleanStopReportsGoOneByOne) {
  accept_many(0, 5, /*hand_over=*/false);
  ASSERT_TRUE(os::write_durably(disk_, kMarker, "running\n").is_ok());
  start_digest();
  drain();
  EXPECT_EQ(counted(), 5u);
  EXPECT_GE(digest_->stats().batches, 5u);
}

// The record that was being tried, alone, when the process ended — twice — is not tried a third
// time.
TEST_F(DigestTest, AReportThatEndsTheProcessTwiceIsQuarantined) {
  accept_many(0, 3, /*hand_over=*/false);
  ASSERT_TRUE(os::write_durably(disk_, kMarker, "running\n").is_ok());
  ASSERT_TRUE(store_->count_attempt(2).is_ok());
  ASSERT_TRUE(store_->count_attempt(2).is_ok());
  start_digest();
  drain();
  EXPECT_EQ(counted(), 2u);
  EXPECT_EQ(digest_->stats().quarantined, 1u);
  auto aside = store_->quarantined();
  ASSERT_TRUE(aside.is_ok());
  ASSERT_EQ(aside->size(), 1u);
  EXPECT_EQ((*aside)[0].sequence, 2u);
}

// Each time in the middle of digesting it: the try is counted already, and nothing of it is stored.
TEST_F(DigestTest, AReportThatKillsTheProcessIsCountedBeforeItIsTried) {
  os::PosixDisk disk;
  journal_.reset();
  open_journal(disk, directory_ + "/journal");
  accept_many(0, 3, /*hand_over=*/false);
  ASSERT_TRUE(os::write_durably(disk, directory_ + "/digest.running", "running\n").is_ok());
  // What they keep open and their threads must not come with a fork.
  journal_.reset();
  store_.reset();

  for (int start : {1, 2}) {
    int status = digest_in_a_child(2);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "start " << start;
    open_store();
    EXPECT_EQ(counted(), 1u);
    EXPECT_EQ(store_->quarantined()->size(), 0u);
    store_.reset();
  }
  EXPECT_EQ(digest_in_a_child(0), 0);
  open_store();
  EXPECT_EQ(counted(), 2u);
  auto aside = store_->quarantined();
  ASSERT_TRUE(aside.is_ok());
  ASSERT_EQ(aside->size(), 1u);
  EXPECT_EQ((*aside)[0].sequence, 2u);
}

TEST_F(DigestTest, ACleanStopForgetsAttempts) {
  start_digest();
  accept_many(0, 1);
  drain();
  stop_digest();
  EXPECT_EQ(os::read_file(disk_, kMarker).code(), Code::kNotFound);
}

}  // namespace
}  // namespace flawless::digest
