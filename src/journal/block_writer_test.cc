#include "journal/block_writer.h"

#include <gmock/gmock.h>

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "os/durable_file.h"
#include "os/fake_disk.h"

namespace flawless::journal {
namespace {

constexpr uint64_t kBlock = os::File::kBlockBytes;

class BlockWriterTest : public testing::Test {
 protected:
  BlockWriterTest() {
    std::string made = "/tmp/flawless-blocks-XXXXXX";
    FLAWLESS_CHECK(::mkdtemp(made.data()) != nullptr);
    root_ = made;
    open();
  }
  ~BlockWriterTest() override { std::filesystem::remove_all(root_); }

  void open() {
    auto file = disk_.open(root_ + "/f", os::OpenMode::kAny);
    FLAWLESS_CHECK(file.is_ok());
    file_ = std::move(*file);
  }
  Status write(uint64_t offset, const std::vector<std::string>& texts) {
    std::vector<ByteSpan> parts;
    for (const std::string& text : texts) parts.push_back(as_bytes(text));
    return writer_.write(*file_, offset, parts);
  }
  std::string contents() {
    auto text = os::read_file(disk_, root_ + "/f");
    FLAWLESS_CHECK(text.is_ok());
    return *text;
  }

  os::PosixDisk disk_;
  std::string root_;
  std::unique_ptr<os::File> file_;
  BlockWriter writer_;
};

std::string noise(size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string text(size, '\0');
  for (char& byte : text) byte = static_cast<char>(1 + random() % 255);
  return text;
}

std::string padded(std::string text) {
  text.resize(BlockWriter::block_end(text.size()), '\0');
  return text;
}

TEST_F(BlockWriterTest, RoundsUpToBlocks) {
  EXPECT_EQ(BlockWriter::block_end(0), 0u);
  EXPECT_EQ(BlockWriter::block_end(1), kBlock);
  EXPECT_EQ(BlockWriter::block_end(kBlock), kBlock);
  EXPECT_EQ(BlockWriter::block_end(kBlock + 1), 2 * kBlock);
}

// Of every length around a block's and around the buffer's, one behind the other.
TEST_F(BlockWriterTest, AppendsGoOnWhereTheLastEnded) {
  std::string expected;
  unsigned seed = 0;
  for (const size_t size : std::initializer_list<size_t>{
           1, 4095, 4096, 4097, 8, 512 << 10, (512 << 10) - 17, 3, (1 << 20) + 5000, 4096}) {
    const std::string a = noise(size / 2, ++seed), b = noise(size - size / 2, ++seed);
    ASSERT_TRUE(write(expected.size(), {a, "", b}));
    expected += a + b;
    ASSERT_EQ(contents(), padded(expected)) << size;
  }
}

TEST_F(BlockWriterTest, KeepsWhatAnotherWroteBefore) {
  const std::string before = noise(5000, 1);
  ASSERT_TRUE(file_->write_at(0, as_bytes(before)));
  ASSERT_TRUE(write(5000, {"new"}));
  EXPECT_EQ(contents(), padded(before + "new"));
}

TEST_F(BlockWriterTest, ReadsAgainWhereItDidNotEnd) {
  ASSERT_TRUE(write(0, {"aaaabbbb"}));
  ASSERT_TRUE(write(4, {"cc"}));
  EXPECT_EQ(contents(), padded("aaaacc"));
}

TEST_F(BlockWriterTest, ForgetsWhatOthersChanged) {
  ASSERT_TRUE(write(0, {"aaaa"}));
  ASSERT_TRUE(file_->write_at(0, as_bytes("zz")));
  writer_.forget();
  ASSERT_TRUE(write(4, {"bb"}));
  EXPECT_EQ(contents(), padded("zzaabb"));
}

TEST_F(BlockWriterTest, AnotherFileBeginsAnew) {
  ASSERT_TRUE(write(0, {"aaaa"}));
  std::filesystem::rename(root_ + "/f", root_ + "/g");
  const std::unique_ptr<os::File> first = std::move(file_);
  open();
  ASSERT_TRUE(file_->write_at(0, as_bytes("1234")));
  ASSERT_TRUE(write(4, {"56"}));
  EXPECT_EQ(contents(), padded("123456"));
}

TEST(BlockWriterOnABadDisk, IsRightAgainAfterAFailedWrite) {
  os::FakeDisk disk;
  auto file = disk.open("/data/f", os::OpenMode::kCreate);
  ASSERT_TRUE(file);
  BlockWriter writer;
  const std::string kept = "kept", lost = noise(6000, 1), next = "next";
  const ByteSpan kept_part = as_bytes(kept), lost_part = as_bytes(lost),
                 next_part = as_bytes(next);
  ASSERT_TRUE(writer.write(**file, 0, {&kept_part, 1}));
  disk.fail_writes(0, 1);
  EXPECT_EQ(writer.write(**file, 4, {&lost_part, 1}).code(), Code::kUnavailable);
  ASSERT_TRUE(writer.write(**file, 4, {&next_part, 1}));
  auto text = os::read_file(disk, "/data/f");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->substr(0, kBlock), padded("keptnext"));
}

}  // namespace
}  // namespace flawless::journal
