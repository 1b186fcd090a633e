// Contract of digestion: exactly once, items and their life, counts.
#include "store/store_contract.h"

namespace flawless::store {

using std::chrono::hours;
using std::chrono::seconds;

TEST_P(StoreContract, FirstSightingMakesAnItem) {
  Sighting s = report("IndexError: list index out of range");
  s.level = Level::kCritical;
  s.release = "1.0";
  s.site_path = "shop/banner.py";
  s.site_function = "pick_banner";
  s.site_text = "  return banners[i]";
  s.site_line = 17;
  Applied a = apply_one(s);
  EXPECT_TRUE(a.new_item);
  EXPECT_TRUE(a.new_in_environment);
  EXPECT_TRUE(a.new_site);
  EXPECT_FALSE(a.duplicate);
  EXPECT_FALSE(a.reopened);
  EXPECT_EQ(a.item_number, 1);
  Item i = item(1);
  EXPECT_EQ(i.title, "IndexError: list index out of range");
  EXPECT_EQ(i.culprit, "shop/banner.py in pick_banner:17");
  EXPECT_EQ(i.level, Level::kCritical);
  EXPECT_EQ(i.status, ItemStatus::kActive);
  EXPECT_EQ(i.count, 1u);
  EXPECT_EQ(i.first_release, "1.0");
  EXPECT_EQ(i.first_occurrence, a.occurrence);
  ASSERT_EQ(i.keys.size(), 1u);
  EXPECT_EQ(i.keys[0].canonical, s.title);
  EXPECT_EQ(store_->item_by_id(kAll, a.item, now_)->number, 1);
}

TEST_P(StoreContract, LaterSightingsCountAndKeepTitleAndLevel) {
  Sighting first = report("a");
  first.release = "1.0";
  apply_one(first);
  now_ += seconds(10);
  Sighting second = report("a");
  second.title = "another title";
  second.level = Level::kDebug;
  second.release = "2.0";
  Applied a = apply_one(second);
  EXPECT_FALSE(a.new_item);
  EXPECT_FALSE(a.new_in_environment);
  Item i = item(1);
  EXPECT_EQ(i.title, "a");
  EXPECT_EQ(i.level, Level::kError);
  EXPECT_EQ(i.count, 2u);
  EXPECT_EQ(i.last_seen, now_);
  EXPECT_EQ(i.first_release, "1.0");
  EXPECT_EQ(i.last_release, "2.0");
  EXPECT_EQ(i.last_occurrence, a.occurrence);
}

TEST_P(StoreContract, NumbersHaveNoGapsAndAreTheProjectsOwn) {
  ProjectId other = new_project("blog");
  std::vector<int64_t> numbers;
  for (int i = 0; i < 5; ++i) {
    Sighting mine = report(keep("mine " + std::to_string(i)));
    Sighting theirs = report(keep("theirs " + std::to_string(i)));
    theirs.project = other;
    for (const Applied& a : apply({mine, theirs})) numbers.push_back(a.item_number);
  }
  EXPECT_THAT(numbers, testing::ElementsAre(1, 1, 2, 2, 3, 3, 4, 4, 5, 5));
}

TEST_P(StoreContract, TheSameBatchAgainIsAllDuplicates) {
  std::vector<Sighting> batch = {report("a"), report("b"), report("a")};
  std::vector<Applied> first = apply(batch);
  for (int round = 0; round < 2; ++round) {
    std::vector<Applied> again = apply(batch);
    for (size_t i = 0; i < batch.size(); ++i) {
      EXPECT_TRUE(again[i].duplicate);
      EXPECT_EQ(again[i].occurrence, first[i].occurrence);
      EXPECT_EQ(again[i].item, first[i].item);
      EXPECT_EQ(again[i].item_number, first[i].item_number);
    }
    EXPECT_EQ(item(1).count, 2u);
    EXPECT_EQ(store_->health()->occurrences, 3u);
    reopen();
  }
}

TEST_P(StoreContract, ADuplicateInsideABatchCountsOnce) {
  Sighting s = report("a");
  Sighting elsewhere = s;
  elsewhere.project = new_project("blog");
  std::vector<Applied> applied = apply({s, s, elsewhere});
  EXPECT_FALSE(applied[0].duplicate);
  EXPECT_TRUE(applied[1].duplicate);
  EXPECT_FALSE(applied[1].new_item);
  EXPECT_FALSE(applied[2].duplicate) << "an id is a project's own";
  EXPECT_EQ(item(1).count, 1u);
}

TEST_P(StoreContract, DuplicatesAreFoundAfterManyBatchesOfAnySize) {
  std::vector<Sighting> all;
  for (size_t size : {1, 1, 3, 40, 1, 250}) {
    for (int repeat = 0; repeat < 20; ++repeat) {
      std::vector<Sighting> batch;
      for (size_t i = 0; i < size; ++i) batch.push_back(report("a"));
      all.insert(all.end(), batch.begin(), batch.end());
      apply(batch);
    }
  }
  for (int round = 0; round < 2; ++round) {
    uint64_t missed = 0;
    for (const Applied& a : apply(all)) missed += a.duplicate ? 0 : 1;
    EXPECT_EQ(missed, 0u);
    for (size_t i = 0; i < all.size(); i += 97) {
      auto found = store_->occurrence_by_report(kAll, project_, all[i].report_id);
      ASSERT_TRUE(found) << i;
      EXPECT_EQ(found->report_id, all[i].report_id);
    }
    EXPECT_EQ(item(1).count, all.size());
    reopen();
  }
}

TEST_P(StoreContract, CursorMovesWithTheBatchAndSurvives) {
  EXPECT_EQ(at_cursor(), 0u);
  apply({report("a"), report("b")});
  EXPECT_EQ(at_cursor(), 2u);
  reopen();
  EXPECT_EQ(at_cursor(), 2u);
  EXPECT_EQ(store_->cursor(kJournal + 1, 0)->sequence, 0u) << "another journal starts anew";
  EXPECT_EQ(store_->cursor(kJournal, 7)->sequence, 0u);
}

TEST_P(StoreContract, TheCursorGoesBackOnlyWhenTheJournalLostRecords) {
  apply({report("a"), report("b"), report("c")});
  ASSERT_EQ(store_->checkpoint(kJournal, 0)->sequence, 3u);
  ASSERT_TRUE(store_->apply({}, {kJournal, 1, 0, 1}));
  EXPECT_EQ(at_cursor(), 3u);
  ASSERT_TRUE(store_->apply({}, {kJournal, 1, 0, 1, true}));
  EXPECT_EQ(at_cursor(), 1u);
  EXPECT_LE(store_->checkpoint(kJournal, 0)->sequence, 1u) << "what is read again stays";
  reopen();
  EXPECT_EQ(at_cursor(), 1u);
  sequence_ = 1;
  apply_one(report("d"));
  EXPECT_EQ(at_cursor(), 2u) << "from there it goes on as ever";
}

TEST_P(StoreContract, CheckpointCoversWhatWasApplied) {
  apply({report("a")});
  auto covered = store_->checkpoint(kJournal, 0);
  ASSERT_TRUE(covered);
  EXPECT_EQ(covered->sequence, 1u);
  EXPECT_EQ(covered->epoch, 1u);
  EXPECT_EQ(store_->checkpoint(kJournal + 1, 0)->sequence, 0u);
}

TEST_P(StoreContract, AnOlderEpochIsFencedOff) {
  apply({report("a")});
  ASSERT_TRUE(store_->apply({}, {kJournal, 2, 0, 1}));
  Sighting late = report("b");
  auto refused = store_->apply({&late, 1}, {kJournal, 1, 0, 2});
  EXPECT_EQ(refused.code(), Code::kConflict);
  EXPECT_EQ(at_cursor(), 1u);
  EXPECT_EQ(store_->health()->items, 1u);
}

TEST_P(StoreContract, AnUnknownProjectUndoesTheWholeBatch) {
  std::vector<Sighting> batch = {report("a"), report("b")};
  batch[1].project = {9999};
  EXPECT_EQ(store_->apply(batch, {kJournal, 1, 0, 2}).code(), Code::kNotFound);
  EXPECT_EQ(at_cursor(), 0u);
  EXPECT_EQ(store_->health()->occurrences, 0u);
  EXPECT_EQ(store_->health()->failed_batches, 1u);
  batch[1].project = project_;
  std::vector<Applied> applied = apply(batch);
  EXPECT_TRUE(applied[0].new_item) << "nothing may be remembered of the failed try";
  EXPECT_EQ(applied[0].item_number, 1);
  EXPECT_EQ(applied[1].item_number, 2);
  EXPECT_EQ(item(1).environments.size(), 1u);
}

// When digestion is behind, what came in before somebody resolved the item is no news.
TEST_P(StoreContract, AReportFromBeforeTheResolutionDoesNotReopen) {
  apply_one(report("a"));
  Sighting late = report("a");
  now_ += seconds(10);
  ASSERT_TRUE(store_->set_status(kAll, project_, 1, ItemStatus::kResolved, "ann", now_));
  for (int round = 0; round < 2; ++round) {
    EXPECT_FALSE(apply_one(late).reopened);
    EXPECT_EQ(item(1).status, ItemStatus::kResolved);
    late = report("a");
    late.received_at = now_ - seconds(1);
  }
  EXPECT_EQ(item(1).count, 3u);
  EXPECT_TRUE(apply_one(report("a")).reopened);
}

TEST_P(StoreContract, AResolvedItemReopens) {
  apply({report("a"), report("a")});
  now_ += hours(1);
  ASSERT_TRUE(store_->set_status(kAll, project_, 1, ItemStatus::kResolved, "ann", now_));
  EXPECT_EQ(item(1).status, ItemStatus::kResolved);
  EXPECT_EQ(item(1).status_changed_at, now_);
  now_ += hours(1);
  std::vector<Applied> applied = apply({report("a"), report("a")});
  EXPECT_TRUE(applied[0].reopened);
  EXPECT_FALSE(applied[1].reopened) << "once";
  EXPECT_FALSE(applied[0].new_item);
  Item i = item(1);
  EXPECT_EQ(i.status, ItemStatus::kActive);
  EXPECT_EQ(i.status_changed_at, now_);
  EXPECT_EQ(i.count, 4u);
  EXPECT_EQ(i.count_active, 2u);
}

TEST_P(StoreContract, MutedAndArchivedItemsCountButStay) {
  for (ItemStatus status : {ItemStatus::kMuted, ItemStatus::kArchived}) {
    apply_one(report("a"));
    ASSERT_TRUE(store_->set_status(kAll, project_, 1, status, "ann", now_));
    uint64_t before = item(1).count;
    EXPECT_FALSE(apply_one(report("a")).reopened);
    EXPECT_EQ(item(1).status, status);
    EXPECT_EQ(item(1).count, before + 1);
  }
}

TEST_P(StoreContract, EachEnvironmentHasItsOwnFirstSighting) {
  Sighting s = report("a");
  s.environment = "development";
  EXPECT_TRUE(apply_one(s).new_in_environment);
  now_ += hours(2);
  std::vector<Applied> applied = apply({report("a"), report("a")});
  EXPECT_TRUE(applied[0].new_in_environment);
  EXPECT_FALSE(applied[1].new_in_environment);
  reopen();
  EXPECT_FALSE(apply_one(report("a")).new_in_environment);
  Item i = item(1);
  ASSERT_EQ(i.environments.size(), 2u);
  EXPECT_EQ(i.environments[0].name, "production") << "the latest first";
  EXPECT_EQ(i.environments[0].count, 3u);
  EXPECT_EQ(i.environments[0].first_seen, now_);
  EXPECT_EQ(i.environments[1].name, "development");
  EXPECT_EQ(i.environments[1].count, 1u);
  EXPECT_EQ(i.environments[1].last_seen, now_ - hours(2));
}

TEST_P(StoreContract, PeopleAreCountedOnceEach) {
  auto by = [&](std::string_view id, std::string_view name, std::string_view email) {
    Sighting s = report("a");
    s.person_id = id;
    s.person_username = name;
    s.person_email = email;
    return s;
  };
  apply({by("1", "ann", ""), by("1", "ann", "ann@example.org"), by("", "bob", ""), report("a")});
  EXPECT_EQ(item(1).people, 2u);
  reopen();
  Applied a = apply_one(by("1", "anna", ""));
  EXPECT_EQ(item(1).people, 2u);
  auto o = store_->occurrence(kAll, a.occurrence);
  ASSERT_TRUE(o);
  EXPECT_EQ(o->person_id, "1");
  EXPECT_EQ(o->person_username, "anna") << "the newest name wins";
  EXPECT_EQ(o->person_email, "ann@example.org") << "an address is not forgotten";
}

TEST_P(StoreContract, ASiteIsNewOncePerRelease) {
  auto at = [&](std::string_view release, uint32_t line) {
    Sighting s = report("a");
    s.release = release;
    s.site_path = "a.py";
    s.site_text = "x = 1";
    s.site_line = line;
    return s;
  };
  std::vector<Applied> applied = apply({at("1", 5), at("1", 5), at("2", 5), at("2", 6)});
  EXPECT_TRUE(applied[0].new_site);
  EXPECT_FALSE(applied[1].new_site);
  EXPECT_TRUE(applied[2].new_site);
  EXPECT_TRUE(applied[3].new_site);
  reopen();
  EXPECT_FALSE(apply_one(at("2", 6)).new_site);
}

TEST_P(StoreContract, AttemptsAreCountedDurably) {
  EXPECT_EQ(*store_->count_attempt(7), 1);
  EXPECT_EQ(*store_->count_attempt(7), 2);
  EXPECT_EQ(*store_->count_attempt(8), 1);
  reopen();
  EXPECT_EQ(*store_->count_attempt(7), 3);
  ASSERT_TRUE(store_->clear_attempts());
  EXPECT_EQ(*store_->count_attempt(7), 1);
}

TEST_P(StoreContract, QuarantineKeepsTheRecordAndMovesOn) {
  Quarantined record{5, 2, 4096, project_, now_, "ended the process twice"};
  ASSERT_TRUE(store_->quarantine(record, {kJournal, 1, 0, 5}));
  EXPECT_EQ(at_cursor(), 5u);
  reopen();
  auto kept = store_->quarantined();
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->size(), 1u);
  EXPECT_EQ((*kept)[0].offset, 4096u);
  EXPECT_EQ((*kept)[0].reason, record.reason);
  EXPECT_EQ(store_->health()->quarantined, 1u);
}

