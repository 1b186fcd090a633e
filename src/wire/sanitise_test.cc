#include "wire/sanitise.h"

#include <gtest/gtest.h>

#include "wire/json_error.h"

namespace flawless::wire {
namespace {

std::string cleaned(std::string_view text) {
  Buffer out;
  sanitise(text, out);
  return std::string(out.view());
}

TEST(Sanitise, LeavesGoodJsonAsItIs) {
  std::string text =
      R"( {"a":[1,-2.5e+3,true,null,"\"\\\/\b\f\n\r\t\u00e9 \ud83d\ude00"],"NaN":"Infinity ü 漢 😀"} )";
  EXPECT_EQ(cleaned(text), text);
}

TEST(Sanitise, StripsByteOrderMarks) {
  EXPECT_EQ(cleaned("\xef\xbb\xbf{}"), "{}");
  EXPECT_EQ(cleaned("\xef\xbb\xbf\xef\xbb\xbf{}"), "{}");
}

TEST(Sanitise, ReplacesInvalidUtf8) {
  EXPECT_EQ(cleaned("\"a\xff\xc3\"").size(),
            std::string_view("\"a\xef\xbf\xbd\xef\xbf\xbd\"").size());
  EXPECT_EQ(cleaned("\"\xe2\x82\""), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(cleaned("\"\xed\xa0\x80\""), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"")
      << "encoded surrogate";
}

TEST(Sanitise, EscapesControlCharactersInStringsOnly) {
  EXPECT_EQ(cleaned("[\"a\nb\x01\",\n1]"), "[\"a\\u000ab\\u0001\",\n1]");
}

TEST(Sanitise, ReplacesLoneSurrogates) {
  EXPECT_EQ(cleaned(R"("\ud83d")"), R"("\ufffd")");
  EXPECT_EQ(cleaned(R"("\ude00x")"), R"("\ufffdx")");
  EXPECT_EQ(cleaned(R"("\ud83d\u0041")"), R"("\ufffd\u0041")");
  EXPECT_EQ(cleaned(R"("\ud83d\ud83d\ude00")"), R"("\ufffd\ud83d\ude00")");
}

TEST(Sanitise, DoublesTheBackslashOfUnknownEscapes) {
  EXPECT_EQ(cleaned(R"("C:\src\x41\u12")"), R"("C:\\src\\x41\\u12")");
}

TEST(Sanitise, NumbersThatAreNone) {
  EXPECT_EQ(cleaned("[NaN,Infinity,-Infinity,-1]"), "[null,null,null,-1]");
}

TEST(Sanitise, NumbersOutOfRangeBecomeText) {
  EXPECT_EQ(cleaned("[1e400,-1e400,1e300]"), R"(["1e400","-1e400",1e300])");
  EXPECT_EQ(cleaned("[18446744073709551616,18446744073709551615,-9223372036854775809]"),
            R"(["18446744073709551616",18446744073709551615,"-9223372036854775809"])");
}

TEST(Sanitise, GrowsWhenEveryByteDoes) {
  std::string text = "\"" + std::string(100'000, '\x01') + "\"";
  EXPECT_EQ(cleaned(text).size(), 600'002u);
}

TEST(Sanitise, EndsWithAnyInput) {
  for (std::string_view text :
       {"", "\"", "\"\\", "\"\\u", "\"\\ud83d\\u", "-", "N", "Infin", "\xef\xbb"}) {
    EXPECT_GE(cleaned(text).size(), text.size());
  }
}

TEST(FindJsonError, AcceptsWhatIsRight) {
  for (std::string_view text :
       {"{}", " [] ", "\"x\"", "-1.5e-3", R"({"a":{"b":[1,{},[],"x\"]"]},"c":null})",
        "[NaN,-Infinity]", "[1e999,123456789012345678901234567890]"}) {
    EXPECT_EQ(find_json_error(text), "") << text;
  }
}

TEST(FindJsonError, SaysWhereAndWhat) {
  EXPECT_EQ(find_json_error(""), "line 1, column 1: the text is empty");
  EXPECT_EQ(find_json_error("{\"a\":1,\n \"b\" 2}"), "line 2, column 6: expected ':' after a name");
  EXPECT_EQ(find_json_error("[1,,2]"), "line 1, column 4: expected a value");
  EXPECT_EQ(find_json_error("[1 2]"),
            "line 1, column 4: expected ',' or ']' after an element of an array");
  EXPECT_EQ(find_json_error("{'a':1}"), "line 1, column 2: expected a name in double quotes");
  EXPECT_EQ(find_json_error("{\"a\":1,}"), "line 1, column 8: expected a name in double quotes");
  EXPECT_EQ(find_json_error("{\"a\":nul}"), "line 1, column 6: expected a value");
  EXPECT_EQ(find_json_error("{\"a\":01}"), "line 1, column 6: expected a value");
  EXPECT_EQ(find_json_error("{\"a\":\"x"), "line 1, column 6: this string does not end");
  EXPECT_EQ(
      find_json_error("{\"a\":1"),
      "line 1, column 7: the text ends where ',' or '}' after a member of an object was expected");
  EXPECT_EQ(find_json_error("{} x"), "line 1, column 4: something follows the end of the JSON");
}

TEST(FindJsonError, CountsNestingWithoutRecursion) {
  std::string deep(1'000'000, '[');
  EXPECT_EQ(find_json_error(deep),
            "line 1, column 1001: nested too deeply (more than 1000 levels)");
}

}  // namespace
}  // namespace flawless::wire
