#include "triage/title.h"

#include <gtest/gtest.h>

#include "triage/test_events.h"

namespace flawless::triage {
namespace {

TEST(Title, IsTypeAndMessageOfTheExceptionRaisedLast) {
  Event event =
      event_of("python", {exception("ValueError", "bad amount"), exception("KeyError", "x")});
  EXPECT_EQ(title(event), "ValueError: bad amount");
}

TEST(Title, ClientsTitleWins) {
  Event event = event_of("python", {exception("ValueError", "bad amount")});
  event.title = "\n  Checkout broke \nmore";
  EXPECT_EQ(title(event), "Checkout broke");
}

TEST(Title, TakesTheFirstLineThatSaysSomething) {
  Event event;
  event.message = "\n\n  Disk full\ndetails";
  EXPECT_EQ(title(event), "Disk full");
}

TEST(Title, DoesNotRepeatTheClass) {
  EXPECT_EQ(title(event_of("node", {exception("TypeError", "TypeError: x is undefined")})),
            "TypeError: x is undefined");
  EXPECT_EQ(title(event_of("node", {exception("Error", "Error")})), "Error");
}

TEST(Title, SyntheticTypeIsLeftOut) {
  Event event = event_of("cocoa", {exception("SIGABRT", "Fatal: index out of range")});
  event.exceptions[0].synthetic = true;
  EXPECT_EQ(title(event), "Fatal: index out of range");
  event.exceptions[0].message = {};
  EXPECT_EQ(title(event), "SIGABRT");
}

TEST(Title, OfACrashSaysWhere) {
  auto sent = [](std::string_view platform, std::vector<Frame> frames) {
    Event event = event_of(platform, {exception("SIGSEGV", "Segfault.", std::move(frames))});
    event.exceptions[0].synthetic = true;
    return title(event);
  };
  EXPECT_EQ(sent("native", {own("a.cc", "shop::Cart<int>::total(int)"), frame("", "memcpy")}),
            "Segfault in shop::Cart::total");
  EXPECT_EQ(sent("native", {frame("", "start"), frame("", "glDraw"), frame("", "abort")}),
            "Segfault in glDraw");
  EXPECT_EQ(sent("native", {frame("", ""), frame("", "abort")}), "Segfault.");
  EXPECT_EQ(sent("javascript", {own("a.js", "run")}), "Segfault.");
}

TEST(Title, SkipsAppleRegisterContents) {
  EXPECT_EQ(title(event_of("cocoa", {exception("EXC_BAD_ACCESS",
                                               "sharedApplication >\nAttempted to dereference null "
                                               "pointer.")})),
            "EXC_BAD_ACCESS: Attempted to dereference null pointer.");
  EXPECT_EQ(title(event_of("cocoa", {exception("E", "a >")})), "E: a >");
}

TEST(Title, IsCutBetweenCharacters) {
  std::string message;
  for (int i = 0; i < 200; ++i) message += "ü";
  Event event;
  event.message = message;
  std::string text = title(event);
  EXPECT_LE(text.size(), 255u);
  EXPECT_GE(text.size(), 250u);
  EXPECT_TRUE(text.ends_with("ü…"));
  message.assign(255, 'x');
  event.message = message;
  EXPECT_EQ(title(event), message) << "255 bytes fit";
  message += 'x';
  event.message = message;
  EXPECT_EQ(title(event), std::string(252, 'x') + "…");
}

TEST(Title, LongClassAndMessageAreCutTogether) {
  std::string type(300, 'T');
  Event event = event_of("python", {exception(type, "m")});
  EXPECT_EQ(title(event).size(), 255u);
}

TEST(Title, HoldsNoControlCharacters) {
  Event event;
  event.message =
      "a\tb\x01"
      "c";
  EXPECT_EQ(title(event), "a b c");
  Event php =
      event_of("php", {exception(std::string_view("class@anonymous\0/srv/a.php:3$0", 31), "no")});
  EXPECT_EQ(title(php), "class@anonymous: no");
}

TEST(Title, SaysWhatIsKnownWhenThereIsNoText) {
  Event event;
  EXPECT_EQ(title(event), "Report without message");
  event.platform = "python";
  EXPECT_EQ(title(event), "Report without message from python");
  event.context = "shop.views.home";
  EXPECT_EQ(title(event), "Report without message from shop.views.home");
  event.crash_report = "Process: Shop\nException Type:  EXC_BAD_ACCESS (SIGSEGV)\n";
  EXPECT_EQ(title(event), "EXC_BAD_ACCESS (SIGSEGV)");
}

}  // namespace
}  // namespace flawless::triage
