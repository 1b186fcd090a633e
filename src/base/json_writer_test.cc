#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>

namespace flawless {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  JsonWriter json;
  json.object()
      .field("a", 1)
      .key("b")
      .array()
      .value(true)
      .null()
      .object()
      .end()
      .end()
      .field("c", "x")
      .end();
  EXPECT_EQ(json.text(), R"({"a":1,"b":[true,null,{}],"c":"x"})");
}

TEST(JsonWriter, NumbersThatJsonDoesNotKnowAreNull) {
  JsonWriter json;
  json.array()
      .value(std::nan(""))
      .value(HUGE_VAL)
      .value(0.5)
      .value(uint64_t{18446744073709551615U})
      .end();
  EXPECT_EQ(json.text(), "[null,null,0.5,18446744073709551615]");
}

TEST(JsonString, EscapesControlsAndKeepsUnicode) {
  EXPECT_EQ(quoted("a\"b\\c\n\x01\x7f"), R"("a\"b\\c\n\u0001\u007f")");
  EXPECT_EQ(quoted("Zürich 🚀"), "\"Zürich 🚀\"");
}

// Overlong forms, surrogates, lone and cut-off bytes: each bad byte becomes one replacement
// character.
TEST(JsonString, OutputIsAlwaysUtf8) {
  EXPECT_EQ(quoted("\xff"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(quoted("\xc0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(quoted("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(quoted("x\xe2\x82"), "\"x\xef\xbf\xbd\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace flawless
