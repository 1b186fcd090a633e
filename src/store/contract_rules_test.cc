// Contract of rules: kept, scoped, and waking lines.
#include "store/lines_contract.h"

namespace flawless::store {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(LinesContract, RulesAreKeptAndReplaced) {
  Rule rule;
  rule.kind = RuleKind::kKnownError;
  rule.project = project_;
  rule.path = "a.py";
  rule.code = "x = 1";
  rule.max_alert_threshold = 0;
  rule.email_recipients = {"ann@shop.example", "bob@shop.example"};
  rule.email_header = "Known:\nsince May";
  rule.created_by = "ann@shop.example";
  auto made = lines().add_rule(kAll, rule, now_);
  ASSERT_TRUE(made) << made.message();
  reopen();
  auto kept = lines().rules(kAll);
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->size(), 1u);
  EXPECT_EQ((*kept)[0].id, made->id);
  EXPECT_EQ((*kept)[0].max_alert_threshold, 0);
  EXPECT_FALSE((*kept)[0].min_alert_threshold);
  EXPECT_EQ((*kept)[0].email_recipients, rule.email_recipients);
  EXPECT_EQ((*kept)[0].email_header, rule.email_header);
  EXPECT_EQ((*kept)[0].created_at, now_);
  rule.max_alert_threshold.reset();
  rule.alert_every_n_occurrences = 10;
  rule.email_recipients.clear();
  EXPECT_EQ(lines().add_rule(kAll, rule, now_)->id, made->id) << "an equal one is replaced";
  kept = lines().rules(kAll);
  ASSERT_EQ(kept->size(), 1u);
  EXPECT_EQ((*kept)[0].alert_every_n_occurrences, 10);
  EXPECT_THAT((*kept)[0].email_recipients, IsEmpty());
  rule.kind = RuleKind::kLibraryCode;
  EXPECT_NE(lines().add_rule(kAll, rule, now_)->id, made->id);
  ASSERT_TRUE(lines().remove_rule(kAll, made->id));
  EXPECT_EQ(lines().remove_rule(kAll, made->id).code(), Code::kNotFound);
  EXPECT_EQ(lines().rules(kAll)->size(), 1u);
  rule.path = "";
  EXPECT_EQ(lines().add_rule(kAll, rule, now_).code(), Code::kInvalid);
  rule.path = "a.py";
  rule.email_recipients = {"ann@shop.example\nBcc: eve@evil.example"};
  EXPECT_EQ(lines().add_rule(kAll, rule, now_).code(), Code::kInvalid);
}

TEST_P(LinesContract, RulesAreScopedByProject) {
  ProjectId other = new_project("blog");
  Rule rule;
  rule.path = "a.py";
  int64_t of_all = lines().add_rule(kAll, rule, now_)->id;
  rule.project = project_;
  int64_t mine = lines().add_rule(kAll, rule, now_)->id;
  EXPECT_NE(mine, of_all);
  auto seen = [&](const Visible& visible) {
    std::vector<int64_t> ids;
    for (const Rule& one : lines().rules(visible).value_or({})) ids.push_back(one.id);
    return ids;
  };
  Visible their{false, {other}};
  EXPECT_THAT(seen(kAll), ElementsAre(of_all, mine));
  EXPECT_THAT(seen({false, {project_}}), ElementsAre(of_all, mine));
  EXPECT_THAT(seen(their), ElementsAre(of_all));
  EXPECT_THAT(seen({}), IsEmpty());
  EXPECT_EQ(lines().remove_rule(their, mine).code(), Code::kNotFound);
  EXPECT_EQ(lines().remove_rule(their, of_all).code(), Code::kDenied);
  EXPECT_EQ(lines().add_rule(their, rule, now_).code(), Code::kNotFound);
  rule.project = {};
  EXPECT_EQ(lines().add_rule(their, rule, now_).code(), Code::kDenied);
  EXPECT_THAT(seen(kAll), ElementsAre(of_all, mine));
}

TEST_P(LinesContract, ARuleWakesLinesAtTheirNextSighting) {
  ProjectId other = new_project("blog");
  Sighting theirs = at("a", "theirs.py");
  theirs.project = other;
  apply({at("a", "a.py"), at("b", "mailed.py"), theirs});
  while (auto d = next()) {
    Conclusion c = answer(*d);
    if (d->path == "mailed.py") c.mail = mail_to("ann@shop.example");
    conclude(c);
  }
  auto seen_again = [&] {
    Sighting again = at("a", "theirs.py");
    again.project = other;
    std::vector<std::string> woken;
    std::vector<Applied> applied = apply({at("a", "a.py"), at("b", "mailed.py"), again});
    const char* names[] = {"a", "mailed", "theirs"};
    for (size_t i = 0; i < 3; ++i) {
      if (applied[i].queued) woken.emplace_back(names[i]);
    }
    while (auto d = next()) {
      EXPECT_EQ(d->reason, DecisionReason::kCount);
      conclude(answer(*d));
    }
    return woken;
  };
  EXPECT_THAT(seen_again(), IsEmpty());
  Rule rule;
  rule.kind = RuleKind::kLibraryCode;
  rule.project = project_;
  rule.path = "a.py";
  int64_t id = lines().add_rule(kAll, rule, now_)->id;
  EXPECT_EQ(waiting(), 0u);
  EXPECT_THAT(seen_again(), ElementsAre("a"));
  EXPECT_THAT(seen_again(), IsEmpty());
  ASSERT_TRUE(lines().remove_rule(kAll, id));
  EXPECT_THAT(seen_again(), ElementsAre("a"));
  rule.kind = RuleKind::kKnownError;
  rule.project = {};
  ASSERT_TRUE(lines().add_rule(kAll, rule, now_));
  EXPECT_THAT(seen_again(), ElementsAre("a", "mailed", "theirs")) << "may be mailed on a schedule";
}

}  // namespace flawless::store
