// Contract of lines: what queues a decision, and which is next.
#include "store/lines_contract.h"

namespace flawless::store {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

TEST_P(LinesContract, ReportsThatBlameNobodyAreALineOfTheirItem) {
  const Applied first = apply_one(without_culprit("a"));
  EXPECT_TRUE(first.queued);
  Decision decision = must_next();
  EXPECT_EQ(decision.path, "");
  EXPECT_EQ(decision.item, first.item);
  conclude(answer(decision));
  reopen();
  EXPECT_FALSE(apply_one(without_culprit("a")).queued);
  EXPECT_EQ(line(decision.line).count, 2U);

  Sighting deployed = without_culprit("a");
  deployed.release = "r2";
  EXPECT_TRUE(apply_one(deployed).queued);
  EXPECT_EQ(must_next().line, decision.line);
  EXPECT_EQ(item(1).line, decision.line);

  apply_one(without_culprit("b"));
  EXPECT_NE(item(2).line, decision.line);
  EXPECT_FALSE(apply_one(report("a")).queued);  // not worth telling
}

TEST_P(LinesContract, ANewSiteIsQueuedWithWhatIsKnownOfIt) {
  Sighting s = at("a", "shop/banner.py", "  return banners[i]", 17);
  s.release = "1.0";
  s.level = Level::kCritical;
  s.error_threshold = 4;
  Applied a = apply_one(s);
  EXPECT_TRUE(a.queued);
  EXPECT_FALSE(apply_one(at("b", "")).queued) << "no frame is to blame";
  Decision d = must_next();
  EXPECT_EQ(d.reason, DecisionReason::kNewSite);
  EXPECT_EQ(d.queued_at, now_);
  EXPECT_EQ(d.attempts, 0);
  EXPECT_EQ(d.project, project_);
  EXPECT_EQ(d.project_name, "shop");
  EXPECT_EQ(d.item, a.item);
  EXPECT_EQ(d.item_number, 1);
  EXPECT_EQ(d.item_status, ItemStatus::kActive);
  EXPECT_EQ(d.occurrence, a.occurrence);
  EXPECT_EQ(d.report_id, s.report_id);
  EXPECT_EQ(d.body.offset, s.body.offset);
  EXPECT_EQ(d.level, Level::kCritical);
  EXPECT_EQ(d.environment, "production");
  EXPECT_TRUE(d.environment_notifies);
  EXPECT_EQ(d.release, "1.0");
  EXPECT_EQ(d.path, "shop/banner.py");
  EXPECT_EQ(d.function, "f");
  EXPECT_EQ(d.text, "  return banners[i]");
  EXPECT_EQ(d.line_number, 17u);
  EXPECT_EQ(d.error_threshold, 4);
  EXPECT_EQ(line(d.line).path, "shop/banner.py");
  EXPECT_EQ(waiting(), 1u);
  EXPECT_EQ(store_->health()->decisions_waiting, 1u);
}

TEST_P(LinesContract, ASiteIsQueuedOnceAndSurvivesReopening) {
  std::vector<Applied> applied = apply({at("a", "a.py"), at("a", "a.py")});
  EXPECT_TRUE(applied[0].queued);
  EXPECT_FALSE(applied[1].queued);
  EXPECT_FALSE(apply_one(at("a", "a.py")).queued);
  reopen();
  EXPECT_EQ(waiting(), 1u);
  conclude_next();
  EXPECT_EQ(waiting(), 0u);
  EXPECT_FALSE(next());
  EXPECT_FALSE(apply_one(at("a", "a.py")).queued) << "decided, and nothing else was asked for";
  Sighting other_release = at("a", "a.py");
  other_release.release = "2";
  EXPECT_TRUE(apply_one(other_release).queued);
}

TEST_P(LinesContract, ARefusedBatchQueuesNothing) {
  std::vector<Sighting> batch = {at("a", "a.py"), at("b", "b.py")};
  batch[1].project = {9999};
  EXPECT_FALSE(store_->apply(batch, {kJournal, 1, 0, 2}));
  EXPECT_EQ(waiting(), 0u);
  EXPECT_TRUE(apply_one(batch[0]).queued) << "nothing may be remembered of the failed try";
}

TEST_P(LinesContract, ALineWakesWhenItsCountIsReachedAndOnce) {
  apply_one(at("a", "a.py"));
  Decision first = must_next();
  Conclusion c = answer(first);
  c.decide_at_count = 4;
  conclude(c);
  EXPECT_FALSE(apply_one(at("a", "a.py")).queued);
  std::vector<Applied> applied = apply({at("a", "a.py"), at("a", "a.py")});
  EXPECT_TRUE(applied[1].queued);
  Decision d = must_next();
  EXPECT_EQ(d.occurrence, applied[1].occurrence);
  EXPECT_EQ(d.line, first.line);
  EXPECT_EQ(d.reason, DecisionReason::kCount);
  conclude(answer(d));
  EXPECT_FALSE(apply_one(at("a", "a.py")).queued);
  EXPECT_EQ(waiting(), 0u);
}

TEST_P(LinesContract, ReportsThatStandForManyWakeALine) {
  apply_one(at("a", "a.py"));
  Decision first = must_next();
  Conclusion c = answer(first);
  c.decide_at_count = 100;
  conclude(c);
  reopen();
  Sighting many = at("a", "a.py");
  many.times = 99;
  EXPECT_TRUE(apply_one(many).queued);
  EXPECT_EQ(must_next().reason, DecisionReason::kCount);
  EXPECT_EQ(line(first.line).count, 100u);
}

// Sightings that come while a decision is made must not be lost: nobody may report again.
TEST_P(LinesContract, ACountThatIsReachedAlreadyWakesAtOnce) {
  apply_one(at("a", "a.py"));
  Decision d = must_next();
  apply({at("a", "a.py"), at("a", "a.py")});
  Conclusion c = answer(d);
  c.decide_at_count = 3;
  conclude(c);
  Decision again = must_next();
  EXPECT_EQ(again.reason, DecisionReason::kCount);
  EXPECT_EQ(again.site, d.site);
  conclude(answer(again));
  EXPECT_EQ(waiting(), 0u);
}

TEST_P(LinesContract, AReopenedItemQueuesItsLine) {
  apply_one(at("a", "a.py"));
  mail_next();
  now_ += hours(1);
  ASSERT_TRUE(store_->set_status(kAll, project_, 1, ItemStatus::kResolved, "ann", now_));
  now_ += hours(1);
  Sighting again = at("a", "a.py");
  again.release = "2";
  Applied a = apply_one(again);
  EXPECT_TRUE(a.reopened);
  EXPECT_TRUE(a.queued);
  Decision d = must_next();
  EXPECT_EQ(d.reason, DecisionReason::kReopened) << "stronger than being new in its release";
  EXPECT_EQ(d.occurrence, a.occurrence);
  conclude(answer(d));
  EXPECT_EQ(waiting(), 0u);
}

TEST_P(LinesContract, AQuietEnvironmentIsFollowedByOneThatNotifies) {
  auto in = [&](std::string_view group, std::string_view environment) {
    Sighting s = at(group, "a.py");
    s.environment = environment;
    return s;
  };
  apply_one(in("a", "development"));
  Decision quiet = must_next();
  EXPECT_FALSE(quiet.environment_notifies);
  conclude(answer(quiet));
  EXPECT_FALSE(apply_one(in("a", "test")).queued);
  EXPECT_TRUE(apply_one(in("a", "production")).queued);
  Decision loud = must_next();
  EXPECT_EQ(loud.reason, DecisionReason::kNewEnvironment);
  EXPECT_TRUE(loud.environment_notifies);
  EXPECT_EQ(loud.environment, "production");
  mail_next();
  EXPECT_FALSE(apply_one(in("a", "staging")).queued) << "the line is mailed";
}

// An item has several lines; that production knows one of them says nothing of the others.
TEST_P(LinesContract, EachLineOfAnItemWaitsForAnEnvironmentThatNotifies) {
  auto in = [&](std::string_view text, std::string_view environment) {
    Sighting s = at("a", "a.py", text);
    s.environment = environment;
    return s;
  };
  for (std::string_view text : {"x = 1", "y = 2"}) {
    apply_one(in(text, "development"));
    Decision quiet = must_next();
    Conclusion c = answer(quiet);
    c.decide_at_count = kWhenNotified;
    conclude(c);
  }
  EXPECT_FALSE(apply_one(in("y = 2", "development")).queued);
  EXPECT_TRUE(apply_one(in("x = 1", "production")).queued);
  mail_next();
  EXPECT_TRUE(apply_one(in("y = 2", "production")).queued);
  EXPECT_EQ(must_next().reason, DecisionReason::kNewEnvironment);
  mail_next();
  EXPECT_FALSE(apply_one(in("y = 2", "production")).queued);
}

// Something came while the decision was being made: it is not answered by that.
TEST_P(LinesContract, WhatComesWhileADecisionIsMadeStaysQueued) {
  Sighting s = at("a", "a.py");
  s.environment = "development";
  apply_one(s);
  Decision d = must_next();
  Applied loud = apply_one(at("a", "a.py"));
  EXPECT_TRUE(loud.queued);
  EXPECT_EQ(waiting(), 1u) << "one per site";
  conclude(answer(d));
  Decision later = must_next();
  EXPECT_EQ(later.reason, DecisionReason::kNewEnvironment);
  EXPECT_EQ(later.occurrence, loud.occurrence);
  conclude(answer(later));
  EXPECT_EQ(waiting(), 0u);
}

TEST_P(LinesContract, ProjectsTakeTurnsAndBusyOnesArePassedOver) {
  std::vector<ProjectId> projects = {project_, new_project("blog"), new_project("wiki")};
  std::vector<Sighting> batch;
  for (int i = 0; i < 4; ++i) batch.push_back(at("a", keep("f" + std::to_string(i))));
  for (size_t p : {1u, 2u}) {
    batch.push_back(at("a", "f0"));
    batch.back().project = projects[p];
  }
  apply(batch);
  std::vector<int64_t> turns;
  std::vector<std::string> paths;
  while (auto d = next()) {
    turns.push_back(d->project.v);
    paths.push_back(d->path);
    conclude(answer(*d));
  }
  auto p = [&](size_t i) { return projects[i].v; };
  EXPECT_THAT(turns, testing::ElementsAre(p(0), p(1), p(2), p(0), p(0), p(0)));
  EXPECT_THAT(paths, testing::ElementsAre("f0", "f0", "f0", "f1", "f2", "f3")) << "oldest first";

  apply_one(at("a", "new.py"));
  EXPECT_FALSE(next({project_}));
  EXPECT_TRUE(next({projects[1], projects[2]}));
}

TEST_P(LinesContract, APostponedDecisionWaitsAndCountsItsAttempts) {
  apply({at("a", "a.py"), at("b", "b.py")});
  Decision d = must_next();
  ASSERT_TRUE(lines().postpone(d.id, now_ + seconds(10)));
  EXPECT_EQ(must_next().path, "b.py") << "others go first";
  conclude_next();
  EXPECT_FALSE(next());
  now_ += seconds(10);
  Decision again = must_next();
  EXPECT_EQ(again.id, d.id);
  EXPECT_EQ(again.attempts, 1);
  conclude(answer(again));
  EXPECT_EQ(lines().postpone(d.id, now_).code(), Code::kNotFound);
}

TEST_P(LinesContract, AClockThatIsSetBackHoldsNoDecisionUp) {
  apply_one(at("a", "a.py"));
  now_ += days(365);
  ASSERT_TRUE(lines().postpone(must_next().id, now_ + seconds(1)));
  EXPECT_FALSE(next());
  now_ -= days(365);
  EXPECT_TRUE(next());
}

TEST_P(LinesContract, DecidingAgainTakesThoseWithoutADeveloperAtOnce) {
  apply({at("nobody", "nobody.py"), at("unmailed", "unmailed.py"), at("mailed", "mailed.py")});
  auto with_developer = [&](bool mail) {
    Decision d = must_next();
    Conclusion c = answer(d);
    c.developer = "ann@shop.example";
    if (mail) c.mail = mail_to("ann@shop.example");
    conclude(c);
  };
  conclude_next();
  with_developer(false);
  with_developer(true);
  Sighting newest = at("nobody", "nobody.py", "x = 1", 9);
  apply_one(newest);
  conclude_next();
  ProjectId other = new_project("blog");
  ASSERT_TRUE(lines().decide_again(other, now_));
  EXPECT_EQ(waiting(), 0u);
  EXPECT_FALSE(apply_one(at("unmailed", "unmailed.py")).queued);

  ASSERT_TRUE(lines().decide_again(project_, now_));
  EXPECT_EQ(waiting(), 1u);
  Decision d = must_next();
  EXPECT_EQ(d.path, "nobody.py");
  EXPECT_EQ(d.line_number, 9u) << "where it was seen last";
  conclude(answer(d));
  EXPECT_TRUE(apply_one(at("unmailed", "unmailed.py")).queued);
  EXPECT_FALSE(apply_one(at("mailed", "mailed.py")).queued);
}

}  // namespace flawless::store
