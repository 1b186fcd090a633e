#include "intake/admission.h"

#include <gtest/gtest.h>

#include "os/fake_disk.h"

namespace flawless::intake {
namespace {

Admission sample() {
  return Admission({{"aa",
                     {.token = {1},
                      .project = {7},
                      .client_only = true,
                      .soft_per_minute = 5,
                      .hard_per_minute = 9}},
                    {"bb", {.token = {2}, .project = {8}, .enabled = false}}});
}

TEST(Admission, TheFileBringsBackEveryGrant) {
  auto read = Admission::parse(sample().serialise());
  ASSERT_TRUE(read.is_ok()) << read.message();
  EXPECT_EQ(read->size(), 2u);
  ASSERT_NE(read->find("aa"), nullptr);
  EXPECT_EQ(*read->find("aa"), *sample().find("aa"));
  EXPECT_EQ(*read->find("bb"), *sample().find("bb"));
  EXPECT_EQ(read->find("cc"), nullptr);
}

// A half-written or edited file must not open or close doors.
TEST(Admission, EveryChangedByteIsNoticed) {
  std::string text = sample().serialise();
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(Admission::parse(changed).code(), Code::kCorrupt) << i;
    EXPECT_EQ(Admission::parse(text.substr(0, i)).code(), Code::kCorrupt) << i;
  }
}

TEST(AdmissionBoard, WhatWasPublishedSurvivesAPowerCut) {
  os::FakeDisk disk;
  AdmissionBoard board(disk, "/data/admission");
  ASSERT_TRUE(board.load().is_ok());
  ASSERT_TRUE(board.publish(sample()).is_ok());
  disk.power_off(os::FakeDisk::Loss::kEverything);
  disk.power_on();
  AdmissionBoard after(disk, "/data/admission");
  ASSERT_TRUE(after.load().is_ok());
  EXPECT_NE(after.current()->find("aa"), nullptr);
}

}  // namespace
}  // namespace flawless::intake