TEST_P(StoreContract, QuarantineIsListedByProjectAndInPages) {
  const ProjectId other = new_project("other");
  for (uint64_t sequence : {9, 3, 6}) {
    const ProjectId of = sequence == 6 ? other : project_;
    ASSERT_TRUE(store_->quarantine({sequence, 1, 0, of, now_, "r"}, {kJournal, 1, 0, 9}));
  }
  const auto sequences = [&](const QuarantineQuery& query) {
    std::vector<uint64_t> found;
    const auto rows = store_->quarantined(query);
    EXPECT_TRUE(rows) << rows.message();
    if (!rows) return found;
    for (const Quarantined& one : *rows) found.push_back(one.sequence);
    return found;
  };
  EXPECT_THAT(sequences({}), testing::ElementsAre(3, 6, 9));
  EXPECT_THAT(sequences({.project = project_}), testing::ElementsAre(3, 9));
  EXPECT_THAT(sequences({.after = 3, .limit = 1}), testing::ElementsAre(6));
}

TEST_P(StoreContract, AQuarantinedReportIsFoundByItsSendersId) {
  const ProjectId other = new_project("other");
  const ReportId id = ReportId::from_client("r");
  ASSERT_TRUE(store_->quarantine({5, 1, 0, project_, now_, "why", id}, {kJournal, 1, 0, 5}));
  ASSERT_TRUE(store_->quarantine({6, 1, 0, project_, now_, "unreadable"}, {kJournal, 1, 0, 6}));
  reopen();
  auto found = store_->quarantined_report(kAll, project_, id);
  ASSERT_TRUE(found) << found.message();
  EXPECT_EQ(found->sequence, 5u);
  EXPECT_EQ(found->reason, "why");
  EXPECT_EQ(found->report_id, id);
  EXPECT_EQ(store_->quarantined_report(kAll, other, id).code(), Code::kNotFound);
  EXPECT_EQ(store_->quarantined_report({.all = false, .projects = {other}}, project_, id).code(),
            Code::kNotFound);
  EXPECT_EQ(store_->quarantined_report(kAll, project_, ReportId{}).code(), Code::kNotFound);
}

