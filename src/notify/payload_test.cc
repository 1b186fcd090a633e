#include "notify/payload.h"

#include <gtest/gtest.h>

namespace flawless::notify {
namespace {

store::Message row(std::string key, std::string payload) {
  store::Message message;
  message.key = std::move(key);
  message.payload = std::move(payload);
  return message;
}

TEST(Payload, ReadsWhatIsThere) {
  const Payload payload = read_payload(row(
      "line:17:0", R"({"project":3,"project_name":"shop","item":5,"item_number":49,"occurrence":7,)"
                   R"("path":"a.py","function":"f","text":"  x","line_number":9,"why":"w",)"
                   R"("developer":"d","intended_for":"i","header":"h","left_out":["a","b"]})"));
  EXPECT_EQ(payload.project.v, 3);
  EXPECT_EQ(payload.project_name, "shop");
  EXPECT_EQ(payload.item.v, 5);
  EXPECT_EQ(payload.item_number, 49);
  EXPECT_EQ(payload.occurrence.v, 7);
  EXPECT_EQ(payload.line.v, 17);
  EXPECT_EQ(payload.path + payload.function + payload.text, "a.pyf  x");
  EXPECT_EQ(payload.line_number, 9u);
  EXPECT_EQ(payload.why + payload.developer + payload.intended_for + payload.header, "wdih");
  EXPECT_EQ(payload.left_out, "a, b");
}

TEST(Payload, IsLenient) {
  for (const char* odd : {"", "null", "[]", "{",
                          R"({"project":"x","item":{},"line_number":-1,)"
                          R"("path":null,"left_out":[1,{}]})"}) {
    const Payload payload = read_payload(row("known:4:3:ops@x.example", odd));
    EXPECT_EQ(payload.line.v, 4) << odd;
    EXPECT_EQ(payload.path + payload.left_out, "") << odd;
    EXPECT_EQ(payload.line_number, 0u) << odd;
  }
  EXPECT_EQ(read_payload(row("line:x", R"({"line":8})")).line.v, 8);
}

TEST(Payload, UndeliverableComesBack) {
  Payload of;
  of.project = {3};
  of.project_name = "shop";
  of.item_number = 49;
  const Payload read = read_payload(
      row("undeliverable:1", undeliverable_payload(of, "a@x", "[shop] \"E\"", "550 no\xff")));
  EXPECT_EQ(read.project.v, 3);
  EXPECT_EQ(read.item_number, 49);
  EXPECT_EQ(read.recipient, "a@x");
  EXPECT_EQ(read.subject, "[shop] \"E\"");
  EXPECT_EQ(read.reason, "550 no\uFFFD");
}

}  // namespace
}  // namespace flawless::notify
