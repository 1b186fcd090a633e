// When a mail is due, and who gets it.
#include "blame/test_world.h"

namespace flawless::blame {
namespace {

using store::ItemStatus;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MailFlowTest : public BlameTest {
 protected:
  MailFlowTest() {
    options_.allow = {"shop.example"};
    first_ =
        remote_.commit(scm::kAda, "shop/cart.py",
                       "def total():\n    return db.total()\n\ndef mean():\n    return 1 / 0\n");
    report_ = {
        .path = "shop/cart.py", .text = "    return db.total()", .line = 2, .release = first_};
  }
  TestReport other_line() const {
    TestReport other = report_;
    other.line = 5;
    other.text = "    return 1 / 0";
    other.function = "mean";
    other.body = {};
    return other;
  }
  store::Rule rule(store::RuleKind kind) const {
    store::Rule rule;
    rule.kind = kind;
    rule.path = "shop/cart.py";
    rule.function = "total";
    return rule;
  }
  std::string first_;
  TestReport report_;
};

TEST_F(MailFlowTest, WhatMayNotBeMailedGoesToTheDefaultContact) {
  options_.allow = {"other.example"};
  start();
  const store::Line line = decided(report_);
  EXPECT_EQ(line.developer, "ada@shop.example");
  EXPECT_THAT(recipients(), ElementsAre("ops@shop.example"));
  EXPECT_THAT(mails()[0].payload, HasSubstr(R"("intended_for":"ada@shop.example")"));
}

TEST_F(MailFlowTest, UsersAreAllowedAsLongAsNothingIsConfigured) {
  options_.allow = {};
  options_.default_contact = "ops@help.example";
  ASSERT_TRUE(store_->create_user("Ada@shop.example", "Ada", "member", "x", clock_.now()));
  start();
  decided(report_);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example"));
}

TEST_F(MailFlowTest, WithNobodyToTellTheVerdictIsKeptAndTheMailComesOnceThereIsSomebody) {
  options_.allow = {"other.example"};
  options_.default_contact = {};
  start();
  EXPECT_EQ(decided(report_).developer, "ada@shop.example");
  EXPECT_THAT(recipients(), IsEmpty());
  EXPECT_EQ(service_->health().nobody_to_tell, 1U);
  options_.allow = {"shop.example"};
  restart();
  decided(report_);
  decided(report_);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example"));
}

// As when a rule arrives, or a fetch ends while they are decided.
TEST_F(MailFlowTest, LinesThatAreDecidedTwiceAreCountedOnce) {
  options_.allow = {"other.example"};
  options_.default_contact = {};
  auto third = rule(store::RuleKind::kThirdParty);
  third.function = "mean";
  options_.rules = {third};
  start();
  for (const TestReport& report : {report_, other_line()}) {
    decided(report);
    auto other = rule(store::RuleKind::kKnownError);
    other.code = "text that is not there " + report.function;
    other.function = {};
    ASSERT_TRUE(store_->lines().add_rule(kAll, other, clock_.now()));
    decided(report);
  }
  EXPECT_GE(service_->health().decided, 4U);
  EXPECT_EQ(service_->health().third_party, 1U);
  EXPECT_EQ(service_->health().nobody_to_tell, 1U);
}

TEST_F(MailFlowTest, WithoutMailServerNothingIsQueued) {
  options_.mail = false;
  start();
  const store::Line line = decided(report_);
  EXPECT_EQ(line.developer, "ada@shop.example");
  EXPECT_FALSE(line.mailed_at);
  EXPECT_THAT(recipients(), IsEmpty());
  EXPECT_EQ(service_->health().nobody_to_tell, 0U);
}

TEST_F(MailFlowTest, RemappedDevelopersAreMailedWhereTheyAre) {
  options_.addresses.remapping = {{"ada", "countess@shop.example"}};
  start();
  decided(report_);
  EXPECT_THAT(recipients(), ElementsAre("countess@shop.example"));
}

TEST_F(MailFlowTest, TheThresholdIsWaitedFor) {
  options_.threshold = 3;
  start();
  decided(report_);
  decided(report_);
  EXPECT_THAT(recipients(), IsEmpty());
  decided(report_);
  EXPECT_THAT(recipients(), SizeIs(1));
  decided(report_);
  EXPECT_THAT(recipients(), SizeIs(1));
}

TEST_F(MailFlowTest, OldLinesAreNotMailed) {
  options_.minimum_date = triage::parse_date("2023-11-15");  // Ada's commit is of the day before
  start();
  EXPECT_FALSE(decided(report_).mailed_at);
  EXPECT_THAT(recipients(), IsEmpty());
}

TEST_F(MailFlowTest, DevelopmentIsNotMailedUntilProductionSeesIt) {
  start();
  report_.environment = "development";
  decided(report_);
  EXPECT_THAT(recipients(), IsEmpty());
  report_.environment = "production";
  decided(report_);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example"));
}

TEST_F(MailFlowTest, ProductionMailsEachLineOfAnItemThatDevelopmentSawFirst) {
  TestReport other = report_;  // in the same function: the same item
  other.line = 5;
  other.text = "    return 1 / 0";
  other.body = {};
  start();
  for (const char* environment : {"development", "production"}) {
    report_.environment = other.environment = environment;
    decided(report_);
    decided(other);
    EXPECT_THAT(recipients(), SizeIs(environment[0] == 'd' ? 0 : 2));
  }
}

TEST_F(MailFlowTest, AResolvedItemThatComesBackInAnotherReleaseIsMailedOnceMore) {
  const std::string second = remote_.commit(scm::kBob, "README", "repaired");
  start();
  decided(report_);
  set_status(1, ItemStatus::kResolved);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  decided(report_);  // an old process: the repair is not in its release
  EXPECT_THAT(recipients(), SizeIs(1));

  set_status(1, ItemStatus::kResolved);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  report_.release = second;
  const store::Line line = decided(report_);
  EXPECT_EQ(line.episode, 1);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example", "ada@shop.example"));
  EXPECT_EQ(mails()[1].key, "line:" + std::to_string(line.id.v) + ":1");
  decided(report_);
  EXPECT_THAT(recipients(), SizeIs(2));
}

TEST_F(MailFlowTest, AnOldProcessDoesNotHideTheRegressionThatFollows) {
  const std::string second = remote_.commit(scm::kBob, "README", "repaired");
  const std::string third = remote_.commit(scm::kBob, "README", "more");
  start();
  decided(report_);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  set_status(1, ItemStatus::kResolved);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  decided(report_);  // reopens the item, and is no regression
  EXPECT_THAT(recipients(), SizeIs(1));
  report_.release = second;
  EXPECT_EQ(decided(report_).episode, 1);
  EXPECT_THAT(recipients(), SizeIs(2));
  report_.release = third;
  EXPECT_EQ(decided(report_).episode, 1);
  EXPECT_THAT(recipients(), SizeIs(2));
}

TEST_F(MailFlowTest, AnItemThatWasResolvedByMistakeIsNoRegression) {
  const std::string second = remote_.commit(scm::kBob, "README", "more");
  start();
  decided(report_);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  set_status(1, ItemStatus::kResolved);
  set_status(1, ItemStatus::kActive);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  report_.release = second;
  decided(report_);
  EXPECT_THAT(recipients(), SizeIs(1));
}

TEST_F(MailFlowTest, AnOlderReleaseIsNoRegression) {
  const std::string second = remote_.commit(scm::kBob, "README", "more");
  start();
  TestReport newer = report_;
  newer.release = second;
  decided(newer);
  set_status(1, ItemStatus::kResolved);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  decided(report_);
  EXPECT_THAT(recipients(), SizeIs(1));
}

TEST_F(MailFlowTest, MutedItemsAreQuiet) {
  start();
  report_.environment = "development";
  decided(report_);
  set_status(1, ItemStatus::kMuted);
  report_.environment = "production";
  decided(report_);
  EXPECT_THAT(recipients(), IsEmpty());
}

TEST_F(MailFlowTest, KnownErrorsKeepQuietOrToTheirSchedule) {
  options_.rules = {rule(store::RuleKind::kKnownError)};
  start();
  const store::Line quiet = decided(report_);
  EXPECT_TRUE(quiet.known);
  EXPECT_EQ(quiet.count, 1U);
  EXPECT_THAT(recipients(), IsEmpty());
  decided(other_line());
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example"));
}

TEST_F(MailFlowTest, RulesThatAreSetLaterHoldForWhatComesThen) {
  start();
  service_->set_rules({rule(store::RuleKind::kKnownError)});
  EXPECT_TRUE(decided(report_).known);
  EXPECT_THAT(recipients(), IsEmpty());
}

TEST_F(MailFlowTest, AKnownErrorIsMailedAtItsNumbersToAllItsRecipients) {
  auto known = rule(store::RuleKind::kKnownError);
  known.alert_every_n_occurrences = 10;
  known.email_recipients = {"bob@shop.example", "eve@evil.example"};
  ASSERT_TRUE(store_->lines().add_rule(kAll, known, clock_.now()));
  start();
  decided(report_);
  EXPECT_THAT(recipients(), IsEmpty());
  report_.times = 9;
  const store::Line line = decided(report_);
  const std::string id = std::to_string(line.id.v);
  EXPECT_THAT(recipients(), testing::UnorderedElementsAre("ada@shop.example", "bob@shop.example"));
  report_.times = 25;
  decided(report_);  // 35: one mail for what passed
  std::vector<std::string> keys;
  for (const store::Message& mail : mails()) keys.push_back(mail.key);
  EXPECT_THAT(keys, testing::UnorderedElementsAre("known:" + id + ":10:ada@shop.example",
                                                  "known:" + id + ":10:bob@shop.example",
                                                  "known:" + id + ":30:ada@shop.example",
                                                  "known:" + id + ":30:bob@shop.example"));
}

TEST_F(MailFlowTest, AReportThatBlamesNoLineGoesToTheDefaultContactOnceForItsItem) {
  TestReport nobody = {.path = {}, .text = {}, .release = first_, .function = "cron"};
  start();
  const store::Line line = decided(nobody);
  decided(nobody);
  restart();
  nobody.release = remote_.commit(scm::kBob, "README", "more");
  decided(nobody);
  EXPECT_THAT(recipients(), ElementsAre("ops@shop.example"));
  EXPECT_THAT(mails()[0].payload, HasSubstr("no line of the application's code is in the report"));
  EXPECT_THAT(verdict_of(line).problem, HasSubstr("no line of the application's code"));

  set_status(1, ItemStatus::kResolved);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  // As after a fetch: whatever has no developer is looked at again. Nothing has come back.
  ASSERT_TRUE(store_->lines().decide_again({}, clock_.now()));
  service_->notify_new();
  settle();
  EXPECT_THAT(recipients(), SizeIs(1));

  nobody.release = remote_.commit(scm::kBob, "README", "repaired");
  EXPECT_EQ(decided(nobody).episode, 1);
  EXPECT_THAT(recipients(), SizeIs(2));
  nobody.function = "other item";
  decided(nobody);
  EXPECT_THAT(recipients(), SizeIs(3));
}

TEST_F(MailFlowTest, RulesSilenceReportsThatBlameNoLine) {
  auto third = rule(store::RuleKind::kThirdParty);
  third.path = "redis/client.py";
  third.function = {};
  auto known = rule(store::RuleKind::kKnownError);
  known.path = "celery/";
  known.function = {};
  options_.rules = {third, known};
  TestReport nobody = {.path = {}, .text = {}, .release = {}, .function = "a"};
  start();
  for (const char* path : {"redis/client.py", "celery/app.py"}) {
    nobody.function = path;
    nobody.body =
        R"x({"level":"error","exceptions":[{"type":"E","message":"m","frames":[{"path":")x" +
        std::string(path) + R"x(","function":"get","line":9,"in_app":false}]}]})x";
    EXPECT_TRUE(decided(nobody).known) << path;
  }
  EXPECT_THAT(recipients(), IsEmpty());
}

