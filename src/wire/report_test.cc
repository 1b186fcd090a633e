#include "wire/report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "wire/limits.h"

namespace flawless::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

const Arrival kArrival{{}, ProjectId{7}, {}, "203.0.113.7"};

// Bodies and what is made of them, kept alive for the views.
class Report : public testing::Test {
 protected:
  Result<Inspection> inspected(Protocol protocol, std::string_view text) {
    body_.assign(text);
    return inspect(protocol, body_.view(), parser_);
  }
  Event event(Protocol protocol, std::string_view text, Detail detail = Detail::kFull) {
    body_.assign(text);
    auto event = read_event(protocol, body_.view(), detail, kArrival, parser_);
    EXPECT_TRUE(event.is_ok()) << event.message();
    return event ? std::move(*event) : Event();
  }
  std::string error(Protocol protocol, std::string_view text) {
    auto inspection = inspected(protocol, text);
    EXPECT_EQ(inspection.code(), Code::kInvalid) << text;
    return inspection.message();
  }
  Event rollbar(std::string_view data) {
    return event(Protocol::kRollbar, "{\"data\":" + std::string(data) + "}");
  }
  Event sentry(std::string_view text) { return event(Protocol::kSentryStore, text); }

  Buffer body_;
  Parser parser_;
};

std::string warnings_of(const Event& event) {
  std::string out;
  for (const Warning& w : event.warnings)
    out += std::string(w.field) + ": " + std::string(w.text) + "\n";
  return out;
}

std::string frames_json(size_t count, const char* key) {
  JsonWriter json;
  json.array();
  for (size_t i = 0; i < count; ++i)
    json.object().field("filename", "f.py").field(key, uint64_t(i + 1)).end();
  json.end();
  return json.take();
}

// --- Rollbar ---

TEST_F(Report, RollbarTellsTokenIdAndPlatform) {
  auto seen =
      inspected(Protocol::kRollbar,
                R"({"access_token":"t1","data":{"uuid":"u-1","platform":"browser","body":{}}})");
  ASSERT_TRUE(seen.is_ok()) << seen.message();
  EXPECT_EQ(seen->access_token, "t1");
  EXPECT_EQ(seen->id, "u-1");
  EXPECT_EQ(seen->platform, "browser");
  EXPECT_FALSE(seen->sanitised);
}

TEST_F(Report, RollbarReadsAForm) {
  std::string form =
      "payload=%7B%22data%22%3A%7B%22body%22%3A%7B%22message%22%3A%7B%22body%22%3A%22a+b%2Bc%22%7D%"
      "7D%7D%7D&access_token=t%2F2";
  auto seen = inspected(Protocol::kRollbar, form);
  ASSERT_TRUE(seen.is_ok()) << seen.message();
  EXPECT_EQ(seen->access_token, "t/2");
  EXPECT_EQ(event(Protocol::kRollbar, form).message, "a b+c");
}

TEST_F(Report, RollbarSaysWhatIsMissing) {
  EXPECT_THAT(error(Protocol::kRollbar, "{}"), HasSubstr("no \"data\""));
  EXPECT_THAT(error(Protocol::kRollbar, R"({"data":[]})"),
              HasSubstr("must be an object, not a list"));
  EXPECT_THAT(error(Protocol::kRollbar, R"({"data":{}})"), HasSubstr("no \"body\""));
  EXPECT_THAT(error(Protocol::kRollbar, R"({"data":{"body":"x"}})"), HasSubstr("not a string"));
  EXPECT_THAT(error(Protocol::kRollbar, "hello"), HasSubstr("payload"));
  EXPECT_THAT(error(Protocol::kRollbar, ""), HasSubstr("payload"));
  EXPECT_THAT(error(Protocol::kRollbar, "{\"data\":\n{\"body\":}}"),
              HasSubstr("line 2, column 9: expected a value"));
}

