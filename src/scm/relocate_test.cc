#include "scm/relocate.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scm/tree.h"

namespace flawless::scm {
namespace {

using How = Relocation::How;
using Lines = std::vector<std::string_view>;

Relocation find(const Lines& lines, uint32_t number, std::string_view text,
                const Lines& before = {}, const Lines& after = {}) {
  return relocate(lines, {number, text, before, after});
}

void expect(const Relocation& found, How how, uint32_t line) {
  EXPECT_EQ(found.how, how);
  EXPECT_EQ(found.line, line);
}

const Lines kFile = {"def a():", "    x = one()", "    return x", "",
                     "def b():", "    y = two()", "    return x"};

TEST(Relocate, TakesTheNumberWhenTheTextAgrees) {
  expect(find(kFile, 2, "x = one()"), How::kExact, 2);
  expect(find(kFile, 2, "\tx  =  one() \r"), How::kExact, 2);
  // Also when the same text stands elsewhere.
  expect(find(kFile, 7, "return x"), How::kExact, 7);
}

TEST(Relocate, FindsAMovedLineThatIsAlone) {
  expect(find(kFile, 4, "y = two()"), How::kMoved, 6);
  expect(find(kFile, 60, "y = two()"), How::kMoved, 6);
  EXPECT_LT(find(kFile, 4, "y = two()").confidence(), find(kFile, 6, "y = two()").confidence());
}

TEST(Relocate, AsksTheNeighboursWhenThereAreSeveral) {
  expect(find(kFile, 5, "return x"), How::kNone, 0);
  expect(find(kFile, 5, "return x", {"y = two()"}), How::kContext, 7);
  expect(find(kFile, 5, "return x", {"x = one()"}, {"", "def b():"}), How::kContext, 3);
  expect(find(kFile, 5, "return x", {"z = three()"}), How::kNone, 0);
}

TEST(Relocate, DoesNotMoveALineThatSaysNothing) {
  const Lines lines = {"if (a) {", "  go();", "}"};
  expect(find(lines, 3, "}"), How::kExact, 3);
  expect(find(lines, 1, "}"), How::kNone, 0);
  expect(find(lines, 1, "}", {"go();"}), How::kContext, 3);
}

TEST(Relocate, GivesUpOnWhatIsGoneOrFar) {
  expect(find(kFile, 2, "x = other()"), How::kNone, 0);
  expect(find(kFile, 0, "x = other()"), How::kNone, 0);
  Lines far(500, "filler");
  far[449] = "x = one()";
  expect(find(far, 249, "x = one()"), How::kNone, 0);
  expect(find(far, 250, "x = one()"), How::kMoved, 450);
  expect(find({}, 1, "x = one()"), How::kNone, 0);
  expect(find(kFile, 4'294'967'295U, "x = one()"), How::kNone, 0);
}

TEST(Relocate, WithoutTextOnlyTheNumberSpeaks) {
  expect(find(kFile, 7, "  "), How::kUnchecked, 7);
  expect(find(kFile, 8, ""), How::kNone, 0);
  expect(find(kFile, 0, ""), How::kNone, 0);
}

TEST(Relocate, KnowsTextThatWasCutShort) {
  const std::string whole = "call(" + std::string(100, 'a') + ", " + std::string(100, 'b') + ")";
  const Lines lines = {"x", whole};
  expect(find(lines, 2, whole.substr(0, 80) + "..."), How::kExact, 2);
  expect(find(lines, 1, whole.substr(0, 80) + " …"), How::kMoved, 2);
  expect(find({"x", "print(...)"}, 2, "pri..."), How::kNone, 0);
}

TEST(SplitLines, CountsLikeGit) {
  EXPECT_EQ(split_lines(""), Lines{});
  EXPECT_EQ(split_lines("a\n\nb"), (Lines{"a", "", "b"}));
  EXPECT_EQ(split_lines("a\r\nb\r\n"), (Lines{"a", "b"}));
}

}  // namespace
}  // namespace flawless::scm