TEST_F(MailFlowTest, AVerdictSaysWhyNobodyWasMailed) {
  options_.threshold = 3;
  options_.default_contact = {};
  options_.allow = {"other.example"};
  start();
  Verdict verdict = verdict_of(decided(report_));
  EXPECT_EQ(verdict.not_mailed, "it is mailed when it was seen 3 times");
  EXPECT_EQ(verdict.mail_at_count, 3U);
  report_.times = 2;
  verdict = verdict_of(decided(report_));
  EXPECT_THAT(verdict.not_mailed, HasSubstr("mail.allow does not list ada@shop.example"));
  EXPECT_EQ(verdict.mail_at_count, 0U);
  TestReport nobody = {.path = {}, .text = {}, .release = {}, .times = 3};
  EXPECT_THAT(verdict_of(decided(nobody)).not_mailed, HasSubstr("set mail.default_contact"));

  TestReport quiet = other_line();
  quiet.environment = "dev";
  EXPECT_THAT(verdict_of(decided(quiet)).not_mailed, HasSubstr("environments that do not notify"));
  options_.allow = {"shop.example"};
  restart();
  report_.times = 9;
  EXPECT_EQ(verdict_of(decided(report_)).not_mailed, "");
  decided(report_);
  EXPECT_THAT(recipients(), ElementsAre("ada@shop.example"));
}

