// Contract of lines: what queues a decision, what concluding one does, reports.
#include "store/store_contract.h"

namespace flawless::store {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class LinesContract : public StoreContract {
 protected:
  Lines& lines() { return store_->lines(); }

  Sighting at(std::string_view group, std::string_view path, std::string_view text = "x = 1",
              uint32_t line = 5) {
    Sighting s = report(group);
    s.site_path = path;
    s.site_function = "f";
    s.site_text = text;
    s.site_line = line;
    return s;
  }
  std::optional<Decision> next(std::vector<ProjectId> busy = {}) {
    auto found = lines().next_decision(busy, now_);
    EXPECT_TRUE(found) << found.message();
    return found ? *found : std::nullopt;
  }
  Sighting without_culprit(std::string_view group) {
    Sighting s = report(group);
    s.nobody_to_blame = true;
    return s;
  }
  Decision must_next() {
    auto decision = next();
    EXPECT_TRUE(decision) << "nothing is queued";
    return decision.value_or(Decision{});
  }
  Line line(LineId id) {
    auto found = lines().line(id);
    EXPECT_TRUE(found) << found.message();
    return found ? *found : Line{};
  }
  // An answer to the decision as the line is now; nothing is mailed.
  Conclusion answer(const Decision& decision) {
    Line now = line(decision.line);
    Conclusion c;
    c.decision = &decision;
    c.line = now.id;
    c.episode = now.episode;
    c.was_mailed = now.mailed_at.has_value();
    return c;
  }
  static NewMessage mail_to(std::string to) {
    return {.key = "line:{line}:0",
            .kind = "line",
            .recipient = std::move(to),
            .payload = "{}",
            .item = {}};
  }
  LineId conclude(const Conclusion& conclusion) {
    auto done = lines().conclude(conclusion, now_);
    EXPECT_TRUE(done) << done.message();
    return done.value_or(LineId{});
  }
  LineId conclude_next() {
    Decision decision = must_next();
    return conclude(answer(decision));
  }
  // Mailed to ann.
  LineId mail_next() {
    Decision decision = must_next();
    Conclusion c = answer(decision);
    c.developer = "ann@shop.example";
    c.mail = mail_to(c.developer);
    return conclude(c);
  }
  size_t messages() {
    auto due = store_->outbox().due(now_, 100);
    EXPECT_TRUE(due);
    return due ? due->size() : 0;
  }
  uint64_t waiting() { return lines().decisions_waiting().value_or(999); }
};

// --- what queues a decision ---

TEST_P(LinesContract, TellWhatBecameOfTheirMail) {
  apply_one(at("a", "a.py"));
  const Decision decision = must_next();
  Conclusion c = answer(decision);
  c.mail = mail_to("gone@shop.example");
  conclude(c);
  EXPECT_EQ(line(decision.line).mail_state, MessageState::kQueued);
  const std::vector<int64_t> ids = {store_->outbox().due(now_, 9).value_or({}).at(0).id};
  ASSERT_TRUE(store_->outbox().begin(ids, "<1@x>", now_));
  ASSERT_TRUE(store_->outbox().failed(ids, "550 no such user", now_));
  reopen();
  EXPECT_EQ(line(decision.line).mail_state, MessageState::kFailed);
  EXPECT_EQ(line(decision.line).mail_error, "550 no such user");
  EXPECT_TRUE(line(decision.line).mailed_at) << "it is not mailed again";
  const auto history = store_->history(kAll, project_, 1).value_or({});
  ASSERT_FALSE(history.empty());
  EXPECT_EQ(history[0].kind, "undeliverable");
  EXPECT_EQ(history[0].detail, "gone@shop.example: 550 no such user");
  const auto health = store_->outbox().health().value_or({});
  ASSERT_EQ(health.undeliverable.size(), 1U);
  EXPECT_EQ(health.undeliverable[0].recipient, "gone@shop.example");
  EXPECT_EQ(health.undeliverable[0].count, 1U);
  EXPECT_EQ(health.undeliverable[0].error, "550 no such user");
}

TEST_P(LinesContract, AnItemShowsThePlaceOfItsNewestLine) {
  apply_one(at("a", "a.py"));
  EXPECT_EQ(item(1).culprit, "a.py in f:5");
  apply_one(at("a", "b.py", "y = 2", 9));
  EXPECT_EQ(item(1).culprit, "b.py in f:9");
  EXPECT_EQ(line(item(1).line).path, "b.py");
}

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

// --- concluding ---

TEST_P(LinesContract, AConclusionIsKept) {
  Applied a = apply_one(at("a", "a.py"));
  Decision d = must_next();
  Conclusion c = answer(d);
  c.developer = "Ann@shop.example";
  c.verdict = R"({"path":"a.py"})";
  c.changed_at = now_ - days(9);
  c.keys = {{"repo", "shop 3f2c 5"}};
  c.mail = mail_to("ann@shop.example");
  now_ += seconds(3);
  LineId id = conclude(c);
  EXPECT_EQ(id, d.line);
  reopen();
  Line kept = line(id);
  EXPECT_EQ(kept.path, "a.py");
  EXPECT_EQ(kept.text, "x = 1");
  EXPECT_EQ(kept.count, 1u);
  EXPECT_EQ(kept.developer, "Ann@shop.example");
  EXPECT_EQ(kept.verdict, c.verdict);
  EXPECT_EQ(kept.changed_at, c.changed_at);
  EXPECT_EQ(kept.decided_at, now_);
  EXPECT_EQ(kept.mailed_at, now_);
  EXPECT_EQ(kept.mailed_to, "ann@shop.example");
  EXPECT_EQ(kept.episode, 0);
  EXPECT_EQ(*lines().find_line({"repo", "shop 3f2c 5"}), id);
  EXPECT_FALSE(*lines().find_line({"repo", "another"}));
  EXPECT_EQ(lines().line_keys(id, "repo")->size(), 1u);
  EXPECT_EQ(lines().line(LineId{999}).code(), Code::kNotFound);
  auto due = store_->outbox().due(now_, 10);
  ASSERT_TRUE(due);
  ASSERT_EQ(due->size(), 1u);
  EXPECT_EQ((*due)[0].key, "line:" + std::to_string(id.v) + ":0");
  EXPECT_EQ((*due)[0].item, a.item);

  EXPECT_EQ(item(1).line, id);
  EXPECT_EQ(item(1).developer, "Ann@shop.example");
  EXPECT_EQ(store_->occurrence(kAll, a.occurrence)->line, id);
  EXPECT_EQ(lines().conclude(c, now_).code(), Code::kNotFound) << "answered already";
}

TEST_P(LinesContract, AChangedLineRefusesTheConclusion) {
  apply({at("a", "a.py"), at("a", "a.py", "x = 1", 6)});
  Decision one = must_next();
  Conclusion late = answer(one);
  late.mail = mail_to("ann@shop.example");
  ASSERT_TRUE(lines().postpone(one.id, now_ + seconds(1)));
  EXPECT_EQ(mail_next(), one.line) << "another site of the line";
  EXPECT_EQ(messages(), 1u);
  EXPECT_EQ(lines().conclude(late, now_).code(), Code::kConflict);
  EXPECT_EQ(messages(), 1u);
  EXPECT_EQ(waiting(), 1u) << "it stays queued";

  Conclusion again = answer(one);
  again.new_episode = true;
  again.mail = mail_to("ann@shop.example");
  again.mail->key = "line:{line}:1";
  conclude(again);
  EXPECT_EQ(line(one.line).episode, 1);
  EXPECT_EQ(messages(), 2u);

  // Mailed before and after, but in another episode.
  apply({at("a", "a.py", "x = 1", 7), at("a", "a.py", "x = 1", 8)});
  Decision old = must_next();
  Conclusion of_old_episode = answer(old);
  ASSERT_TRUE(lines().postpone(old.id, now_ + seconds(1)));
  Decision regressed = must_next();
  again = answer(regressed);
  again.new_episode = true;
  again.mail = mail_to("ann@shop.example");
  again.mail->key = "line:{line}:2";
  conclude(again);
  EXPECT_EQ(lines().conclude(of_old_episode, now_).code(), Code::kConflict);
}

TEST_P(LinesContract, AMailGoesOutOnceWhateverIsConcluded) {
  apply_one(at("a", "a.py"));
  LineId id = mail_next();
  for (int i = 0; i < 3; ++i) {
    Sighting s = at("a", "a.py");
    s.release = keep(std::to_string(i));
    apply_one(s);
    EXPECT_EQ(mail_next(), id);
  }
  EXPECT_EQ(messages(), 1u);
  // What is said beside it has keys of its own.
  Sighting s = at("a", "a.py");
  s.release = "9";
  apply_one(s);
  Decision d = must_next();
  Conclusion c = answer(d);
  c.more = {{.key = "known:{line}:10",
             .kind = "known_error",
             .recipient = "bob@shop.example",
             .payload = "{}",
             .item = {}}};
  conclude(c);
  EXPECT_EQ(messages(), 2u);
}

TEST_P(LinesContract, ASiteThatSplitsTakesItsCountsAlong) {
  Sighting many = at("a", "a.py", "x = 1", 6);
  many.times = 5;
  apply({at("a", "a.py"), at("a", "a.py"), many});
  LineId first = mail_next();
  EXPECT_EQ(line(first).count, 7u);
  Decision d = must_next();
  Conclusion c = answer(d);
  c.split = true;
  c.keys = {{"repo", "second"}};
  c.developer = "bob@shop.example";
  c.mail = mail_to("bob@shop.example");
  LineId second = conclude(c);
  EXPECT_NE(second, first);
  EXPECT_EQ(line(first).count, 2u);
  EXPECT_EQ(line(first).mailed_to, "ann@shop.example");
  EXPECT_EQ(line(second).count, 5u);
  EXPECT_EQ(line(second).path, "a.py");
  EXPECT_EQ(line(second).mailed_to, "bob@shop.example");
  EXPECT_EQ(messages(), 2u);
  EXPECT_EQ(item(1).line, second) << "its newest occurrence lies there";
  apply_one(at("a", "a.py"));
  EXPECT_EQ(item(1).line, first);
  // What comes from there now counts there, before and after a restart.
  apply_one(at("a", "a.py", "x = 1", 6));
  reopen();
  apply({at("a", "a.py", "x = 1", 6), at("a", "a.py")});
  EXPECT_EQ(line(second).count, 7u);
  EXPECT_EQ(line(first).count, 4u);
  EXPECT_EQ(item(1).line, first);
  EXPECT_EQ(item(1).developer, "ann@shop.example");
}

TEST_P(LinesContract, ALineThatJoinsAnotherIsThatOneFromThenOn) {
  apply({at("a", "old.py"), at("a", "new.py"), at("a", "new.py")});
  Decision d = must_next();
  Conclusion c = answer(d);
  c.keys = {{"repo", "origin"}};
  LineId first = conclude(c);
  Decision moved = must_next();
  LineId gone = moved.line;
  Conclusion join = answer(moved);
  join.join = first;
  join.keys = {{"repo", "origin"}, {"repo", "another"}};
  join.developer = "ann@shop.example";
  join.mail = mail_to("ann@shop.example");
  EXPECT_EQ(conclude(join), first);
  EXPECT_EQ(line(first).count, 3u);
  EXPECT_EQ(line(gone).id, first) << "its id stands for the other";
  EXPECT_EQ(*lines().find_line({"repo", "another"}), first);
  EXPECT_EQ(lines().line_keys(first, "text")->size(), 2u);
  EXPECT_EQ(item(1).line, first);
  // A site of a new release comes to the same line by its text.
  for (int round = 0; round < 2; ++round) {
    Sighting later = at("a", "new.py");
    later.release = keep(std::to_string(round));
    apply_one(later);
    Decision again = must_next();
    EXPECT_EQ(again.line, first);
    conclude(answer(again));
    reopen();
  }
  EXPECT_EQ(line(first).count, 5u);
  EXPECT_EQ(messages(), 1u);
}

TEST_P(LinesContract, ALineWithAnotherSiteStaysOneOfItsOwn) {
  apply({at("a", "told.py"), at("b", "untold.py")});
  LineId told = mail_next();
  Decision d = must_next();
  LineId untold = conclude(answer(d));
  // Seen again in another release, the told line proves to be the other one.
  Sighting s = at("a", "told.py");
  s.release = "2";
  apply_one(s);
  Decision first = must_next();
  Conclusion c = answer(first);
  c.join = untold;
  c.mail = mail_to("bob@shop.example");
  EXPECT_EQ(conclude(c), untold);
  EXPECT_EQ(messages(), 2u) << "the told line has another site: it is one of its own";
  EXPECT_EQ(line(told).id, told);
}

TEST_P(LinesContract, AToldLineThatJoinsAnUntoldOneIsNotToldAgain) {
  apply({at("a", "told.py"), at("b", "untold.py")});
  LineId told = mail_next();
  LineId untold = conclude_next();
  Line before = line(told);
  // Queued again, at its only site.
  now_ += hours(1);
  ASSERT_TRUE(store_->set_status(kAll, project_, 1, ItemStatus::kResolved, "ann", now_));
  now_ += hours(1);
  apply_one(at("a", "told.py"));
  Decision d = must_next();
  Conclusion c = answer(d);
  c.join = untold;
  c.mail = mail_to("bob@shop.example");
  EXPECT_EQ(conclude(c), untold);
  EXPECT_EQ(messages(), 1u);
  EXPECT_EQ(line(told).id, untold);
  EXPECT_EQ(line(untold).mailed_at, before.mailed_at);
  EXPECT_EQ(line(untold).mailed_to, "ann@shop.example");
  EXPECT_EQ(line(untold).count, 3u);
}

TEST_P(LinesContract, AnIdOfALineIsNeverUsedAgain) {
  apply({at("a", "one.py"), at("a", "two.py")});
  LineId one = conclude_next();
  Decision d = must_next();
  LineId two = d.line;
  Conclusion c = answer(d);
  c.join = one;
  conclude(c);
  reopen();
  apply_one(at("a", "three.py"));
  EXPECT_NE(must_next().line, two) << "a message's key may hold it";
}

TEST_P(LinesContract, OneLineOfSeveralProjectsIsMailedOnce) {
  ProjectId other = new_project("blog");
  Sighting theirs = at("a", "/srv/lib/x.py");
  theirs.project = other;
  apply({at("a", "lib/x.py"), theirs});
  Decision mine = must_next(), second = must_next();
  ASSERT_NE(mine.project, second.project);
  Conclusion c = answer(mine);
  c.keys = {{"repo", "lib"}};
  c.mail = mail_to("ann@shop.example");
  LineId line_of_both = conclude(c);
  c = answer(second);
  c.join = *lines().find_line({"repo", "lib"}).value_or(LineId{});
  c.mail = mail_to("ann@shop.example");
  EXPECT_EQ(conclude(c), line_of_both);
  EXPECT_EQ(messages(), 1u);
  EXPECT_EQ(line(line_of_both).count, 2u);
}

TEST_P(LinesContract, HistoryTellsWhoIsBlamedAndMailed) {
  apply_one(at("a", "a.py"));
  LineId id = mail_next();
  auto due = store_->outbox().due(now_, 1);
  now_ += seconds(5);
  std::vector<int64_t> ids = {due->at(0).id};
  ASSERT_TRUE(store_->outbox().begin(ids, "<1@x>", now_));
  ASSERT_TRUE(store_->outbox().sent(ids, now_));
  Sighting s = at("a", "a.py");
  s.release = "2";
  s.environment = "staging";
  apply_one(s);
  Decision d = must_next();
  Conclusion c = answer(d);
  c.developer = line(id).developer;  // the same: nothing to tell
  conclude(c);
  ASSERT_TRUE(store_->set_status(kAll, project_, 1, ItemStatus::kResolved, "ann", now_));
  auto events = store_->history(kAll, project_, 1);
  ASSERT_TRUE(events);
  std::vector<std::string> told;
  for (const ItemEvent& e : *events) told.push_back(e.kind + " " + e.detail + e.by);
  EXPECT_THAT(told, ElementsAre("resolved ann", "new_in_environment staging",
                                "mailed ann@shop.example", "blamed ann@shop.example", "created "));
  EXPECT_EQ((*events)[2].at, now_);
  EXPECT_EQ(store_->history(kAll, project_, 7).code(), Code::kNotFound);
}

// --- reading ---

TEST_P(LinesContract, ItemsAreFoundByTheirDeveloper) {
  apply({at("a", "a.py"), at("b", "b.py"), at("c", "c.py"), report("d")});
  conclude_next();
  mail_next();
  mail_next();
  ItemQuery query;
  query.developer = "ANN@shop.example";
  EXPECT_THAT(titles(query), UnorderedElementsAre("b", "c"));
  query.limit = 1;
  EXPECT_EQ(titles(query).size(), 2u);
  query.developer = "bob@shop.example";
  EXPECT_THAT(titles(query), IsEmpty());
}

TEST_P(LinesContract, AReportCountsDaysByLineAndProject) {
  now_ = from_unix_ms(0) + days(20000) + hours(23);
  ProjectId other = new_project("blog");
  auto theirs = at("a", "a.py");
  theirs.project = other;
  apply({at("a", "a.py"), at("b", "b.py"), at("b", "b.py"), theirs});
  Time first_day = now_;
  now_ += hours(2);
  Sighting many = at("a", "a.py", "x = 1", 8);
  many.times = 40;
  Applied newest = apply_one(many);
  auto report_of = [&](Time from, Time to, const Visible& visible = kAll) {
    auto report = lines().report(visible, from, to);
    EXPECT_TRUE(report) << report.message();
    return report.value_or({});
  };
  auto all = report_of(first_day, now_);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].line.path, "a.py");
  EXPECT_EQ(all[0].count, 41u);
  EXPECT_EQ(all[0].line_number, 8u);
  EXPECT_EQ(all[0].last_seen, now_);
  EXPECT_EQ(all[0].last_occurrence, newest.occurrence);
  EXPECT_EQ(all[0].item_number, 1);
  EXPECT_EQ(all[0].project_name, "shop");
  EXPECT_EQ(all[1].count, 2u);
  EXPECT_EQ(all[2].project, other);
  Time midnight = std::chrono::floor<days>(now_);
  auto first = report_of(first_day - days(6), midnight);
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0].line.path, "b.py");
  EXPECT_EQ(report_of(midnight, midnight + days(1)).size(), 1u);
  EXPECT_EQ(report_of(midnight + days(1), midnight + days(8)).size(), 0u);
  auto visible = report_of(first_day, now_, {false, {other}});
  ASSERT_EQ(visible.size(), 1u);
  EXPECT_EQ(visible[0].project, other);
}

