#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "notify/scripted_smtp.h"
#include "notify/transport.h"

namespace flawless::notify {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const Envelope kMail{"flawless@f.example", "ada@shop.example",
                     "Subject: x\r\n\r\nfirst\r\n.\r\n..two\r\n.three\r\nlast\r\n"};

SmtpOptions options(const ScriptedSmtp& server) {
  SmtpOptions options;
  options.host = "127.0.0.1";
  options.port = server.port();
  options.tls = SmtpOptions::Tls::kNone;
  options.connect_timeout = options.hand_over_timeout = options.confirm_timeout = 10s;
  options.parting_timeout = 1s;
  return options;
}

Delivery send(const SmtpOptions& options) {
  return make_smtp(options)->deliver(kMail, std::stop_token());
}

TEST(Smtp, HandsOverExactlyWhatItIsGiven) {
  ScriptedSmtp server;
  const Delivery delivery = send(options(server));
  EXPECT_EQ(delivery.outcome, Outcome::kSent) << delivery.error;
  ASSERT_EQ(server.mails().size(), 1u);
  EXPECT_EQ(server.mails()[0].from, kMail.from);
  EXPECT_EQ(server.mails()[0].to, kMail.to);
  EXPECT_EQ(server.mails()[0].bytes, kMail.bytes) << "dots and all";
}

TEST(Smtp, OneConnectionServesSeveralMails) {
  ScriptedSmtp server;
  auto smtp = make_smtp(options(server));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(smtp->deliver(kMail, {}).outcome, Outcome::kSent);
  }
  smtp->idle();
  EXPECT_EQ(server.mails().size(), 3u);
  EXPECT_EQ(server.seen("CONNECT"), 1);
}

struct Refusal {
  const char* step;
  const char* answer;
  Outcome outcome;
};

class SmtpRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(SmtpRefusal, IsToldApartByWhoseFaultItIs) {
  ScriptedSmtp server;
  server.on(GetParam().step, GetParam().answer);
  const Delivery delivery = send(options(server));
  EXPECT_EQ(delivery.outcome, GetParam().outcome) << delivery.error;
  EXPECT_THAT(delivery.error, HasSubstr(GetParam().answer));
  EXPECT_TRUE(server.mails().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Answers, SmtpRefusal,
    testing::Values(Refusal{"CONNECT", "421 4.3.2 too busy", Outcome::kServerLater},
                    Refusal{"CONNECT", "554 5.3.2 go away", Outcome::kServerLater},
                    Refusal{"MAIL", "451 4.3.0 later", Outcome::kServerLater},
                    Refusal{"MAIL", "550 5.7.1 sender not allowed", Outcome::kServerLater},
                    Refusal{"MAIL", "530 5.7.0 sign in first", Outcome::kServerLater},
                    Refusal{"RCPT", "450 4.2.0 mailbox busy", Outcome::kRecipientLater},
                    Refusal{"RCPT", "550 5.1.1 no such user here", Outcome::kRecipientNever},
                    Refusal{"RCPT", "554 5.7.1 relay access denied", Outcome::kPolicy},
                    Refusal{"RCPT", "530 authentication required", Outcome::kPolicy},
                    Refusal{"DATA", "451 4.3.0 later", Outcome::kRecipientLater},
                    Refusal{"DATA", "554 5.5.1 no", Outcome::kRecipientNever},
                    Refusal{"DATA", "550 5.7.1 not from here", Outcome::kPolicy},
                    Refusal{"END", "554 5.7.1 this looks like spam", Outcome::kPolicy},
                    Refusal{"END", "452 4.3.1 no space", Outcome::kRecipientLater},
                    Refusal{"END", "552 5.3.4 too large", Outcome::kRecipientNever},
                    Refusal{"END", "421 4.3.2 closing", Outcome::kServerLater}));

class SmtpSilence : public testing::TestWithParam<std::tuple<const char*, std::string_view>> {};

TEST_P(SmtpSilence, IsTriedAgainLater) {
  const auto& [step, answer] = GetParam();
  ScriptedSmtp server;
  server.on(step, answer);
  SmtpOptions impatient = options(server);
  impatient.connect_timeout = impatient.hand_over_timeout = 1s;
  const auto began = std::chrono::steady_clock::now();
  const Delivery delivery = send(impatient);
  EXPECT_EQ(delivery.outcome, Outcome::kServerLater) << delivery.error;
  EXPECT_FALSE(delivery.error.empty());
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

INSTANTIATE_TEST_SUITE_P(Steps, SmtpSilence,
                         testing::Values(std::tuple("CONNECT", kDrop), std::tuple("MAIL", kDrop),
                                         std::tuple("RCPT", kDrop), std::tuple("DATA", kDrop),
                                         std::tuple("CONNECT", kHang), std::tuple("RCPT", kHang),
                                         std::tuple("DATA", kHang)));

class SmtpSilenceAtTheEnd : public testing::TestWithParam<std::string_view> {};

TEST_P(SmtpSilenceAtTheEnd, IsToldApart) {
  ScriptedSmtp server;
  server.on("END", GetParam());
  SmtpOptions impatient = options(server);
  impatient.confirm_timeout = 1s;
  const Delivery delivery = send(impatient);
  EXPECT_EQ(delivery.outcome, Outcome::kUnconfirmed) << delivery.error;
  EXPECT_THAT(delivery.error, HasSubstr("127.0.0.1"));
}

INSTANTIATE_TEST_SUITE_P(Ways, SmtpSilenceAtTheEnd, testing::Values(kDrop, kHang));

TEST(Smtp, TheAnswerToTheWholeMailIsWaitedForLongerThanOthers) {
  ScriptedSmtp server;
  server.on("END", kHesitate);
  SmtpOptions patient = options(server);
  patient.confirm_timeout = 60s;
  const Delivery delivery = send(patient);
  EXPECT_EQ(delivery.outcome, Outcome::kSent) << delivery.error;
  EXPECT_EQ(server.mails().size(), 1u);
}

TEST(Smtp, NobodyThere) {
  SmtpOptions nowhere;
  {
    ScriptedSmtp server;
    nowhere = options(server);
  }
  const Delivery delivery = send(nowhere);
  EXPECT_EQ(delivery.outcome, Outcome::kServerAway);
  EXPECT_THAT(delivery.error, HasSubstr("127.0.0.1"));
}

TEST(Smtp, NeverInTheClearWhenEncryptionIsAskedFor) {
  ScriptedSmtp server;
  SmtpOptions required = options(server);
  required.tls = SmtpOptions::Tls::kStartTls;
  required.user = "flawless";
  required.password = "s3cret-word";
  server.want_login("x");
  const Delivery delivery = send(required);
  EXPECT_EQ(delivery.outcome, Outcome::kServerLater);
  EXPECT_THAT(delivery.error, HasSubstr("STARTTLS"));
  EXPECT_EQ(server.seen("MAIL") + server.seen("AUTH"), 0);
}

// What somebody between us and the server may answer to have the password in the clear.
TEST(Smtp, NeverInTheClearWhenEncryptionIsRefused) {
  const char* const answers[] = {"250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN",
                                 "502 5.5.1 what is EHLO"};
  for (const char* ehlo : answers) {
    ScriptedSmtp server;
    server.on("EHLO", ehlo);
    server.on("OTHER", "454 4.7.0 TLS not available");  // STARTTLS, or HELO
    SmtpOptions required = options(server);
    required.tls = SmtpOptions::Tls::kStartTls;
    required.user = "flawless";
    required.password = "s3cret-word";
    EXPECT_EQ(send(required).outcome, Outcome::kServerLater) << ehlo;
    EXPECT_EQ(server.seen("MAIL") + server.seen("AUTH"), 0) << ehlo;
  }
}

TEST(Smtp, AuthoritiesThatCannotBeReadStopTheMail) {
  ScriptedSmtp server;
  server.on("EHLO", "250-test\r\n250 STARTTLS");
  server.on("OTHER", "220 2.0.0 go ahead");
  SmtpOptions gone = options(server);
  gone.tls = SmtpOptions::Tls::kStartTls;
  gone.ca_file = "/nowhere/authorities.pem";
  const Delivery delivery = send(gone);
  EXPECT_EQ(delivery.outcome, Outcome::kServerLater);
  EXPECT_THAT(delivery.error, HasSubstr("/nowhere/authorities.pem"));
  EXPECT_EQ(server.seen("MAIL"), 0);
}

TEST(Smtp, SignsInWhenThereIsAUser) {
  ScriptedSmtp server;
  server.want_login("AGZsYXdsZXNzAHMzY3JldC13b3Jk");  // base64 of \0flawless\0s3cret-word
  SmtpOptions right = options(server);
  right.user = "flawless";
  right.password = "s3cret-word";
  const Delivery delivery = send(right);
  EXPECT_EQ(delivery.outcome, Outcome::kSent) << delivery.error;
  EXPECT_EQ(server.seen("AUTH"), 1);
}

TEST(Smtp, AWrongPasswordIsOurFaultAndNeverTold) {
  ScriptedSmtp server;
  server.want_login("AGZsYXdsZXNzAHMzY3JldC13b3Jk");
  SmtpOptions wrong = options(server);
  wrong.user = "flawless";
  wrong.password = "wr0ng-word";
  const Delivery delivery = send(wrong);
  EXPECT_EQ(delivery.outcome, Outcome::kServerLater);
  EXPECT_THAT(delivery.error, HasSubstr("535 5.7.8"));
  EXPECT_THAT(delivery.error, Not(HasSubstr("wr0ng")));
  EXPECT_EQ(server.seen("MAIL"), 0);
}

class SmtpStopped : public testing::TestWithParam<std::tuple<const char*, Outcome>> {};

TEST_P(SmtpStopped, DoesNotWaitForASilentServer) {
  const auto& [step, outcome] = GetParam();
  ScriptedSmtp server;
  server.on(step, kHang);
  SmtpOptions patient = options(server);
  patient.connect_timeout = patient.hand_over_timeout = patient.confirm_timeout = 60s;
  patient.stop_timeout = 1s;
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(100ms);
    stop.request_stop();
  });
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(make_smtp(patient)->deliver(kMail, stop.get_token()).outcome, outcome);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

INSTANTIATE_TEST_SUITE_P(Steps, SmtpStopped,
                         testing::Values(std::tuple("CONNECT", Outcome::kServerLater),
                                         std::tuple("RCPT", Outcome::kServerLater),
                                         std::tuple("END", Outcome::kUnconfirmed)));

TEST(Smtp, AnAnswerThatComesWhileStoppingCounts) {
  ScriptedSmtp server;
  server.on("END", kHesitate);
  SmtpOptions patient = options(server);
  patient.confirm_timeout = patient.stop_timeout = 60s;
  std::stop_source stop;
  auto sent = std::async(std::launch::async,
                         [&] { return make_smtp(patient)->deliver(kMail, stop.get_token()); });
  while (server.seen("END") == 0) std::this_thread::sleep_for(5ms);
  stop.request_stop();
  EXPECT_EQ(sent.get().outcome, Outcome::kSent);
}

TEST(Smtp, PartingDoesNotWaitForASilentServer) {
  ScriptedSmtp server;
  server.on("QUIT", kHang);
  auto smtp = make_smtp(options(server));
  EXPECT_EQ(smtp->deliver(kMail, {}).outcome, Outcome::kSent);
  const auto began = std::chrono::steady_clock::now();
  smtp->idle();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

}  // namespace
}  // namespace flawless::notify