TEST_F(MailFlowTest, AKnownErrorIsKnownByItsPathInTheRepository) {
  options_.rules = {rule(store::RuleKind::kKnownError)};
  report_.path = "deploy/shop/cart.py";
  start();
  const store::Line line = decided(report_);
  EXPECT_EQ(verdict_of(line).path, "shop/cart.py");
  EXPECT_TRUE(line.known);
  EXPECT_EQ(verdict_of(line).not_mailed, "it is a known error");
  EXPECT_THAT(recipients(), IsEmpty());
}

TEST_F(MailFlowTest, LibraryCodeIsKnownByWhereItIsDeployed) {
  repositories_[0].path_rules = {{"deploy", ""}};
  options_.rules = {rule(store::RuleKind::kLibraryCode)};
  report_.path = "deploy/shop/cart.py";
  start();
  EXPECT_THAT(verdict_of(decided(report_)).not_mailed, HasSubstr("library code"));
  EXPECT_THAT(recipients(), IsEmpty());
}

TEST_F(MailFlowTest, LibraryCodeIsNotMailed) {
  options_.rules = {rule(store::RuleKind::kLibraryCode)};
  start();
  decided(report_);
  decided(other_line());
  EXPECT_THAT(mails(), SizeIs(1));
  EXPECT_THAT(mails()[0].payload, HasSubstr("mean"));
}