TEST_F(Report, RollbarDefaultsOfLevelAndEnvironment) {
  Event message = rollbar(R"({"body":{"message":{"body":"x"}}})");
  EXPECT_EQ(message.level, Level::kInfo);
  EXPECT_FALSE(message.level_sent);
  EXPECT_EQ(message.environment, "production");
  EXPECT_THAT(warnings_of(message), HasSubstr("data.environment: missing"));
  EXPECT_EQ(rollbar(R"({"body":{"trace":{"frames":[],"exception":{"class":"E"}}}})").level,
            Level::kError);
}

TEST_F(Report, RollbarArgumentsKeepTheOrderOfTheSignature) {
  Event read = rollbar(
      R"({"environment":"x","body":{"trace":{"exception":{"class":"E"},"frames":[{"filename":"a.py",
      "argspec":["b","a","gone"],"varargspec":"rest","locals":{"a":1,"z":2,"rest":[3],"b":4}}]}}})");
  std::vector<std::pair<std::string, std::string>> seen;
  for (const Variable& v : read.exceptions[0].frames[0].variables) {
    seen.emplace_back(v.name, std::string(role_name(v.role)) + (v.value.is_null() ? " null" : ""));
  }
  EXPECT_THAT(
      seen, ElementsAre(Pair("b", "argument"), Pair("a", "argument"), Pair("gone", "argument null"),
                        Pair("rest", "varargs"), Pair("z", "local")));
}

TEST_F(Report, RollbarCodeVersionHasThreePlaces) {
  EXPECT_EQ(rollbar(R"({"code_version":"1","server":{"code_version":"2"},"body":{}})").release,
            "1");
  EXPECT_EQ(
      rollbar(
          R"({"server":{"code_version":2},"client":{"javascript":{"code_version":"3"}},"body":{}})")
          .release,
      "2");
  EXPECT_EQ(rollbar(R"({"client":{"javascript":{"code_version":"3"}},"body":{}})").release, "3");
}

TEST_F(Report, RollbarBrowserSaysItsOwnWayThatNobodyCaughtIt) {
  Event read = rollbar(R"({"environment":"x","platform":"browser","endpoint":"https://a/api/1/item/",
      "notifier":{"name":"rollbar-browser-js","version":"2.26.4","diagnostic":{"is_uncaught":true}},
      "client":{"timestamp":1796088836},"body":{"trace":{"frames":[],
      "exception":{"class":"E","message":"no","description":"Uncaught E: no"}}}})");
  EXPECT_EQ(read.exceptions[0].handled, false);
  EXPECT_FALSE(read.occurred_at.has_value()) << "whole seconds of the browser's clock: no time";
  EXPECT_TRUE(read.custom.is_null()) << "neither is the application's data";
  read = rollbar(R"({"environment":"x","endpoint":"/checkout","body":{"message":{"body":"m"}}})");
  ASSERT_NE(read.custom.find("endpoint"), nullptr) << "this one is";
}

// A bare "Cart.java" can be any package's: what blames the line must know the class.
TEST_F(Report, RollbarQualifiedClassIsTheModule) {
  Event read = rollbar(
      R"({"environment":"x","body":{"trace":{"exception":{"class":"E"},"frames":[
      {"filename":"Cart.java","class_name":"com.shop.Cart$Line","method":"add"},
      {"filename":"cart.rb","class_name":"Cart","method":"add"},
      {"filename":"cart.php","class_name":"App\\Cart","method":"add"}]}}})");
  const std::vector<Frame>& frames = read.exceptions[0].frames;
  EXPECT_EQ(frames[0].class_name, "com.shop.Cart$Line");
  EXPECT_EQ(frames[0].module, "com.shop.Cart$Line");
  EXPECT_EQ(frames[1].module, "");
  EXPECT_EQ(frames[2].module, "");
}

