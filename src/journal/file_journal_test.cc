#include "journal/file_journal.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>

namespace flawless::journal {
namespace {

TEST(FileJournal, FindsAgainWhatItAcknowledged) {
  std::string tmp = "/tmp/journal-test-XXXXXX";
  ASSERT_NE(::mkdtemp(tmp.data()), nullptr);
  os::PosixDisk disk;
  SystemClock clock;
  for (int run = 0; run < 3; ++run) {
    auto journal = open(disk, {.directory = tmp + "/j"}, clock);
    ASSERT_TRUE(journal) << journal.message();
    auto reader = (*journal)->read_after((*journal)->start());
    ASSERT_TRUE(reader);
    for (int i = 1; i <= run; ++i) {
      auto record = (*reader)->next();
      ASSERT_TRUE(record && *record);
      EXPECT_EQ((*record)->payload, "hello" + std::to_string(i));
    }
    auto end = (*reader)->next();
    ASSERT_TRUE(end);
    EXPECT_FALSE(*end);
    std::promise<Result<Appended>> answer;
    (*journal)->append(std::make_shared<std::string>("hello" + std::to_string(run + 1)),
                       [&](Result<Appended> r) { answer.set_value(std::move(r)); });
    auto placed = answer.get_future().get();
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->sequence, run + 1);
    auto read = (*journal)->read(placed->position);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->payload, "hello" + std::to_string(run + 1));
  }
  std::filesystem::remove_all(tmp);
}

}  // namespace
}  // namespace flawless::journal
