#include "event/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flawless {
namespace {

using ::testing::ElementsAre;

Verdict full() {
  Verdict verdict;
  verdict.repository = "shop";
  verdict.path = "src/shop/cart.py";
  verdict.line = 17;
  verdict.revision = std::string(40, 'a');
  verdict.at_release = true;
  verdict.path_rule = "/app/ = src";
  verdict.source = {{16, "def total(self):"}, {17, "\treturn \"a\" + b  # ü"}};
  verdict.commit = std::string(40, 'b');
  verdict.summary = "Count \"again\"";
  verdict.author_name = "Ada Lovelace";
  verdict.author_email = "ada@shop.example";
  verdict.authored_at = from_unix_ms(1'700'000'000'000);
  verdict.developer = "ada.lovelace@shop.example";
  verdict.confidence = 0.9;
  verdict.reasons = {"Ada last changed this line.", "Blamed at the deployed commit."};
  verdict.problem = "none, really";
  return verdict;
}

TEST(Verdict, SurvivesBeingWrittenAndRead) {
  const Verdict verdict = full();
  const auto read = read_verdict(write_verdict(verdict));
  ASSERT_TRUE(read) << read.message();
  EXPECT_EQ(write_verdict(*read), write_verdict(verdict));
  EXPECT_EQ(read->line, 17U);
  EXPECT_TRUE(read->at_release);
  ASSERT_EQ(read->source.size(), 2U);
  EXPECT_EQ(read->source[1].number, 17U);
  EXPECT_EQ(read->source[1].text, verdict.source[1].text);
  EXPECT_EQ(read->authored_at, verdict.authored_at);
  EXPECT_EQ(read->author_email, verdict.author_email);
  EXPECT_DOUBLE_EQ(read->confidence, 0.9);
  EXPECT_THAT(read->reasons, ElementsAre(verdict.reasons[0], verdict.reasons[1]));
}

TEST(Verdict, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(write_verdict({}), "{}");
  const auto read = read_verdict("{}");
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->has_author());
  EXPECT_EQ(read->authored_at, std::nullopt);
}

TEST(Verdict, PassesOverWhatItDoesNotKnow) {
  const auto read = read_verdict(
      R"({"rank":[1],"line":"17","reasons":["a",2],"source":[7,{"number":3}],"commit":"c"})");
  ASSERT_TRUE(read) << read.message();
  EXPECT_EQ(read->line, 0U);
  EXPECT_THAT(read->reasons, ElementsAre("a"));
  ASSERT_EQ(read->source.size(), 1U);
  EXPECT_EQ(read->source[0].number, 3U);
  EXPECT_TRUE(read->has_author());
}

TEST(Verdict, RefusesWhatIsNoObject) {
  for (const char* text : {"", "[]", "{", "\"x\"", "null"}) {
    EXPECT_EQ(read_verdict(text).code(), Code::kInvalid) << text;
  }
}

TEST(Verdict, SaysItsConfidenceInAWordOnlyForAnAuthor) {
  Verdict verdict = full();
  EXPECT_EQ(verdict.confidence_word(), "high");
  verdict.confidence = 0.7;
  EXPECT_EQ(verdict.confidence_word(), "medium");
  verdict.confidence = 0.3;
  EXPECT_EQ(verdict.confidence_word(), "low");
  verdict.commit.clear();
  EXPECT_EQ(verdict.confidence_word(), "");
}

}  // namespace
}  // namespace flawless