TEST_F(Report, RollbarThreadsMayHaveSeveralGroups) {
  Event read = rollbar(R"({"environment":"x","body":{"threads":[{"id":"1","group":[
      {"trace_chain":[{"frames":[]}]},{"trace_chain":[{"frames":[{"filename":"A.java"}]}]}]}]}})");
  ASSERT_EQ(read.threads.size(), 1u);
  ASSERT_EQ(read.threads[0].frames.size(), 1u);
  EXPECT_EQ(read.threads[0].frames[0].path, "A.java");
}

TEST_F(Report, RollbarDescriptionBesideAMessageIsKept) {
  auto read = [&](std::string_view exception) {
    return rollbar(R"({"environment":"x","custom":{"order":17},"body":{"trace_chain":[)"
                   R"({"frames":[],"exception":)" +
                   std::string(exception) + "}]}}");
  };
  Event both = read(R"({"class":"E","description":"front page","message":"no banner"})");
  EXPECT_EQ(both.exceptions[0].message, "no banner");
  ASSERT_NE(both.custom.find("description"), nullptr);
  EXPECT_EQ(both.custom.find("description")->text, "front page");
  EXPECT_NE(both.custom.find("order"), nullptr);
  Event only = read(R"({"class":"E","description":"front page"})");
  EXPECT_EQ(only.exceptions[0].message, "front page");
  EXPECT_EQ(only.custom.find("description"), nullptr);
}

// They begin with the innermost frame, against the format's word.
TEST_F(Report, RollbarStacksOfGoNotifiersAreTurnedRound) {
  auto outermost = [&](std::string_view notifier) {
    Event read = rollbar(
        R"({"environment":"x","language":"go","body":{"trace_chain":[{"frames":[)"
        R"({"filename":"main.go","method":"main.pick"},)"
        R"({"filename":"main.go","method":"main.main"}]}]},"notifier":{"name":")" +
        std::string(notifier) + "\"}}");
    return std::string(read.exceptions[0].frames[0].function);
  };
  EXPECT_EQ(outermost("rollbar/rollbar-go"), "main.main");
  EXPECT_EQ(outermost("rollbar-go"), "main.main");
  EXPECT_EQ(outermost("go-rollbar"), "main.main");
  EXPECT_EQ(outermost("our own"), "main.pick") << "as the format has it";
}

TEST_F(Report, SentryRuntimeContextMayHaveAnotherName) {
  EXPECT_EQ(sentry(R"({"contexts":{"device":{"type":"device","name":"x"},)"
                   R"("rust":{"type":"runtime","name":"rustc","version":"1.95.0"}}})")
                .language,
            "rustc 1.95.0");
}

TEST_F(Report, WrongKindsAreLeftOutWithAWarning) {
  Event read =
      rollbar(R"({"environment":["x"],"level":"loud","timestamp":"soon","person":"ann","server":7,
      "request":[],"custom":"note","body":{"trace":{"frames":{"a":1},"exception":"E"}}})");
  EXPECT_EQ(read.level, Level::kError);
  EXPECT_EQ(read.occurred_at, std::nullopt);
  EXPECT_EQ(read.custom.find("custom")->text, "note");
  std::string warnings = warnings_of(read);
  for (const char* field :
       {"data.environment", "data.level", "data.timestamp", "data.person", "data.server",
        "data.request", "data.body.trace.frames", "data.body.trace.exception"}) {
    EXPECT_THAT(warnings, HasSubstr(field));
  }
}

TEST_F(Report, ArrivalIdWinsOverTheBodys) {
  Arrival arrival = kArrival;
  arrival.id = *ReportId::parse("000102030405060708090a0b0c0d0e0f");
  body_.assign(R"({"event_id":"ffffffffffffffffffffffffffffffff"})");
  EXPECT_EQ(read_event(Protocol::kSentryStore, body_.view(), Detail::kIndex, arrival, parser_)->id,
            arrival.id);
}

// --- Sentry ---