TEST_F(MailFlowTest, AReportWithAFrameOfThirdPartyCodeIsPassedOverAndCounted) {
  auto third = rule(store::RuleKind::kThirdParty);
  third.path = "redis/client.py";
  third.function = {};
  options_.rules = {third};
  report_.body =
      R"x({"level":"error","environment":"production","exceptions":[{"type":"TimeoutError",)x"
      R"x("message":"m","frames":[{"path":"shop/cart.py","function":"total","line":2,)x"
      R"x("code":"    return db.total()","in_app":true},{"path":"redis/client.py",)x"
      R"x("function":"get","line":9,"in_app":false}]}]})x";
  start();
  const store::Line line = decided(report_);
  EXPECT_TRUE(line.known);
  EXPECT_THAT(recipients(), IsEmpty());
  EXPECT_EQ(service_->health().third_party, 1U);
  decided(other_line());
  EXPECT_THAT(recipients(), SizeIs(1));
}

// The site has the path that the client names; where the file lay on the host is in the report.
TEST_F(MailFlowTest, TheReportsOwnFrameTellsMoreThanTheSite) {
  repositories_[0].path_rules = {{"/srv/releases/7/", "shop/"}};
  report_.path = "cart.py";
  report_.body =
      R"x({"level":"error","exceptions":[{"type":"E","message":"m","frames":[{"path":"cart.py",)x"
      R"x("abs_path":"/srv/releases/7/cart.py","function":"total","line":2,)x"
      R"x("code":"    return db.total()","in_app":true}]}]})x";
  start();
  const Verdict verdict = verdict_of(decided(report_));
  EXPECT_EQ(verdict.path, "shop/cart.py");
  EXPECT_EQ(verdict.path_rule, "/srv/releases/7/ = shop/");
}

TEST_F(MailFlowTest, AnExceptionEndsNeitherTheProcessNorAnythingElse) {
  start();
  service_->stop();
  service_ = std::make_unique<Service>(
      options_, Service::Parts{*store_, *mirrors_, *bodies_, clock_},
      [](const Concluded&) { throw std::runtime_error("out of something"); });
  service_->start();
  decided(report_);
  decided(other_line());
  service_->stop();
  EXPECT_THAT(recipients(), SizeIs(2));
  EXPECT_GE(service_->health().failed, 2U);
  EXPECT_EQ(service_->health().last_error, "out of something");
}

TEST_F(MailFlowTest, ATextThatStandsInAnotherFunctionBlamesNobody) {
  remote_.commit(scm::kAda, "a.py", "def f():\n    db.commit()\n\ndef g():\n    pass\n");
  remote_.commit(scm::kBob, "a.py", "def f():\n    pass\n\ndef g():\n    db.commit()\n");
  start();
  TestReport report = report_;
  report.path = "a.py";
  report.text = "    db.commit()";
  report.release = {};
  report.function = "f";
  const store::Line line = decided(report);
  EXPECT_EQ(line.developer, "");
  EXPECT_THAT(verdict_of(line).problem, HasSubstr("the reported line is not in a.py"));
  EXPECT_THAT(recipients(), ElementsAre("ops@shop.example"));
  report.function = "g";
  EXPECT_EQ(decided(report).developer, "bob@shop.example");
}

TEST_F(MailFlowTest, ManyLinesOfManyProjectsAreEachMailedOnceAcrossRestarts) {
  std::string file;
  for (int i = 1; i <= 12; ++i) file += "step_" + std::to_string(i) + "()\n";
  const std::string commit = remote_.commit(scm::kBob, "shop/steps.py", file);
  std::vector<ProjectId> projects = {project_};
  for (const char* name : {"a", "b", "c"}) projects.push_back(new_project(name));
  start();
  for (int round = 0; round < 2; ++round) {
    for (uint32_t line = 1; line <= 12; ++line) {
      for (const ProjectId project : projects) {
        report({.path = "shop/steps.py",
                .text = "step_" + std::to_string(line) + "()",
                .line = line,
                .release = commit,
                .function = "f" + std::to_string(line),
                .project = project});
      }
      if (line % 7 == 0) restart();
    }
  }
  settle();
  EXPECT_THAT(recipients(), SizeIs(12));
  EXPECT_EQ(service_->health().failed, 0U);
}

}  // namespace
}  // namespace flawless::blame
