#include "wire/envelope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flawless::wire {
namespace {

using testing::HasSubstr;

class EnvelopeTest : public testing::Test {
 protected:
  Result<Envelope> split(std::string_view text) {
    body_.assign(text);
    return split_envelope(body_.view(), parser_.impl());
  }
  std::string error(std::string_view text) {
    auto envelope = split(text);
    EXPECT_EQ(envelope.code(), Code::kInvalid) << text;
    return envelope.message();
  }
  Buffer body_;
  Parser parser_;
};

TEST_F(EnvelopeTest, ReadsLengthAndNewlineFraming) {
  for (std::string_view text :
       {"{}\n{\"type\":\"event\"}\n{\"a\":1}\n", "{}\n{\"type\":\"event\"}\n{\"a\":1}",
        "{}\n{\"type\":\"event\",\"length\":7}\n{\"a\":1}\n",
        "{}\n{\"type\":\"event\",\"length\":7}\n{\"a\":1}",
        "{}\n{\"type\":\"event\",\"length\":null}\n{\"a\":1}\n\n"}) {
    auto envelope = split(text);
    ASSERT_TRUE(envelope.is_ok()) << envelope.message();
    EXPECT_EQ(envelope->event, "{\"a\":1}") << text;
  }
}

TEST_F(EnvelopeTest, CarriageReturnsBelongToThePayload) {
  auto envelope = split("{}\r\n{\"type\":\"event\",\"length\":9}\n{\"a\":\r\n1}\n");
  ASSERT_TRUE(envelope.is_ok()) << envelope.message();
  EXPECT_EQ(envelope->event, "{\"a\":\r\n1}");
  EXPECT_EQ(split("{}\n{\"type\":\"event\"}\n{}\r\n")->event, "{}\r");
}

TEST_F(EnvelopeTest, SkipsUnknownItemsWhereverTheyAre) {
  auto envelope = split(
      "{\"event_id\":\"e1\",\"dsn\":\"https://k1:s@h:1/p/"
      "2\"}\n{\"type\":\"nobody-knows\",\"length\":14}\nbin\nary\n\n\n{}{}\n"
      "{\"type\":\"attachment\",\"length\":0}\n\n{\"type\":\"event\"}\n{}\n{\"type\":\"session\"}"
      "\n{}");
  ASSERT_TRUE(envelope.is_ok()) << envelope.message();
  EXPECT_TRUE(envelope->has_event);
  EXPECT_EQ(envelope->skipped_items, 3u);
  EXPECT_EQ(envelope->event_id, "e1");
  EXPECT_EQ(envelope->dsn_key, "k1");
}

TEST_F(EnvelopeTest, WithoutItemsItIsFine) {
  for (std::string_view text : {"{}", "{}\n", "{\"sent_at\":\"x\"}\n\n"}) {
    auto envelope = split(text);
    ASSERT_TRUE(envelope.is_ok()) << envelope.message();
    EXPECT_FALSE(envelope->has_event);
  }
}

TEST_F(EnvelopeTest, SaysWhatIsWrong) {
  EXPECT_THAT(error(""), HasSubstr("empty"));
  EXPECT_THAT(error("\n\n"), HasSubstr("empty"));
  EXPECT_THAT(error("hello\n"), HasSubstr("Envelope header: not valid JSON: line 1, column 1"));
  EXPECT_THAT(error("[]\n"), HasSubstr("must be a JSON object, not a list"));
  EXPECT_THAT(error("{}\n{}\nx\n"), HasSubstr("Envelope item 1 has no \"type\""));
  EXPECT_THAT(error("{}\n{\"type\":\"event\",\"length\":-1}\n{}"), HasSubstr("no count of bytes"));
  EXPECT_THAT(error("{}\n{\"type\":\"event\",\"length\":1}\n{}"),
              HasSubstr("no newline after 1 bytes"));
  EXPECT_THAT(error("{}\n{\"type\":\"event\"}\n{}\n{\"type\":\"event\"}\n{}"),
              HasSubstr("2 event items"));
  EXPECT_EQ(error("{}\n{\"type\":\"event\",\"length\":900}\n" + std::string(312, 'x')),
            "Envelope item 1: length 900 goes past the end of the body (312 bytes left)");
}

TEST_F(EnvelopeTest, EveryTruncationOfAFramedEventIsInvalidOrWithoutEvent) {
  std::string text =
      "{\"event_id\":\"e1\"}\n{\"type\":\"event\",\"length\":16}\n{\"message\":\"hi\"}";
  for (size_t size = 0; size < text.size(); ++size) {
    auto envelope = split(text.substr(0, size));
    EXPECT_FALSE(envelope.is_ok() && envelope->has_event) << size;
  }
}

TEST_F(EnvelopeTest, ItemsAreBounded) {
  std::string text = "{}\n";
  for (size_t i = 0; i <= kMostEnvelopeItems; ++i) text += "{\"type\":\"x\"}\n\n";
  EXPECT_THAT(error(text), HasSubstr("more than 1000 items"));
}

TEST_F(EnvelopeTest, TheHeadersIdWins) {
  body_.assign(
      "{\"event_id\":\"00000000000000000000000000000001\"}\n{\"type\":\"event\"}\n"
      "{\"event_id\":\"00000000000000000000000000000002\"}");
  EXPECT_EQ(inspect(Protocol::kSentryEnvelope, body_.view(), parser_)->id,
            "00000000000000000000000000000001");
  auto event = read_event(Protocol::kSentryEnvelope, body_.view(), Detail::kIndex, {}, parser_);
  EXPECT_EQ(event->id.hex(), "00000000000000000000000000000001");
}

TEST(KeyOfDsn, FindsThePublicKey) {
  EXPECT_EQ(key_of_dsn("https://abc@sentry.example.com/1"), "abc");
  EXPECT_EQ(key_of_dsn("http://abc:secret@h:9000/path/1"), "abc");
  EXPECT_EQ(key_of_dsn("https://h/1?x=@"), "");
  EXPECT_EQ(key_of_dsn("abc@h"), "");
}

}  // namespace
}  // namespace flawless::wire