TEST_F(Report, StoreTakesBase64AndBase64OfZlib) {
  EXPECT_EQ(event(Protocol::kSentryStore, "eyJtZXNzYWdlIjoiaGkifQ==").message, "hi");
  EXPECT_EQ(event(Protocol::kSentryStore, "eJyrVspNLS5OTE9VslLKyFSqBQAwSwVx").message, "hi");
  EXPECT_THAT(error(Protocol::kSentryStore, "%%%"), HasSubstr("base64"));
  EXPECT_THAT(error(Protocol::kSentryStore, "aGVsbG8gd29ybGQh"),
              HasSubstr("inside the base64 text"));
}

TEST_F(Report, StoreOfATransactionCarriesNoEvent) {
  auto seen = inspected(Protocol::kSentryStore, R"({"type":"transaction","spans":[]})");
  EXPECT_FALSE(seen->has_event);
  EXPECT_EQ(seen->skipped_items, 1u);
}

TEST_F(Report, ExceptionsComeRaisedLastFirst) {
  Event read = sentry(R"({"exception":{"values":[{"type":"Cause"},null,{"type":"Raised"}]}})");
  ASSERT_EQ(read.exceptions.size(), 2u);
  EXPECT_EQ(read.exceptions[0].type, "Raised");
  EXPECT_EQ(read.exceptions[1].type, "Cause");
}

TEST_F(Report, ExceptionGroupsFollowTheirNumbers) {
  Event read = sentry(R"({"exception":{"values":[
      {"type":"Group","mechanism":{"exception_id":0,"is_exception_group":true}},
      {"type":"First","mechanism":{"exception_id":1,"parent_id":0}},
      {"type":"Second","mechanism":{"exception_id":2,"parent_id":0}}]}})");
  EXPECT_EQ(read.exceptions[0].type, "Group");
  EXPECT_EQ(read.exceptions[2].type, "Second");
}

// Of Java: what failed as well while the exception was on its way is no cause of it.
TEST_F(Report, SuppressedExceptionsComeBehindTheCauses) {
  Event read = sentry(R"({"exception":{"values":[
      {"type":"Cause","mechanism":{"type":"chained","exception_id":3,"parent_id":0}},
      {"type":"WhySuppressed","mechanism":{"type":"chained","exception_id":2,"parent_id":1}},
      {"type":"Suppressed","mechanism":{"type":"suppressed","exception_id":1,"parent_id":0}},
      {"type":"Thrown","mechanism":{"type":"chained","exception_id":0}}]}})");
  std::vector<std::string_view> types;
  for (const Exception& exception : read.exceptions) types.push_back(exception.type);
  EXPECT_THAT(types, ElementsAre("Thrown", "Cause", "Suppressed", "WhySuppressed"));
}

TEST_F(Report, ExceptionMayBeAListOrABareObject) {
  EXPECT_EQ(sentry(R"({"exception":[{"type":"A"}]})").exceptions[0].type, "A");
  EXPECT_EQ(sentry(R"({"exception":{"type":"A","value":7}})").exceptions[0].message, "7");
  EXPECT_EQ(
      sentry(R"({"sentry.interfaces.Exception":{"values":[{"type":"A"}]}})").exceptions[0].type,
      "A");
  EXPECT_TRUE(sentry(R"({"exception":null,"threads":null,"tags":null,"user":null,"request":null})")
                  .exceptions.empty());
}

TEST_F(Report, TheOnlyCrashedThreadGivesItsStack) {
  Event read = sentry(R"({"message":"boom","threads":{"values":[
      {"id":1,"stacktrace":{"frames":[{"function":"idle"}]}},
      {"id":2,"crashed":true,"stacktrace":{"frames":[{"function":"fault"}]}}]}})");
  ASSERT_EQ(read.exceptions.size(), 1u);
  EXPECT_TRUE(read.exceptions[0].synthetic);
  EXPECT_EQ(read.exceptions[0].type, "");
  EXPECT_EQ(read.exceptions[0].frames[0].function, "fault");
  EXPECT_EQ(read.threads.size(), 2u);
}

