#include "triage/scrub.h"

#include <gtest/gtest.h>

#include <string>

#include "triage/test_events.h"

namespace flawless::triage {
namespace {

const Scrubber& defaults() {
  static const Scrubber scrubber{ScrubRules{}};
  return scrubber;
}

Value object(std::vector<Member> members) {
  Value value;
  value.kind = Value::Kind::kObject;
  value.members = std::move(members);
  return value;
}
Value list(std::vector<Value> values) {
  Value value;
  value.kind = Value::Kind::kArray;
  for (Value& entry : values) value.members.push_back({{}, std::move(entry)});
  return value;
}
std::string json(const Value& value) {
  JsonWriter writer;
  write_value(writer, value);
  return writer.take();
}
std::string scrubbed(Value value) {
  Arena arena;
  defaults().scrub(value, arena);
  return json(value);
}

TEST(ScrubValue, ByNameAtAnyDepth) {
  EXPECT_EQ(
      scrubbed(object(
          {{"user", Value::string("anna")},
           {"db", object({{"password", Value::string("x")}, {"port", Value::of_integer(5)}})},
           {"cards", list({object({{"card_number", Value::of_integer(4111)}})})}})),
      R"({"user":"anna","db":{"password":"[scrubbed]","port":5},"cards":[{"card_number":"[scrubbed]"}]})");
}

TEST(ScrubValue, EmptyValuesStay) {
  EXPECT_EQ(scrubbed(object({{"token", Value()},
                             {"password", Value::string("")},
                             {"secret", Value::boolean(true)},
                             {"auth_token", Value::string("None")},
                             {"pw", Value::string("*****")}})),
            R"({"token":null,"password":"","secret":true,"auth_token":"None","pw":"*****"})");
}

TEST(ScrubValue, SessionIsLookedInto) {
  EXPECT_EQ(
      scrubbed(object(
          {{"session", object({{"cart", Value::of_integer(3)}, {"csrf", Value::string("x")}})},
           {"credentials", object({{"cart", Value::of_integer(3)}})}})),
      R"({"session":{"cart":3,"csrf":"[scrubbed]"},"credentials":"[scrubbed]"})");
}

TEST(ScrubValue, PairsNamedValuesAndArguments) {
  EXPECT_EQ(scrubbed(list({list({Value::string("X-Api-Key"), Value::string("k")}),
                           list({Value::string("Host"), Value::string("h")})})),
            R"([["X-Api-Key","[scrubbed]"],["Host","h"]])");
  EXPECT_EQ(scrubbed(list({list({Value::string("postgres://u:hunter2@h/db"), Value::string("b")}),
                           list({Value::string("password=hunter2"), Value::string("b")}),
                           list({Value::string("curl --token hunter2"), Value::string("b")})})),
            R"([["postgres://u:[scrubbed]@h/db","b"],["password=[scrubbed]","[scrubbed]"],)"
            R"(["curl --token [scrubbed]","b"]])");
  EXPECT_EQ(scrubbed(object({{"name", Value::string("password")}, {"value", Value::string("x")}})),
            R"({"name":"password","value":"[scrubbed]"})");
  EXPECT_EQ(scrubbed(list({
                object({{"Name", Value::string("Cookie")}, {"Value", Value::string("x")}}),
                object({{"KEY", Value::string("pw")}, {"value", Value::string("x")}}),
            })),
            R"([{"Name":"Cookie","Value":"[scrubbed]"},{"KEY":"pw","value":"[scrubbed]"}])");
  EXPECT_EQ(scrubbed(object({{"value", Value::string("x")},
                             {"name", Value::string("pin pw")},
                             {"raw", Value::string("pw=x&a=b")}})),
            R"({"value":"[scrubbed]","name":"pin pw","raw":"pw=[scrubbed]&a=b"})");
  EXPECT_EQ(scrubbed(list({Value::string("run"), Value::string("--password"), Value::string("x"),
                           Value::string("--token=y"), Value::string("z")})),
            R"(["run","--password","[scrubbed]","--token=[scrubbed]","z"])");
  EXPECT_EQ(scrubbed(list({Value::string("'run'"), Value::string("'--password'"),
                           Value::string("'x'"), Value::string("\"-pw\""), Value::string("'y'"),
                           Value::string("b'--pin-pw'"), Value::string("b'z'"),
                           Value::string("'token'"), Value::string("'z'")})),
            R"(["'run'","'--password'","[scrubbed]","\"-pw\"","[scrubbed]",)"
            R"("b'--pin-pw'","[scrubbed]","'token'","'z'"])");
}

TEST(ScrubValue, CookiesWithoutAName) {
  EXPECT_EQ(scrubbed(object({{"cookie", Value::string("opaque")},
                             {"session_cookie", Value::string("opaque")},
                             {"HTTP_COOKIE", Value::string("a=b; opaque")},
                             {"Set-Cookie", Value::string("opaque; Path=/; Secure")},
                             {"cookies", Value::string("opaque")},
                             {"has_cookie", Value::string("true")}})),
            R"({"cookie":"[scrubbed]","session_cookie":"[scrubbed]",)"
            R"("HTTP_COOKIE":"a=[scrubbed]; [scrubbed]","Set-Cookie":"[scrubbed]; Path=/; Secure",)"
            R"("cookies":"[scrubbed]","has_cookie":"true"})");
  EXPECT_EQ(scrubbed(list({list({Value::string("Cookie"), Value::string("opaque")})})),
            R"([["Cookie","[scrubbed]"]])");
  Event event;
  event.request.emplace().headers = {{"Cookie", "opaque"}};
  defaults().scrub(event);
  EXPECT_EQ(event.request->headers[0].second, "[scrubbed]");
}

TEST(ScrubValue, UrlsAsNames) {
  EXPECT_EQ(scrubbed(object({{"https://h/?token=x", Value::of_integer(1)}})),
            R"({"https://h/?token=[scrubbed]":1})");
}

TEST(ScrubValue, PositionalArgumentsOfRawFramesGoByTheirParametersNames) {
  const Value args = list({Value::string("ann"), Value::string("hunter2"), Value::string("more")});
  const Value argspec = list({Value::string("user"), Value::string("password")});
  EXPECT_EQ(
      scrubbed(object({{"lineno", Value::of_integer(3)}, {"args", args}, {"argspec", argspec}})),
      R"({"lineno":3,"args":["ann","[scrubbed]","more"],"argspec":["user","password"]})");
}

TEST(ScrubValue, SourceCodeOfRawFramesStays) {
  EXPECT_EQ(
      scrubbed(object({{"lineno", Value::of_integer(3)},
                       {"code", Value::string("login(password='x')")},
                       {"locals", object({{"password", Value::string("x")}})}})),
      R"json({"lineno":3,"code":"login(password='x')","locals":{"password":"[scrubbed]"}})json");
  EXPECT_EQ(scrubbed(object({{"path", Value::string("/srv/pw=x/a.py")},
                             {"line", Value::of_integer(3)},
                             {"code", Value::string("login(password='x')")},
                             {"code_after", list({Value::string("token = 'x'")})}})),
            R"json({"path":"/srv/pw=x/a.py","line":3,"code":"login(password='x')",)json"
            R"json("code_after":["token = 'x'"]})json");
}

Event full_event() {
  Event event = event_of(
      "python", {exception("E", "GET http://u:p@h/ failed", {own("a.py", "f", "password = 'x'")})});
  Variable variable;
  variable.name = "password";
  variable.value = Value::string("hunter2");
  event.exceptions[0].frames[0].variables.push_back(variable);
  variable.name = "form";
  variable.value = Value::string("{'password': 'hunter2'}");
  event.exceptions[0].frames[0].variables.push_back(variable);
  event.request.emplace();
  event.request->url = "https://h/login?token=abc";
  event.request->query = "token=abc&page=1";
  event.request->headers = {{"Cookie", "sid=abc; theme=dark; empty="},
                            {"Authorization", "Basic YTpi"},
                            {"X-Api-Key", "abc"},
                            {"Set-Cookie", "sid=abc; Path=/; HttpOnly"},
                            {"Referer", "https://h/?password=x"},
                            {"X-Forwarded-For", "10.0.0.1"}};
  event.request->cookies = object({{"theme", Value::string("dark")}});
  event.request->body = Value::string("user=anna&password=x");
  event.person.email = "anna@example.org";
  event.person.extra = object({{"ssn", Value::string("078-05-1120")}});
  event.tags = {{"auth_token", "abc"}, {"region", "eu"}};
  event.custom = object({{"dsn", Value::string("mysql://root:toor@db/x")}});
  event.contexts = object({{"app", object({{"api_key", Value::string("k")}})}});
  event.server = object({{"argv", list({Value::string("--password=x")})}});
  Breadcrumb crumb;
  crumb.message = "POST /login?token=abc";
  crumb.data = object({{"url", Value::string("http://h/?secret=s")}});
  event.breadcrumbs.push_back(crumb);
  return event;
}

TEST(ScrubEvent, EveryPlaceIsCovered) {
  Event event = full_event();
  defaults().scrub(event);
  const Frame& frame = event.exceptions[0].frames[0];
  EXPECT_EQ(event.exceptions[0].message, "GET http://u:[scrubbed]@h/ failed");
  EXPECT_EQ(frame.variables[0].value.kind, Value::Kind::kScrubbed);
  EXPECT_EQ(frame.variables[1].value.text, "{'password': '[scrubbed]'}");
  EXPECT_EQ(frame.code, "password = 'x'") << "source code is no report of values";
  const Request& request = *event.request;
  EXPECT_EQ(request.url, "https://h/login?token=[scrubbed]");
  EXPECT_EQ(request.query, "token=[scrubbed]&page=1");
  EXPECT_EQ(request.headers[0].second, "sid=[scrubbed]; theme=[scrubbed]; empty=");
  EXPECT_EQ(request.headers[1].second, "Basic [scrubbed]");
  EXPECT_EQ(request.headers[2].second, "[scrubbed]");
  EXPECT_EQ(request.headers[3].second, "sid=[scrubbed]; Path=/; HttpOnly");
  EXPECT_EQ(request.headers[4].second, "https://h/?password=[scrubbed]");
  EXPECT_EQ(request.headers[5].second, "10.0.0.1");
  EXPECT_EQ(json(request.cookies), R"({"theme":"[scrubbed]"})");
  EXPECT_EQ(request.body.text, "user=anna&password=[scrubbed]");
  EXPECT_EQ(event.person.email, "anna@example.org");
  EXPECT_EQ(json(event.person.extra), R"({"ssn":"[scrubbed]"})");
  EXPECT_EQ(event.tags[0].second, "[scrubbed]");
  EXPECT_EQ(event.tags[1].second, "eu");
  EXPECT_EQ(json(event.custom), R"({"dsn":"mysql://root:[scrubbed]@db/x"})");
  EXPECT_EQ(json(event.contexts), R"({"app":{"api_key":"[scrubbed]"}})");
  EXPECT_EQ(json(event.server), R"({"argv":["--password=[scrubbed]"]})");
  EXPECT_EQ(event.breadcrumbs[0].message, "POST /login?token=[scrubbed]");
  EXPECT_EQ(json(event.breadcrumbs[0].data), R"({"url":"http://h/?secret=[scrubbed]"})");
}

// A script's path is its URL, and paths become culprits, titles and searched text.
TEST(ScrubEvent, FramesNameNoSecretOfTheirUrl) {
  Frame script = frame("https://u:pw12345@cdn.example/app.js?token=hunter2&v=3", "run");
  script.abs_path = "https://cdn.example/app.js?token=hunter2";
  Frame file = frame("C:/shop/password=x/cart.py", "total");
  Event event = event_of("javascript", {exception("TypeError", "x", {script, file})});
  event.threads.emplace_back().frames = {script};
  event.message_template = "GET /?token=hunter2 by %s";
  defaults().scrub(event);
  const std::vector<Frame>& frames = event.exceptions[0].frames;
  EXPECT_EQ(frames[0].path, "https://u:[scrubbed]@cdn.example/app.js?token=[scrubbed]&v=3");
  EXPECT_EQ(frames[0].abs_path, "https://cdn.example/app.js?token=[scrubbed]");
  EXPECT_EQ(frames[1].path, "C:/shop/password=x/cart.py") << "no URL, no text";
  EXPECT_EQ(event.threads[0].frames[0].path, frames[0].path);
  EXPECT_EQ(event.message_template, "GET /?token=[scrubbed] by %s");
}

TEST(ScrubEvent, IsIdempotent) {
  Event event = full_event();
  defaults().scrub(event);
  size_t bytes = event.arena.bytes_used();
  defaults().scrub(event);
  EXPECT_EQ(event.arena.bytes_used(), bytes) << "nothing was rewritten";
}

}  // namespace
}  // namespace flawless::triage
