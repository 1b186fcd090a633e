#include "render/printable.h"

#include <gtest/gtest.h>

namespace flawless::render {
namespace {

TEST(Printable, KeepsTextAndLines) {
  EXPECT_EQ(printable("naïve\n\tcafé 日本 👩‍👧"), "naïve\n\tcafé 日本 👩‍👧");
  EXPECT_EQ(printable("a\r\nb"), "a\nb");
}

TEST(Printable, ShowsWhatCannotBeSeen) {
  EXPECT_EQ(printable(std::string_view("a\0b\x1b[31m\x7f", 9)), "a\\x00b\\x1b[31m\\x7f");
  EXPECT_EQ(printable("a\rb"), "a\\x0db");
  EXPECT_EQ(printable("\u202etxt.exe\u2066\u2028\u0085"), "\\u202etxt.exe\\u2066\\u2028\\x85");
}

TEST(Printable, RepairsBytesThatAreNoText) {
  EXPECT_EQ(printable("a\xffz"), "a\uFFFDz");
  EXPECT_EQ(printable("\xe6\x97"), "\uFFFD\uFFFD");
}

TEST(OneLine, HasNoLineBreakOfAnyKind) {
  EXPECT_EQ(one_line("  a\r\n\tb \n c\u2028d "), "a b c\\u2028d");
}

TEST(Shorten, SaysHowMuchIsLeftOut) {
  EXPECT_EQ(shorten("short", 10), "short");
  EXPECT_EQ(shorten(std::string(2000, 'a'), 4), "aaaa… (1,996 more bytes)");
  EXPECT_EQ(shorten("ab", 10, 5), "ab… (5 more bytes)");
}

TEST(Shorten, CutsNoCharacter) { EXPECT_EQ(shorten("日本", 4), "日… (3 more bytes)"); }

TEST(Clip, CountsCharacters) {
  EXPECT_EQ(clip("日本語", 3), "日本語");
  EXPECT_EQ(clip("日本語で", 3), "日本…");
}

TEST(Grouped, ThreeDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(counted(1, "person", "people"), "1 person");
  EXPECT_EQ(counted(2, "person", "people"), "2 people");
}

}  // namespace
}  // namespace flawless::render