TEST_F(Report, SeveralCrashedThreadsGiveNone) {
  EXPECT_TRUE(sentry(R"({"threads":[{"crashed":true,"stacktrace":{"frames":[{"function":"a"}]}},
      {"crashed":true,"stacktrace":{"frames":[{"function":"b"}]}}]})")
                  .exceptions.empty());
}

TEST_F(Report, AnExceptionWithoutStackTakesTheLegacyOne) {
  Event read = sentry(R"({"exception":{"type":"A"},"stacktrace":{"frames":[{"function":"f"}]}})");
  EXPECT_EQ(read.exceptions[0].type, "A");
  EXPECT_FALSE(read.exceptions[0].synthetic);
  EXPECT_EQ(read.exceptions[0].frames[0].function, "f");
}

TEST_F(Report, MessagesAreFormatted) {
  struct Case {
    const char *entry, *message;
  };
  for (const Case& c : {Case{R"({"message":"a %s of %d%%","params":["x",3]})", "a x of 3%"},
                        Case{R"({"message":"%(n)s!","params":{"n":"y"}})", "y!"},
                        Case{R"({"message":"{} {1} {n}","params":["p","q"]})", "p q {n}"},
                        Case{R"({"message":"{n:>4}","params":{"n":5}})", "5"},
                        Case{R"({"message":"100%","params":[]})", "100%"},
                        Case{R"({"message":"t","formatted":"done"})", "done"}}) {
    EXPECT_EQ(sentry("{\"logentry\":" + std::string(c.entry) + "}").message, c.message);
  }
  EXPECT_EQ(sentry(R"({"logentry":{"message":"%s","params":["x"]}})").message_template, "%s");
}

TEST_F(Report, SentryIsTolerant) {
  Event read =
      sentry(R"({"level":"sample","tags":[["a",1],["b",null],{"key":"c","value":["x","y"]},7],
      "user":{"id":12,"ip_address":"{{auto}}"},"fingerprint":["f",3],"timestamp":1587246240.206,
      "request":{"headers":[["Accept",["a","b"]]],"query_string":{"q":"1"}}})");
  EXPECT_EQ(read.level, Level::kError);
  EXPECT_TRUE(read.level_sent);
  EXPECT_THAT(read.tags, ElementsAre(Pair("a", "1"), Pair("c", "x, y")));
  EXPECT_EQ(read.person.id, "12");
  EXPECT_EQ(read.person.ip, "203.0.113.7");
  EXPECT_THAT(read.fingerprint, ElementsAre("f", "3"));
  EXPECT_EQ(to_rfc3339(*read.occurred_at), "2020-04-18T21:44:00.206Z");
  EXPECT_THAT(read.request->headers, ElementsAre(Pair("Accept", "a, b")));
  EXPECT_EQ(read.request->query, "q=1");
}

TEST_F(Report, SentryMayAskForTheSendersAddress) {
  const std::string peer(kArrival.peer_ip);
  EXPECT_EQ(sentry(R"({"sdk":{"settings":{"infer_ip":"auto"}}})").person.ip, peer);
  EXPECT_EQ(sentry(R"({"user":{"id":"1"},"sdk":{"settings":{"infer_ip":"auto"}}})").person.ip,
            peer);
  EXPECT_EQ(sentry(R"({"user":{"ip_address":"192.0.2.9"},"sdk":{"settings":{"infer_ip":"auto"}}})")
                .person.ip,
            "192.0.2.9");
  EXPECT_EQ(sentry(R"({"user":{"id":"1"},"sdk":{"settings":{"infer_ip":"never"}}})").person.ip, "");
}

// Java's client names the vendor.
TEST_F(Report, SentryJavaRunTimeIsNamedJava) {
  EXPECT_EQ(
      sentry(R"({"contexts":{"runtime":{"name":"Debian","version":"17.0.15"}},"platform":"java"})")
          .language,
      "Java 17.0.15 (Debian)");
  EXPECT_EQ(
      sentry(R"({"contexts":{"runtime":{"name":"CPython","version":"3.11"}},"platform":"python"})")
          .language,
      "CPython 3.11");
}

