#include "event/event.h"

#include <gtest/gtest.h>

namespace flawless {
namespace {

std::string json_of(const Event& event) {
  JsonWriter json;
  write_event(json, event);
  return json.take();
}

TEST(Level, NamesGoBothWaysInAnyLetterCase) {
  for (Level level :
       {Level::kDebug, Level::kInfo, Level::kWarning, Level::kError, Level::kCritical}) {
    EXPECT_EQ(parse_level(level_name(level)), level);
  }
  EXPECT_EQ(parse_level("Fatal"), Level::kCritical);
  EXPECT_EQ(parse_level("WARN"), Level::kWarning);
  EXPECT_EQ(parse_level("log"), Level::kInfo);
  EXPECT_EQ(parse_level("sample"), std::nullopt);
  EXPECT_EQ(parse_level(""), std::nullopt);
}

TEST(Request, FindsHeadersWhateverTheirLetterCase) {
  Request request;
  request.headers = {{"Host", "a"}, {"user-agent", "curl"}};
  EXPECT_EQ(request.header("User-Agent"), "curl");
  EXPECT_EQ(request.header("Accept"), "");
}

TEST(WriteEvent, LeavesOutWhatIsEmpty) { EXPECT_EQ(json_of(Event()), R"({"level":"error"})"); }

TEST(WriteEvent, ShowsFramesWithVariablesAndCuts) {
  Event event;
  Exception& exception = event.exceptions.emplace_back();
  exception.type = "IndexError";
  exception.handled = false;
  Frame& frame = exception.frames.emplace_back();
  frame.path = "shop/banner.py";
  frame.line = 31;
  frame.in_app = true;
  Value cut = Value::string("abc");
  cut.cut = 900;
  frame.variables.push_back({"count", Variable::Role::kArgument, Value::of_integer(3)});
  frame.variables.push_back({"password", Variable::Role::kLocal, Value::scrubbed()});
  frame.variables.push_back({"text", Variable::Role::kLocal, cut});
  EXPECT_EQ(json_of(event),
            R"({"level":"error","exceptions":[{"type":"IndexError","handled":false,"frames":[)"
            R"({"path":"shop/banner.py","line":31,"in_app":true,"variables":[)"
            R"({"name":"count","role":"argument","value":3},)"
            R"({"name":"password","role":"local","value":"[scrubbed]"},)"
            R"({"name":"text","role":"local","value":"abc","cut":900}]}]}]})");
}

TEST(WriteEvent, ShowsWhoWasAffectedAndHow) {
  Event event;
  event.id = *ReportId::parse("6f1c2d3e4b5a69788796a5b4c3d2e1f0");
  event.project = ProjectId{7};
  event.received_at = from_unix_ms(1'700'000'000'123);
  event.browser = "Firefox";
  event.browser_version = "128.0";
  event.person.ip = "10.0.0.1";
  event.request.emplace().method = "GET";
  event.request->headers = {{"Host", "a\"b"}};
  event.tags = {{"region", "eu"}};
  event.breadcrumbs.emplace_back().level = Level::kWarning;
  event.warn("body", "trimmed");
  EXPECT_EQ(json_of(event),
            R"({"id":"6f1c2d3e4b5a69788796a5b4c3d2e1f0","project_id":7,)"
            R"("received_at":"2023-11-14T22:13:20.123Z","level":"error",)"
            R"("browser":{"name":"Firefox","version":"128.0"},)"
            R"("request":{"method":"GET","headers":{"Host":"a\"b"}},"person":{"ip":"10.0.0.1"},)"
            R"("tags":{"region":"eu"},"breadcrumbs":[{"level":"warning"}],)"
            R"("warnings":[{"field":"body","text":"trimmed"}]})");
}

TEST(Event, KeepsTextWhenItIsMoved) {
  Event event;
  {
    std::string text(100'000, 'x');
    event.message = event.keep(text);
    event.host = event.keep("web-3");
  }
  Event moved = std::move(event);
  EXPECT_EQ(moved.message.size(), 100'000u);
  EXPECT_EQ(moved.message.find_first_not_of('x'), std::string_view::npos);
  EXPECT_EQ(moved.host, "web-3");
}

TEST(Arena, ResetKeepsOneBlockAndForgetsTheRest) {
  Arena arena;
  for (int i = 0; i < 100; ++i) arena.copy(std::string(10'000, 'a'));
  EXPECT_EQ(arena.bytes_used(), 1'000'000u);
  arena.reset();
  EXPECT_EQ(arena.bytes_used(), 0u);
  EXPECT_EQ(arena.copy("again"), "again");
}

}  // namespace
}  // namespace flawless