TEST_P(LinesContract, TheNewestOccurrenceOfAPlaceIsFound) {
  now_ = from_unix_ms(0) + days(20000);
  apply({at("a", "a.py", "  x  =  1\n", 5), at("a", "a.py", "y = 2", 9)});
  Time first_day = now_;
  now_ += days(1);
  std::vector<Applied> second = apply({at("b", "a.py", "x = 1", 5), at("b", "b.py", "x = 1", 5)});
  auto newest = [&](const SiteQuery& query, Time from, Time to) {
    return lines().newest_at(kAll, query, from, to).value_or(OccurrenceId{}).v;
  };
  SiteQuery query{"a.py", "f", "\tx = 1", 5};
  EXPECT_EQ(newest(query, first_day, now_ + days(1)), second[0].occurrence.v);
  EXPECT_EQ(newest(query, first_day, now_), 1);
  EXPECT_EQ(newest(query, now_ + days(1), now_ + days(9)), 0);
  EXPECT_EQ(newest({"a.py", "f", "x = 1", 6}, first_day, now_ + days(1)), 0);
  EXPECT_EQ(newest({"a.py", "g", "x = 1", 5}, first_day, now_ + days(1)), 0);
  EXPECT_EQ(newest({"a.py", "", "", 9}, first_day, now_ + days(1)), 2);
  EXPECT_EQ(lines().newest_at(kAll, {}, first_day, now_).code(), Code::kInvalid);
}