TEST_F(Report, TheServersSystemIsNotThePersons) {
  EXPECT_EQ(sentry(R"({"contexts":{"os":{"name":"iOS","version":"17"}}})").os, "iOS");
  EXPECT_EQ(sentry(R"({"contexts":{"os":{"name":"Linux"}},"request":{"headers":{"User-Agent":
      "Mozilla/5.0 (Windows NT 10.0) Firefox/128.0"}}})")
                .os,
            "Windows");
}

// --- Sanitising, hostile input ---

TEST_F(Report, DirtyJsonIsReadAndSaysSo) {
  std::string text =
      "\xef\xbb\xbf{\"message\":\"cut "
      "\\ud83d\xff\n\",\"extra\":{\"n\":NaN,\"big\":123456789012345678901234,\"huge\":1e400}}";
  auto seen = inspected(Protocol::kSentryStore, text);
  ASSERT_TRUE(seen.is_ok()) << seen.message();
  EXPECT_TRUE(seen->sanitised);
  Event read = sentry(text);
  EXPECT_EQ(read.message, "cut \xef\xbf\xbd\xef\xbf\xbd\n");
  EXPECT_TRUE(read.custom.find("n")->is_null());
  EXPECT_EQ(read.custom.find("big")->text, "123456789012345678901234");
  EXPECT_EQ(read.custom.find("huge")->text, "1e400");
  EXPECT_THAT(warnings_of(read), HasSubstr("not strict JSON"));
}

TEST_F(Report, DuplicateKeysTheLastCounts) {
  EXPECT_EQ(sentry(R"({"message":"a","message":"b","release":"1","release":"2"})").release, "2");
}

