#include "os/file.h"

#include <gmock/gmock.h>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>
#include <thread>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <functional>

#include "os/durable_file.h"
#include "os/fake_disk.h"
#include "os/lock_file.h"

namespace flawless::os {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string contents(Disk& disk, const std::string& path) {
  auto text = read_file(disk, path);
  return text ? *text : std::string(code_name(text.code()));
}

// What holds for the machine's disk holds for the fake.
class AnyDisk : public testing::TestWithParam<bool> {
 protected:
  AnyDisk() {
    if (GetParam()) {
      std::string made = "/tmp/flawless-os-XXXXXX";
      FLAWLESS_CHECK(::mkdtemp(made.data()) != nullptr);
      root_ = made;
      disk_ = std::make_unique<PosixDisk>();
    } else {
      root_ = "/data";
      disk_ = std::make_unique<FakeDisk>();
    }
  }
  ~AnyDisk() override {
    if (GetParam()) std::filesystem::remove_all(root_);
  }
  std::string at(const std::string& name) { return root_ + "/" + name; }

  std::string root_;
  std::unique_ptr<Disk> disk_;
};

INSTANTIATE_TEST_SUITE_P(Disks, AnyDisk, testing::Bool(), [](const auto& test) {
  return test.param ? std::string("Posix") : std::string("Fake");
});

// From memory that O_DIRECT takes and from memory that it refuses.
TEST_P(AnyDisk, WritesBlocksThatAreReadAtOnce) {
  constexpr size_t kBlock = File::kBlockBytes;
  alignas(kBlock) static std::array<uint8_t, 3 * kBlock> memory;
  for (const size_t shift : std::initializer_list<size_t>{0, 8}) {
    auto file = disk_->open(at("f" + std::to_string(shift)), OpenMode::kCreate);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write_zeros(0, 4 * kBlock));
    std::string expected(4 * kBlock, '\0');
    for (const size_t block : std::initializer_list<size_t>{1, 2, 1}) {
      const std::string text(2 * kBlock, static_cast<char>('a' + shift + block));
      std::copy(text.begin(), text.end(), memory.begin() + shift);
      ASSERT_TRUE((*file)->write_blocks(block * kBlock, {memory.data() + shift, text.size()}));
      expected.replace(block * kBlock, text.size(), text);
      EXPECT_EQ(contents(*disk_, at("f" + std::to_string(shift))), expected);
    }
    ASSERT_TRUE((*file)->sync_data());
  }
}

TEST_P(AnyDisk, WritesManyPartsInOrder) {
  auto file = disk_->open(at("f"), OpenMode::kCreate);
  ASSERT_TRUE(file);
  std::string expected(3, '\0');
  std::vector<std::string> texts;
  for (int i = 0; i < 2500; ++i) texts.push_back(i % 7 == 0 ? "" : std::to_string(i));
  std::vector<ByteSpan> parts;
  for (const std::string& text : texts) {
    parts.push_back(as_bytes(text));
    expected += text;
  }
  ASSERT_TRUE((*file)->write_at(3, parts));
  EXPECT_EQ(contents(*disk_, at("f")), expected);
  EXPECT_EQ((*file)->size().value_or(0), expected.size());
}

TEST_P(AnyDisk, ReadsFewerBytesOnlyAtTheEnd) {
  ASSERT_TRUE(write_durably(*disk_, at("f"), "0123456789"));
  auto file = disk_->open(at("f"), OpenMode::kRead);
  ASSERT_TRUE(file);
  std::array<uint8_t, 8> bytes{};
  EXPECT_EQ((*file)->read_at(0, bytes).value_or(99), 8);
  EXPECT_EQ((*file)->read_at(6, bytes).value_or(99), 4);
  EXPECT_EQ(bytes[3], '9');
  EXPECT_EQ((*file)->read_at(10, bytes).value_or(99), 0);
  EXPECT_EQ((*file)->read_at(1000, bytes).value_or(99), 0);
}