TEST_P(LinesContract, LinesAreShownToWhoMaySeeTheirProject) {
  Applied a = apply_one(at("a", "a.py"));
  ProjectId other = new_project("blog");
  auto found = lines().line_of(kAll, a.occurrence);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->path, "a.py");
  EXPECT_EQ(lines().line_of(kAll, apply_one(report("b")).occurrence).code(), Code::kNotFound);
  for (const Visible& visible : {Visible{false, {other}}, Visible{}}) {
    EXPECT_EQ(lines().line_of(visible, a.occurrence).code(), Code::kNotFound);
    EXPECT_THAT(*lines().report(visible, now_ - days(1), now_ + days(1)), IsEmpty());
    EXPECT_EQ(lines().newest_at(visible, {"a.py", "", "", 0}, now_, now_ + days(1)).code(),
              Code::kNotFound);
    EXPECT_EQ(store_->history(visible, project_, 1).code(), Code::kNotFound);
  }
}

// --- reports that stand for many ---

TEST_P(LinesContract, AReportThatStandsForManyCountsThemEverywhere) {
  Sighting s = at("a", "a.py");
  s.times = 40;
  Applied a = apply_one(s);
  apply_one(at("a", "a.py"));
  Item i = item(1);
  EXPECT_EQ(i.count, 41u);
  EXPECT_EQ(i.count_active, 41u);
  EXPECT_EQ(i.environments[0].count, 41u);
  EXPECT_EQ(i.trend.back(), 41u);
  EXPECT_EQ(store_->trend(kAll, project_, 0, now_, 1, 1)->at(0), 41u);
  EXPECT_EQ(store_->health()->occurrences, 2u) << "a row is one report";
  EXPECT_EQ(lines().line_of(kAll, a.occurrence)->count, 41u);
  Sighting absurd = report("b");
  absurd.times = 1ull << 62;
  apply_one(absurd);
  EXPECT_EQ(item(2).count, kMostTimes);
  Sighting none = report("c");
  none.times = 0;
  apply_one(none);
  EXPECT_EQ(item(3).count, 1u);
}

// --- rules ---

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

INSTANTIATE_TEST_SUITE_P(Every, LinesContract, testing::ValuesIn(backends()), backend_name);

}  // namespace flawless::store