TEST_P(StoreContract, WhatIsAppliedFromQuarantineLeavesItAndMovesNoCursor) {
  const Sighting s = report("a");
  ASSERT_TRUE(store_->quarantine({s.sequence, 1, 0, project_, now_, "r"}, {kJournal, 1, 0, 40}));
  auto applied = store_->apply_quarantined(s, {kJournal, 1, 0, 0});
  ASSERT_TRUE(applied) << applied.message();
  EXPECT_TRUE(applied->new_item);
  reopen();
  EXPECT_EQ(at_cursor(), 40u);
  EXPECT_EQ(item(1).count, 1u);
  EXPECT_EQ(store_->quarantined()->size(), 0u);
  // A crash before the answer: whoever asks again does no harm.
  auto again = store_->apply_quarantined(s, {kJournal, 1, 0, 0});
  ASSERT_TRUE(again) << again.message();
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->item_number, 1);
  EXPECT_EQ(item(1).count, 1u);
}

// It came before the others, though it is stored after them.
TEST_P(StoreContract, WhatIsAppliedFromQuarantineCountsWhenItCame) {
  Sighting late = report("a");
  late.release = "v1";
  now_ += std::chrono::hours(1);
  Sighting s = report("a");
  s.release = "v2";
  apply_one(s);
  ASSERT_TRUE(store_->apply_quarantined(late, {kJournal, 1, 0, 2}));
  EXPECT_EQ(item(1).first_seen, late.received_at);
  EXPECT_EQ(item(1).last_seen, s.received_at);
  EXPECT_EQ(item(1).first_release, "v1");
  EXPECT_EQ(item(1).last_release, "v2");
  ASSERT_EQ(item(1).environments.size(), 1u);
  EXPECT_EQ(item(1).environments[0].first_seen, late.received_at);
  EXPECT_EQ(item(1).environments[0].last_seen, s.received_at);
  OccurrenceQuery of_item;
  of_item.item_number = 1;
  EXPECT_THAT(occurrence_ids(of_item), testing::ElementsAre(2, 1)) << "in order of storing";
}