TEST_P(AnyDisk, TellsWhatIsWrongWithAPath) {
  auto absent = disk_->open(at("none"), OpenMode::kWrite);
  EXPECT_EQ(absent.code(), Code::kNotFound);
  EXPECT_THAT(absent.message(), HasSubstr(at("none")));
  ASSERT_TRUE(disk_->open(at("f"), OpenMode::kAny));
  EXPECT_EQ(disk_->open(at("f"), OpenMode::kCreate).code(), Code::kConflict);
  EXPECT_EQ(disk_->make_directory(at("f")).code(), Code::kConflict);
  EXPECT_EQ(disk_->make_directory(at("no/such")).code(), Code::kNotFound);
  EXPECT_EQ(disk_->rename(at("none"), at("x")).code(), Code::kNotFound);
  EXPECT_EQ(disk_->unlink(at("none")).code(), Code::kNotFound);
  EXPECT_EQ(disk_->list(at("none")).code(), Code::kNotFound);
}

TEST_P(AnyDisk, ListsNamesInOrder) {
  EXPECT_TRUE(disk_->make_directory(at("d")));
  EXPECT_TRUE(disk_->make_directory(at("d")));
  for (const char* name : {"d/c", "d/a", "d/b"}) {
    ASSERT_TRUE(disk_->open(at(name), OpenMode::kCreate));
  }
  ASSERT_TRUE(disk_->rename(at("d/c"), at("d/a")));
  ASSERT_TRUE(disk_->unlink(at("d/b")));
  ASSERT_TRUE(disk_->open(at("d/0"), OpenMode::kCreate));
  EXPECT_THAT(disk_->list(at("d")).value_or({}), ElementsAre("0", "a"));
}

TEST_P(AnyDisk, TruncatesAndGrows) {
  ASSERT_TRUE(write_durably(*disk_, at("f"), "0123456789"));
  auto file = disk_->open(at("f"), OpenMode::kWrite);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->truncate(4));
  ASSERT_TRUE((*file)->preallocate(100));
  EXPECT_EQ(contents(*disk_, at("f")), "0123");
  ASSERT_TRUE((*file)->truncate(6));
  EXPECT_EQ(contents(*disk_, at("f")), std::string("0123\0\0", 6));
}

TEST_P(AnyDisk, ReplacesAFileWhole) {
  EXPECT_EQ(read_file(*disk_, at("f")).code(), Code::kNotFound);
  ASSERT_TRUE(write_durably(*disk_, at("f"), "a long first version"));
  ASSERT_TRUE(write_durably(*disk_, at("f"), "second"));
  EXPECT_EQ(contents(*disk_, at("f")), "second");
  EXPECT_THAT(disk_->list(root_).value_or({}), ElementsAre("f"));
  EXPECT_EQ(read_file(*disk_, at("f"), 5).code(), Code::kTooLarge);
}

TEST_P(AnyDisk, GivesALockToOneOwner) {
  {
    auto first = LockFile::acquire(*disk_, at("lock"));
    ASSERT_TRUE(first) << first.message();
    auto second = LockFile::acquire(*disk_, at("lock"));
    EXPECT_EQ(second.code(), Code::kConflict);
    EXPECT_THAT(second.message(), HasSubstr("process " + std::to_string(::getpid())));
    EXPECT_THAT(second.message(), HasSubstr(root_));
  }
  EXPECT_TRUE(LockFile::acquire(*disk_, at("lock")));
}

TEST_P(AnyDisk, WaitsForALockThatIsGivenUpInAMoment) {
  auto first = LockFile::acquire(*disk_, at("lock"));
  ASSERT_TRUE(first) << first.message();
  std::thread owner([held = std::move(*first)]() mutable {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    LockFile released = std::move(held);
  });
  EXPECT_TRUE(LockFile::acquire(*disk_, at("lock"), LockFile::kOfTheDead));
  owner.join();
}

TEST(DiskError, TellsWhatToDoAboutAFullDisk) {
  Status full = disk_error("write", "/data/x", ENOSPC);
  EXPECT_EQ(full.code(), Code::kUnavailable);
  EXPECT_EQ(full.message(),
            "cannot write /data/x: No space left on device; free some space on that file system");
  EXPECT_EQ(disk_error("open", "x", EACCES).code(), Code::kDenied);
}

