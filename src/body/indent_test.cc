#include "body/indent.h"

#include <gtest/gtest.h>

namespace flawless::body {
namespace {

TEST(Indent, OneMemberALine) {
  EXPECT_EQ(indent(R"({"a":1,"b":[true,null],"c":{}})"),
            "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    null\n  ],\n  \"c\": {}\n}");
}

TEST(Indent, LeavesStringsAlone) {
  EXPECT_EQ(indent(R"(["{,:]\"[","\\"])"), "[\n  \"{,:]\\\"[\",\n  \"\\\\\"\n]");
}

TEST(Indent, EmptyContainersAndScalars) {
  EXPECT_EQ(indent("[]"), "[]");
  EXPECT_EQ(indent("\"x\""), "\"x\"");
  EXPECT_EQ(indent(""), "");
}

}  // namespace
}  // namespace flawless::body