TEST_P(StoreContract, WhatCannotBeAppliedFromQuarantineStays) {
  Sighting s = report("a");
  s.project = {99};
  ASSERT_TRUE(store_->quarantine({s.sequence, 1, 0, s.project, now_, "r"}, {kJournal, 1, 0, 5}));
  EXPECT_EQ(store_->apply_quarantined(s, {kJournal, 1, 0, 0}).code(), Code::kNotFound);
  EXPECT_EQ(store_->quarantined()->size(), 1u);
  EXPECT_EQ(store_->apply_quarantined(report("b"), {kJournal, 0, 0, 0}).code(), Code::kConflict)
      << "another process has the journal now";
}

TEST_P(StoreContract, WhatIsDroppedFromQuarantineIsGone) {
  ASSERT_TRUE(store_->quarantine({5, 1, 0, project_, now_, "r"}, {kJournal, 1, 0, 5}));
  ASSERT_TRUE(store_->drop_quarantined(5));
  ASSERT_TRUE(store_->drop_quarantined(5));
  reopen();
  EXPECT_EQ(store_->quarantined()->size(), 0u);
  EXPECT_EQ(at_cursor(), 5u);
}

TEST_P(StoreContract, RefusalsAddUp) {
  std::vector<Refusal> some = {{project_, "quota", 3, now_}, {{}, "unknown token", 1, now_}};
  ASSERT_TRUE(store_->add_refusals(some));
  now_ += hours(30);
  some = {{project_, "quota", 4, now_}};
  ASSERT_TRUE(store_->add_refusals(some));
  auto all = store_->refusals(kAll, now_ - hours(48));
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].reason, "quota");
  EXPECT_EQ((*all)[0].count, 7u);
  EXPECT_EQ((*all)[0].last_at, now_);
  EXPECT_EQ(store_->refusals(kAll, now_ - hours(1))->size(), 1u);
}