TEST_F(Report, EndlessNestingIsInvalid) {
  std::string deep = R"({"data":{"body":)" + std::string(100'000, '[');
  EXPECT_THAT(error(Protocol::kRollbar, deep), HasSubstr("nested too deeply"));
  std::string closed = "{\"extra\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  EXPECT_THAT(error(Protocol::kSentryStore, closed), HasSubstr("nested too deeply"));
}

TEST_F(Report, DeepValuesAreCutAtTheLimit) {
  std::string nested = std::string(600, '[') + "1" + std::string(600, ']');
  Event read = sentry("{\"extra\":" + nested + "}");
  const Value* value = &read.custom;
  size_t depth = 0;
  for (; value->is_array(); value = &value->members[0].value) ++depth;
  EXPECT_EQ(depth, kLimits.depth);
  EXPECT_EQ(value->text, "…");
  EXPECT_EQ(value->cut, 1u);
}

// --- Limits ---

TEST_F(Report, OfManyFramesTheOutermostAndInnermostStay) {
  Event read = sentry("{\"exception\":{\"type\":\"A\",\"stacktrace\":{\"frames\":" +
                      frames_json(1001, "lineno") + "}}}");
  const auto& frames = read.exceptions[0].frames;
  ASSERT_EQ(frames.size(), kLimits.frames);
  EXPECT_EQ(frames[124].line, 125u);
  EXPECT_EQ(frames[125].line, 877u);
  EXPECT_EQ(frames.back().line, 1001u);
  EXPECT_THAT(warnings_of(read), HasSubstr("exception.values[0].stacktrace.frames: 1001 frames, "
                                           "the 125 outermost and 125 innermost kept"));
}

TEST_F(Report, LongTextIsCutBetweenCharacters) {
  std::string text(kLimits.string_bytes - 1, 'x');
  Event read = sentry("{\"message\":\"" + text + "üü\",\"extra\":{\"v\":\"" + text + "üü\"}}");
  EXPECT_EQ(read.message, text);
  EXPECT_EQ(read.custom.find("v")->text, text);
  EXPECT_EQ(read.custom.find("v")->cut, 4u);
  EXPECT_THAT(warnings_of(read), HasSubstr("extra.v: 65539 bytes, the first 65535 kept"));
}

TEST_F(Report, AReportOverAMebibyteIsTrimmed) {
  std::string text = R"({"release":"r","extra":{"blob":")" + std::string(10 << 20, 'x') +
                     R"("},"exception":{"type":"A","stacktrace":{"frames":)" +
                     frames_json(300, "lineno") + "}}}";
  ASSERT_TRUE(inspected(Protocol::kSentryStore, text).is_ok());
  Event read = sentry(text);
  EXPECT_EQ(read.release, "r");
  EXPECT_EQ(read.exceptions[0].frames.size(), kTrimmedLimits.frames);
  EXPECT_EQ(read.custom.find("blob")->text.size(), kTrimmedLimits.string_bytes);
  EXPECT_THAT(std::string(read.warnings[0].text), HasSubstr("10 "));
  EXPECT_EQ(read.warnings[0].field, "body");
  Event index = event(Protocol::kSentryStore, text, Detail::kIndex);
  EXPECT_EQ(index.exceptions[0].frames.size(), kTrimmedLimits.frames);
  Arena arena;
  auto raw = read_raw(Protocol::kSentryStore, body_.view(), arena, parser_);
  ASSERT_TRUE(raw.is_ok());
  EXPECT_LT(arena.bytes_used(), 100'000u);
}

TEST_F(Report, WarningsAndEntriesAreBounded) {
  JsonWriter json;
  json.object().key("extra").array();
  for (int i = 0; i < 1000; ++i)
    json.value(std::string(70, 'x') + std::string(i < 200 ? 66'000 : 0, 'y'));
  json.end().end();
  Event read = sentry(json.text());
  EXPECT_LE(read.warnings.size(), 52u);
}

TEST_F(Report, ManyUnknownKeysStayCheap) {
  std::string data = R"({"environment":"x","body":{"message":{"body":"m")";
  for (int i = 0; i < 50'000; ++i) data += ",\"k" + std::to_string(i) + "\":1";
  Event read = rollbar(data + "}}}");
  EXPECT_EQ(read.custom.members.size(), kLimits.container_entries);
  EXPECT_EQ(read.custom.cut, 49'000u);
}

TEST_F(Report, RawShowsTheEventInsideItsWrapping) {
  body_.assign("{}\n{\"type\":\"event\"}\n{\"message\":\"hi\",\"odd\":[1,2.5,true]}\n");
  Arena arena;
  auto raw = read_raw(Protocol::kSentryEnvelope, body_.view(), arena, parser_);
  ASSERT_TRUE(raw.is_ok());
  JsonWriter json;
  write_value(json, *raw);
  EXPECT_EQ(json.text(), R"({"message":"hi","odd":[1,2.5,true]})");
}

TEST_F(Report, WithoutAnEventThereIsNothingToRead) {
  body_.assign("{}\n{\"type\":\"session\"}\n{}");
  EXPECT_FALSE(inspect(Protocol::kSentryEnvelope, body_.view(), parser_)->has_event);
  Arena arena;
  EXPECT_EQ(read_raw(Protocol::kSentryEnvelope, body_.view(), arena, parser_).code(),
            Code::kInvalid);
  auto event =
      read_event(Protocol::kSentryEnvelope, body_.view(), Detail::kFull, kArrival, parser_);
  EXPECT_EQ(event.code(), Code::kInvalid);
}

// --- Our own ---

TEST_F(Report, FlawlessSaysWhatItNeeds) {
  EXPECT_THAT(error(Protocol::kFlawless, "{}"), HasSubstr("needs \"message\""));
  EXPECT_THAT(error(Protocol::kFlawless, "[]"), HasSubstr("must be a JSON object, not a list"));
  EXPECT_THAT(error(Protocol::kFlawless, R"({"exceptions":{}})"),
              HasSubstr("\"exceptions\" must be a list"));
  EXPECT_THAT(error(Protocol::kFlawless, R"({"exceptions":[{"frames":"x"}]})"),
              HasSubstr("exceptions[0].frames"));
  EXPECT_TRUE(inspected(Protocol::kFlawless, R"({"message":"x"})").is_ok());
}

TEST_F(Report, FlawlessReadsWhatWeWrite) {
  std::ifstream in(FLAWLESS_SOURCE_DIR "/tests/data/flawless/full.json");
  std::stringstream text;
  text << in.rdbuf();
  Event first = event(Protocol::kFlawless, text.str());
  JsonWriter once, twice;
  write_event(once, first);
  Event second = event(Protocol::kFlawless, once.text());
  write_event(twice, second);
  // What we decided about a frame is read as the client's word.
  std::string expected = once.text(), read = twice.text();
  EXPECT_EQ(second.exceptions.size(), 2u);
  EXPECT_EQ(second.exceptions[0].frames[1].variables.size(), 4u);
  EXPECT_EQ(second.person.extra.find("plan")->text, "gold");
  EXPECT_EQ(second.browser, "Safari");
  EXPECT_EQ(read.substr(0, read.find("\"exceptions\"")),
            expected.substr(0, expected.find("\"exceptions\"")));
}

TEST_F(Report, FlawlessReadsHowManyOccurrencesAReportStandsFor) {
  auto read = [&](std::string_view fields) {
    return event(Protocol::kFlawless, R"({"message":"m")" + std::string(fields) + "}");
  };
  EXPECT_EQ(read("").count, 1u);
  EXPECT_EQ(read("").error_threshold, 0u);
  Event many = read(R"(,"count":995,"error_threshold":3)");
  EXPECT_EQ(many.count, 995u);
  EXPECT_EQ(many.error_threshold, 3u);
  EXPECT_EQ(read(R"(,"count":"7")").count, 7u);
  for (const auto& [sent, counted] :
       {std::pair("0", 1u), std::pair("-5", 1u), std::pair("1.5", 1u),
        std::pair("1e99", 1'000'000u), std::pair("4294967296", 1'000'000u),
        std::pair("9223372036854775808", 1'000'000u)}) {
    const Event odd = read(fmt::format(R"(,"count":{})", sent));
    EXPECT_EQ(odd.count, counted) << sent;
    EXPECT_THAT(warnings_of(odd), HasSubstr(fmt::format("counted as {}", counted))) << sent;
  }
  EXPECT_EQ(read(R"(,"count":-4,"error_threshold":-1)").error_threshold, 0u);
  EXPECT_THAT(warnings_of(read(R"(,"count":"nan")")), HasSubstr("instead of a number"));
  Event wrong = read(R"(,"count":[2])");
  EXPECT_EQ(wrong.count, 1u);
  EXPECT_THAT(warnings_of(wrong), HasSubstr("count"));
  Event too_many = read(R"(,"count":4000000)");
  EXPECT_EQ(too_many.count, 1'000'000u);
  EXPECT_THAT(warnings_of(too_many), HasSubstr("4000000 counted as 1000000"));
  JsonWriter json;
  write_event(json, many);
  EXPECT_THAT(json.text(), HasSubstr(R"("count":995,"error_threshold":3)"));
}

TEST_F(Report, EveryExampleOfTheDocumentIsAccepted) {
  std::ifstream in(FLAWLESS_SOURCE_DIR "/docs/report-format.md");
  std::stringstream text;
  text << in.rdbuf();
  std::string document = text.str();
  size_t found = 0, at = 0;
  while ((at = document.find("```json\n", at)) != std::string::npos) {
    size_t end = document.find("```", at + 8);
    std::string example = document.substr(at + 8, end - at - 8);
    auto seen = inspected(Protocol::kFlawless, example);
    EXPECT_TRUE(seen.is_ok()) << seen.message();
    EXPECT_EQ(warnings_of(event(Protocol::kFlawless, example)), "");
    at = end;
    ++found;
  }
  EXPECT_EQ(found, 2u);
}

}  // namespace
}  // namespace flawless::wire
