#include "api/json_in.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace flawless::api {
namespace {

using ::testing::HasSubstr;

TEST(ReadJson, KeepsTypesOrderAndText) {
  Arena arena;
  std::string text = R"({"b":-1,"a":[true,null,1.5,18446744073709551615,"é"]})";
  auto value = read_json(text, arena);
  ASSERT_TRUE(value) << value.message();
  text.assign(text.size(), 'x');  // the tree owns its text
  JsonWriter json;
  write_value(json, *value);
  EXPECT_EQ(json.text(), R"({"b":-1,"a":[true,null,1.5,18446744073709551615,"é"]})");
}

TEST(ReadJson, RefusesWhatIsNotStrictJson) {
  Arena arena;
  for (const char* bad : {"", "{", "{'a':1}", "[1,,2]", "nul", "\"\xff\"", "{} {}", "NaN"}) {
    auto value = read_json(bad, arena);
    ASSERT_FALSE(value) << bad;
    EXPECT_EQ(value.code(), Code::kInvalid);
  }
}

TEST(ReadJson, BoundsTheDepth) {
  Arena arena;
  EXPECT_TRUE(read_json(std::string(64, '[') + std::string(64, ']'), arena));
  const auto deep = read_json(std::string(65, '[') + std::string(65, ']'), arena);
  EXPECT_THAT(deep.message(), HasSubstr("64 levels"));
}

struct Case {
  const char* json;
  const char* message;  // of finish(); empty = ok
};

TEST(ObjectReader, NamesTheFirstThingThatIsWrong) {
  const Case cases[] = {
      {R"({"name":"shop","count":3,"on":true})", ""},
      {R"({"name":"shop","count":null})", ""},
      {R"([])", "expected a JSON object"},
      {R"({})", "'name' is missing"},
      {R"({"name":""})", "'name' is missing"},
      {R"({"name":7})", "'name' must be a string"},
      {R"({"name":"a","count":1.5})", "'count' must be a whole number"},
      {R"({"name":"a","on":1})", "'on' must be true or false"},
      {R"({"name":"a","nmae":"b"})", "'nmae' is not known here; known: name, count, on"},
  };
  for (const Case& c : cases) {
    Arena arena;
    const auto value = read_json(c.json, arena);
    ASSERT_TRUE(value);
    ObjectReader reader(*value);
    (void)reader.required_string("name");
    (void)reader.integer("count");
    (void)reader.boolean("on");
    const Status status = reader.finish();
    EXPECT_EQ(status.is_ok(), *c.message == '\0') << c.json;
    EXPECT_THAT(status.message(), HasSubstr(c.message)) << c.json;
  }
}

}  // namespace
}  // namespace flawless::api