TEST_P(StoreContract, AStoppedStoreRefuses) {
  apply_one(report("a"));
  store_->stop();
  store_->stop();
  Sighting s = report("b");
  EXPECT_EQ(store_->apply({&s, 1}, {kJournal, 1, 0, 2}).code(), Code::kUnavailable);
  EXPECT_EQ(store_->item(kAll, project_, 1, now_).code(), Code::kUnavailable);
  reopen();
  EXPECT_EQ(item(1).count, 1u);
}

// The first and the last of an item, what came within the quota, and one in a hundred.
TEST_P(StoreContract, OverTheSoftQuotaBodiesAreSampledAndEverythingIsCounted) {
  std::vector<Sighting> sightings;
  for (int i = 0; i < 250; ++i) {
    sightings.push_back(report("flood"));
    if (i != 3) sightings.back().flags = kFlagOverQuota;
  }
  auto first = apply({sightings.begin(), sightings.begin() + 120});
  auto second = apply({sightings.begin() + 120, sightings.end()});
  first.insert(first.end(), second.begin(), second.end());
  EXPECT_EQ(item(1).count, 250u);
  std::vector<size_t> kept;
  for (size_t i = 0; i < first.size(); ++i) {
    auto row = store_->occurrence(kAll, first[i].occurrence);
    ASSERT_TRUE(row) << row.message();
    bool sampled_out = (row->flags & kFlagSampledOut) != 0;
    EXPECT_EQ(row->body.bytes == 0, sampled_out) << i;
    if (!sampled_out) kept.push_back(i);
  }
  EXPECT_EQ(kept, (std::vector<size_t>{0, 1, 3, 102, 202, 249}));
}

INSTANTIATE_TEST_SUITE_P(Every, StoreContract, testing::ValuesIn(backends()), backend_name);

}  // namespace flawless::store
