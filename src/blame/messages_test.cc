#include "blame/messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flawless::blame {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class MessagesTest : public testing::Test {
 protected:
  MessagesTest() {
    decision_.project = {3};
    decision_.project_name = "shop";
    decision_.item = {5};
    decision_.item_number = 49;
    decision_.occurrence = {77};
    decision_.path = "shop/cart.py";
    decision_.text = "    x = \"{line}\"\n";
    decision_.line_number = 17;
    answer_.due = true;
    answer_.reason = "it is the first mail about this line";
    request_.decision = &decision_;
    request_.answer = &answer_;
    request_.line = {9};
    request_.developer = "ada@shop.example";
    request_.allowed = &allowed_;
    request_.default_contact = "ops@shop.example";
  }
  store::Decision decision_;
  triage::MailAnswer answer_;
  store::Rule rule_;
  Allowed allowed_{{"shop.example"}, {}};
  MailRequest request_;
};

TEST_F(MessagesTest, ANewLineIsOneRowToItsDeveloper) {
  request_.episode = 2;
  const Messages messages = write_messages(request_);
  ASSERT_TRUE(messages.mail);
  EXPECT_THAT(messages.more, IsEmpty());
  EXPECT_EQ(messages.mail->key, "line:{line}:2");
  EXPECT_EQ(messages.mail->kind, "line");
  EXPECT_EQ(messages.mail->recipient, "ada@shop.example");
  EXPECT_THAT(messages.mail->payload,
              HasSubstr(R"("project":3,"project_name":"shop","item":5,"item_number":49,)"
                        R"("occurrence":77,"path":"shop/cart.py",)"
                        R"("text":"    x = \"{line}\"\n","line_number":17,"line":9,)"));
  EXPECT_THAT(messages.mail->payload, HasSubstr(R"("developer":"ada@shop.example")"));
  EXPECT_THAT(messages.mail->payload, Not(HasSubstr("intended_for")));
}

TEST_F(MessagesTest, AMailThatGoesElsewhereSaysWhomItIsMeantFor) {
  request_.developer = "ada@gone.example";
  const Messages messages = write_messages(request_);
  ASSERT_TRUE(messages.mail);
  EXPECT_EQ(messages.mail->recipient, "ops@shop.example");
  EXPECT_THAT(messages.mail->payload, HasSubstr(R"("intended_for":"ada@gone.example")"));
  request_.default_contact = {};
  EXPECT_FALSE(write_messages(request_).mail);
}

TEST_F(MessagesTest, AKnownErrorGoesToItsRecipientsTooEachOnce) {
  rule_.email_recipients = {"Bob@shop.example", "ADA@shop.example", "eve@evil.example",
                            "cyd@shop.example"};
  rule_.email_header = "Ask Bob first.";
  request_.known = &rule_;
  answer_.ordinal = "30";
  const Messages messages = write_messages(request_);
  ASSERT_TRUE(messages.mail);
  EXPECT_EQ(messages.mail->key, "known:{line}:30:ada@shop.example");
  EXPECT_EQ(messages.mail->kind, "known_error");
  EXPECT_THAT(messages.mail->payload, HasSubstr(R"("header":"Ask Bob first.")"));
  EXPECT_THAT(messages.mail->payload, HasSubstr(R"("left_out":["eve@evil.example"])"));
  ASSERT_EQ(messages.more.size(), 2U);
  EXPECT_EQ(messages.more[0].key, "known:{line}:30:bob@shop.example");
  EXPECT_EQ(messages.more[1].recipient, "cyd@shop.example");
}

TEST_F(MessagesTest, AKnownErrorsFirstMailIsOnceInAnEpisode) {
  request_.known = &rule_;
  answer_.ordinal = "min";
  request_.episode = 1;
  EXPECT_EQ(write_messages(request_).mail->key, "known:{line}:min.1:ada@shop.example");
}

TEST_F(MessagesTest, WithoutDeveloperTheRulesRecipientsAreToldAllTheSame) {
  rule_.email_recipients = {"bob@shop.example"};
  request_.known = &rule_;
  request_.developer = {};
  request_.default_contact = {};
  answer_.ordinal = "1";
  const Messages messages = write_messages(request_);
  ASSERT_TRUE(messages.mail);
  EXPECT_EQ(messages.mail->recipient, "bob@shop.example");
  EXPECT_THAT(messages.more, IsEmpty());
}

}  // namespace
}  // namespace flawless::blame