TEST(DirectoryOf, TakesTheLastPartOff) {
  EXPECT_EQ(directory_of("/a/b/c"), "/a/b");
  EXPECT_EQ(directory_of("/a"), "/");
  EXPECT_EQ(directory_of("a"), ".");
}

TEST(PosixDisk, KeepsFilesAndDirectoriesPrivate) {
  std::string root = "/tmp/flawless-os-XXXXXX";
  ASSERT_NE(::mkdtemp(root.data()), nullptr);
  PosixDisk disk;
  ASSERT_TRUE(disk.make_directory(root + "/d"));
  ASSERT_TRUE(disk.open(root + "/d/f", OpenMode::kCreate));
  const auto others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
  for (const char* name : {"/d", "/d/f"}) {
    EXPECT_EQ(std::filesystem::status(root + name).permissions() & others,
              std::filesystem::perms::none);
  }
  EXPECT_GT(disk.free_bytes(root).value_or(0), 0);
  std::filesystem::remove_all(root);
}

class Power : public testing::Test {
 protected:
  void cut(FakeDisk::Loss loss = FakeDisk::Loss::kEverything) {
    disk_.power_off(loss);
    disk_.power_on();
  }
  FakeDisk disk_;
};

TEST_F(Power, TakesWhatWasNotSynced) {
  ASSERT_TRUE(write_durably(disk_, "/data/f", "old"));
  auto file = disk_.open("/data/f", OpenMode::kWrite);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write_at(0, as_bytes("new and longer")));
  EXPECT_EQ(contents(disk_, "/data/f"), "new and longer");
  cut();
  EXPECT_EQ(contents(disk_, "/data/f"), "old");
  EXPECT_EQ((*file)->size().code(), Code::kUnavailable);
}

TEST_F(Power, TakesNamesOfUnsyncedDirectories) {
  auto file = disk_.open("/data/f", OpenMode::kCreate);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write_at(0, as_bytes("x")));
  ASSERT_TRUE((*file)->sync_data());
  cut();
  EXPECT_EQ(contents(disk_, "/data/f"), "not found");
  ASSERT_TRUE(write_durably(disk_, "/data/a", "x"));
  ASSERT_TRUE(disk_.rename("/data/a", "/data/b"));
  cut();
  EXPECT_EQ(contents(disk_, "/data/a"), "x");
  EXPECT_EQ(contents(disk_, "/data/b"), "not found");
}

TEST_F(Power, FailsEverythingWhileOff) {
  disk_.power_off(FakeDisk::Loss::kEverything);
  EXPECT_EQ(disk_.open("/data/f", OpenMode::kAny).code(), Code::kUnavailable);
  EXPECT_EQ(disk_.list("/data").code(), Code::kUnavailable);
}

TEST_F(Power, TearsUnsyncedWritesAtSectors) {
  bool saw_torn = false;
  for (FakeDisk::Loss loss : {FakeDisk::Loss::kPrefix, FakeDisk::Loss::kSectors}) {
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(write_durably(disk_, "/data/f", std::string(2048, 'o')));
      auto file = disk_.open("/data/f", OpenMode::kWrite);
      ASSERT_TRUE((*file)->write_at(0, as_bytes(std::string(2048, 'n'))));
      cut(loss);
      const std::string left = contents(disk_, "/data/f");
      for (size_t at = 0; at < 2048; at += 512) {
        ASSERT_EQ(left.substr(at, 512), std::string(512, left[at]));
      }
      saw_torn |= left.front() != left.back();
    }
  }
  EXPECT_TRUE(saw_torn);
}

