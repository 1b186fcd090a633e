// Contract of lines: what concluding a decision does, and what is read of lines.
#include "store/lines_contract.h"

namespace flawless::store {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

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

TEST_P(LinesContract, AnItemShowsThePlaceOfItsNewestLine) {
  apply_one(at("a", "a.py"));
  EXPECT_EQ(item(1).culprit, "a.py in f:5");
  apply_one(at("a", "b.py", "y = 2", 9));
  EXPECT_EQ(item(1).culprit, "b.py in f:9");
  EXPECT_EQ(line(item(1).line).path, "b.py");
}

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

INSTANTIATE_TEST_SUITE_P(Every, LinesContract, testing::ValuesIn(backends()), backend_name);

}  // namespace flawless::store