TEST_F(Power, DoesNotBringBackWhatAFailedSyncLost) {
  int lost = 0;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(write_durably(disk_, "/data/f", "old"));
    auto file = disk_.open("/data/f", OpenMode::kWrite);
    disk_.fail_syncs(0, 1);
    ASSERT_TRUE((*file)->write_at(0, as_bytes("new")));
    EXPECT_EQ((*file)->sync_data().code(), Code::kUnavailable);
    EXPECT_TRUE((*file)->sync_data());
    EXPECT_EQ(contents(disk_, "/data/f"), "new");
    cut();
    if (contents(disk_, "/data/f") == "old") ++lost;
  }
  EXPECT_GT(lost, 0);
  EXPECT_LT(lost, 20);
}

TEST_F(Power, AFailedSyncIsHeardOnceByEveryoneWhoHasTheFileOpen) {
  auto writer = disk_.open("/data/f", OpenMode::kCreate);
  auto other = disk_.open("/data/f", OpenMode::kWrite);
  ASSERT_TRUE((*writer)->write_at(0, as_bytes("x")));
  disk_.fail_syncs(0, 1);
  EXPECT_FALSE((*other)->sync_data());
  EXPECT_FALSE((*writer)->sync_data());
  EXPECT_TRUE((*writer)->sync_data());
  EXPECT_TRUE((*other)->sync_data());
}

TEST_F(Power, LeavesTheOldOrTheNewVersionAtAnyFault) {
  for (uint64_t fault = 0; fault < 40; ++fault) {
    ASSERT_TRUE(write_durably(disk_, "/data/f", "old"));
    const uint64_t after = fault % 4;
    if (fault / 4 % 3 == 0) disk_.fail_syncs(after, 1);
    if (fault / 4 % 3 == 1) disk_.fail_writes(after, 1);
    if (fault / 4 % 3 == 2) disk_.fail_directory_syncs(after, 1);
    Status written = write_durably(disk_, "/data/f", "new");
    cut(fault % 2 == 0 ? FakeDisk::Loss::kPrefix : FakeDisk::Loss::kSectors);
    const std::string left = contents(disk_, "/data/f");
    if (written) {
      EXPECT_EQ(left, "new");
    } else {
      EXPECT_TRUE(left == "old" || left == "new") << left;
    }
    disk_.fail_syncs(0, 0);
    disk_.fail_writes(0, 0);
    disk_.fail_directory_syncs(0, 0);
  }
}

TEST_F(Power, KillingAProcessLosesNothingButItsHandles) {
  auto lock = disk_.lock("/data/lock");
  ASSERT_TRUE(lock);
  auto file = disk_.open("/data/f", OpenMode::kCreate);
  ASSERT_TRUE((*file)->write_at(0, as_bytes("x")));
  disk_.kill_process();
  EXPECT_FALSE((*file)->write_at(0, as_bytes("y")));
  EXPECT_EQ(contents(disk_, "/data/f"), "x");
  EXPECT_TRUE(disk_.lock("/data/lock"));
}

TEST(FakeDisk, RunsFullAndRecovers) {
  FakeDisk disk;
  disk.set_capacity(10);
  auto file = disk.open("/data/f", OpenMode::kCreate);
  Status full = (*file)->write_at(0, as_bytes("0123456789abc"));
  EXPECT_EQ(full.code(), Code::kUnavailable);
  EXPECT_THAT(full.message(), HasSubstr("free some space"));
  EXPECT_EQ((*file)->size().value_or(0), 10);
  EXPECT_TRUE((*file)->write_at(4, as_bytes("xyz")));  // no growth
  EXPECT_EQ(disk.free_bytes("/data").value_or(99), 0);
  disk.set_capacity(20);
  EXPECT_TRUE((*file)->write_at(10, as_bytes("abc")));
  EXPECT_EQ(contents(disk, "/data/f"), "0123xyz789abc");
}

TEST(FakeDisk, ShortWritesAreContinued) {
  FakeDisk disk(7);
  disk.set_short_writes(true);
  auto file = disk.open("/data/f", OpenMode::kCreate);
  const std::string text(1000, 't');
  ASSERT_TRUE((*file)->write_at(0, std::vector<ByteSpan>{as_bytes(text), as_bytes("end")}));
  EXPECT_EQ(contents(disk, "/data/f"), text + "end");
}

}  // namespace
}  // namespace flawless::os
