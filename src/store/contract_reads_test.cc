// Contract of reading: lists, filters, order, pages, search, trends, facets.
#include "store/store_contract.h"

namespace flawless::store {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_P(StoreContract, ItemsSortEachWay) {
  // a: oldest, 3 times, no people; b: newest, once, 1 person; c: in between, twice, 2 people.
  auto by = [&](std::string_view group, std::string_view person, Level level) {
    Sighting s = report(group);
    s.person_id = person;
    s.level = level;
    return s;
  };
  apply({by("a", "", Level::kWarning), by("a", "", Level::kWarning), by("a", "", Level::kWarning)});
  now_ += seconds(1);
  apply({by("c", "1", Level::kCritical), by("c", "2", Level::kCritical)});
  now_ += seconds(1);
  apply({by("b", "1", Level::kInfo)});
  auto sorted = [&](ItemSort sort, bool ascending) {
    ItemQuery query;
    query.sort = sort;
    query.ascending = ascending;
    query.limit = 2;
    return titles(query);
  };
  EXPECT_THAT(sorted(ItemSort::kLastSeen, false), ElementsAre("b", "c", "a"));
  EXPECT_THAT(sorted(ItemSort::kLastSeen, true), ElementsAre("a", "c", "b"));
  EXPECT_THAT(sorted(ItemSort::kFirstSeen, false), ElementsAre("b", "c", "a"));
  EXPECT_THAT(sorted(ItemSort::kCount, false), ElementsAre("a", "c", "b"));
  EXPECT_THAT(sorted(ItemSort::kCount, true), ElementsAre("b", "c", "a"));
  EXPECT_THAT(sorted(ItemSort::kPeople, false), ElementsAre("c", "b", "a"));
  EXPECT_THAT(sorted(ItemSort::kLevel, false), ElementsAre("c", "a", "b"));
}

TEST_P(StoreContract, PagesAreCompleteUnderTies) {
  std::vector<Sighting> batch;
  for (int i = 0; i < 57; ++i) batch.push_back(report(keep("item " + std::to_string(i))));
  apply(batch);
  for (int i = 1; i <= 57; i += 3) {
    ASSERT_TRUE(store_->set_status(kAll, project_, i, ItemStatus::kResolved, "ann", now_));
  }
  for (auto sort : {ItemSort::kLastSeen, ItemSort::kCount, ItemSort::kLevel}) {
    for (bool ascending : {false, true}) {
      ItemQuery query;
      query.sort = sort;
      query.ascending = ascending;
      query.limit = 7;
      std::vector<std::string> all = titles(query);
      EXPECT_EQ(all.size(), 57u);
      EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 57u);
    }
  }
}

TEST_P(StoreContract, ItemsMadeWhilePagingDoNotDisturb) {
  for (int i = 0; i < 6; ++i) {
    now_ += seconds(1);
    apply_one(report(keep(std::to_string(i))));
  }
  ItemQuery query;
  query.limit = 3;
  Page<Item> first = items(query);
  now_ += seconds(1);
  apply_one(report("new"));
  query.cursor = first.next;
  Page<Item> second = items(query);
  ASSERT_EQ(second.rows.size(), 3u);
  EXPECT_EQ(second.rows[0].title, "2");
  EXPECT_EQ(second.rows[2].title, "0");
  EXPECT_TRUE(second.next.empty());
}

TEST_P(StoreContract, ACursorMustBeOneOfOursAndOfTheSameQuery) {
  apply({report("a"), report("b"), report("c")});
  ItemQuery query;
  query.project = project_;
  query.limit = 1;
  std::string cursor = items(query).next;
  ASSERT_FALSE(cursor.empty());
  for (std::string bad : {std::string("x"), cursor + "A", std::string(cursor.size(), '!'),
                          std::string(cursor.size(), 'A'), std::string(1000, 'A')}) {
    query.cursor = bad;
    auto page = store_->items(kAll, query, now_);
    EXPECT_EQ(page.code(), Code::kInvalid) << bad;
    EXPECT_THAT(page.message(), testing::HasSubstr("cursor"));
    OccurrenceQuery occurrences;
    occurrences.project = project_;
    occurrences.cursor = bad;
    EXPECT_EQ(store_->occurrences(kAll, occurrences).code(), Code::kInvalid);
  }
  query.cursor = cursor;
  query.sort = ItemSort::kCount;
  EXPECT_EQ(store_->items(kAll, query, now_).code(), Code::kInvalid);
}

TEST_P(StoreContract, ItemsFilter) {
  Sighting a = report("a"), b = report("b"), c = report("c");
  a.level = Level::kWarning;
  a.environment = "staging";
  b.release = "1.0";
  c.received_at += hours(3);
  apply({a, b, c});
  ASSERT_TRUE(store_->set_status(kAll, project_, 3, ItemStatus::kMuted, "ann", now_));
  auto with = [&](auto change) {
    ItemQuery query;
    change(query);
    return titles(query);
  };
  EXPECT_THAT(with([](ItemQuery& q) { q.levels = {Level::kWarning}; }), ElementsAre("a"));
  EXPECT_THAT(with([](ItemQuery& q) { q.levels = {Level::kWarning, Level::kError}; }),
              UnorderedElementsAre("a", "b", "c"));
  EXPECT_THAT(with([](ItemQuery& q) { q.statuses = {ItemStatus::kMuted}; }), ElementsAre("c"));
  EXPECT_THAT(with([](ItemQuery& q) { q.statuses = {ItemStatus::kMuted, ItemStatus::kActive}; }),
              UnorderedElementsAre("a", "b", "c"));
  EXPECT_THAT(with([](ItemQuery& q) { q.statuses = {ItemStatus::kResolved}; }), IsEmpty());
  EXPECT_THAT(with([](ItemQuery& q) { q.environments = {"staging"}; }), ElementsAre("a"));
  EXPECT_THAT(with([](ItemQuery& q) { q.environments = {"staging", "production", "no such"}; }),
              UnorderedElementsAre("a", "b", "c"));
  EXPECT_THAT(with([](ItemQuery& q) { q.environments = {"no such"}; }), IsEmpty());
  EXPECT_THAT(with([](ItemQuery& q) { q.release = "1.0"; }), ElementsAre("b"));
  EXPECT_THAT(with([](ItemQuery& q) { q.release = "9.9"; }), IsEmpty());
  EXPECT_THAT(with([&](ItemQuery& q) { q.seen_after = now_ + hours(1); }), ElementsAre("c"));
  EXPECT_THAT(with([&](ItemQuery& q) {
                q.environments = {"production"};
                q.levels = {Level::kError};
                q.release = "1.0";
                q.text = "b";
              }),
              ElementsAre("b"));
}

TEST_P(StoreContract, TextFindsItems) {
  Sighting a = report("IndexError: list index out of range");
  a.search_text = [](const Event&) { return std::string("shop/banner.py pick_banner größe"); };
  Event event;
  a.event = &event;
  Sighting b = report("KeyError: 'price'");
  b.site_path = "shop/cart.py";
  apply({a, b});
  auto found = [&](std::string_view text) {
    ItemQuery query;
    query.text = text;
    return titles(query);
  };
  std::string index(a.title), key(b.title);
  EXPECT_THAT(found("index"), ElementsAre(index));
  EXPECT_THAT(found("range list"), ElementsAre(index)) << "in any order";
  EXPECT_THAT(found("index price"), IsEmpty()) << "all of them";
  EXPECT_THAT(found("indexes"), IsEmpty());
  EXPECT_THAT(found("IndexEr"), ElementsAre(index)) << "the last word may be unfinished";
  EXPECT_THAT(found("pick_banner"), ElementsAre(index));
  EXPECT_THAT(found("GRÖSSE größe"), IsEmpty());
  EXPECT_THAT(found("größe"), ElementsAre(index));
  EXPECT_THAT(found("shop/cart.py"), ElementsAre(key));
  EXPECT_THAT(found("shop"), UnorderedElementsAre(index, key));
}

TEST_P(StoreContract, HostileSearchTextIsNeverAnError) {
  apply({report("plain text")});
  for (std::string text : {std::string("\""),
                           std::string("\"\"\""),
                           std::string("*"),
                           std::string("a*b"),
                           std::string("AND"),
                           std::string("OR OR"),
                           std::string("NOT"),
                           std::string("NEAR(a b)"),
                           std::string("title:x"),
                           std::string("-x"),
                           std::string("^x"),
                           std::string("("),
                           std::string("{a b}:c"),
                           std::string("'; DROP TABLE item; --"),
                           std::string("\\"),
                           std::string("a\0b", 3),
                           std::string("\xff\xfe"),
                           std::string("\xc3"),
                           std::string(" "),
                           std::string("...///"),
                           std::string(100000, '"'),
                           std::string(100000, 'a'),
                           std::string("\xe2\x80\xa6"),
                           std::string("+ + +")}) {
    ItemQuery query;
    query.project = project_;
    query.text = text;
    auto page = store_->items(kAll, query, now_);
    EXPECT_TRUE(page) << testing::PrintToString(text.substr(0, 40)) << ": " << page.message();
  }
  ItemQuery query;
  query.text = "plain \"text";
  EXPECT_THAT(titles(query), ElementsAre("plain text"));
}

TEST_P(StoreContract, TrendsCountByTheHour) {
  Time start = now_ - hours(30);
  for (int i = 0; i < 31; ++i) {
    now_ = start + hours(i);
    std::vector<Sighting> batch(static_cast<size_t>(i % 3), report("a"));
    for (Sighting& s : batch) s = report("a");
    batch.push_back(report("b"));
    apply(batch);
  }
  Item b = item(1);
  EXPECT_EQ(b.title, "b");
  ASSERT_EQ(b.trend.size(), 24u);
  EXPECT_THAT(b.trend, testing::Each(1u));
  Item a = item(2);
  for (size_t i = 0; i < 24; ++i) EXPECT_EQ(a.trend[i], (i + 7) % 3) << i;
  EXPECT_EQ(items({}).rows[0].trend.size(), 24u);

  auto by_day = store_->trend(kAll, project_, 0, start, 24, 2);
  ASSERT_TRUE(by_day);
  EXPECT_THAT(*by_day, ElementsAre(24u + 24u, 7u + 6u));
  EXPECT_THAT(*store_->trend(kAll, project_, 2, start, 1, 4), ElementsAre(0, 1, 2, 0));
  EXPECT_EQ(store_->trend(kAll, project_, 2, start, 0, 4).code(), Code::kInvalid);
  EXPECT_EQ(store_->trend(kAll, project_, 2, start, 1, 1 << 30).code(), Code::kInvalid);
  EXPECT_EQ(store_->trend(kAll, project_, 77, start, 1, 4).code(), Code::kNotFound);
}

TEST_P(StoreContract, AnOccurrenceReadsBackWhole) {
  Sighting s = report("a");
  s.received_at = now_;
  s.occurred_at = now_ - seconds(2);
  s.level = Level::kInfo;
  s.release = "1.2";
  s.host = "web1";
  s.browser = "Firefox 128";
  s.os = "Linux";
  s.ip = "2001:db8::1";
  s.person_id = "42";
  s.person_username = "ann";
  s.person_email = "ann@example.org";
  s.site_path = "a.py";
  s.site_function = "f";
  s.site_text = "x()";
  s.site_line = 3;
  s.protocol = 2;
  s.encoding = 1;
  s.flags = kFlagTrimmed | kFlagWarnings;
  Applied a = apply_one(s);
  auto o = store_->occurrence(kAll, a.occurrence);
  ASSERT_TRUE(o) << o.message();
  EXPECT_EQ(o->project, project_);
  EXPECT_EQ(o->item, a.item);
  EXPECT_EQ(o->item_number, 1);
  EXPECT_EQ(o->report_id, s.report_id);
  EXPECT_EQ(o->received_at, s.received_at);
  EXPECT_EQ(o->occurred_at, s.occurred_at);
  EXPECT_EQ(o->level, s.level);
  EXPECT_EQ(o->environment, "production");
  EXPECT_EQ(o->release, s.release);
  EXPECT_EQ(o->host, s.host);
  EXPECT_EQ(o->browser, s.browser);
  EXPECT_EQ(o->os, s.os);
  EXPECT_EQ(o->ip, s.ip);
  EXPECT_EQ(o->person_id, s.person_id);
  EXPECT_EQ(o->person_email, s.person_email);
  EXPECT_EQ(o->site_path, s.site_path);
  EXPECT_EQ(o->site_function, s.site_function);
  EXPECT_EQ(o->site_text, s.site_text);
  EXPECT_EQ(o->site_line, s.site_line);
  EXPECT_EQ(o->body.segment, s.body.segment);
  EXPECT_EQ(o->body.offset, s.body.offset);
  EXPECT_EQ(o->body.bytes, s.body.bytes);
  EXPECT_EQ(o->protocol, s.protocol);
  EXPECT_EQ(o->encoding, s.encoding);
  EXPECT_EQ(o->flags, s.flags);
  EXPECT_FALSE(o->previous);
  EXPECT_FALSE(o->next);
}

TEST_P(StoreContract, NeighboursAreOfTheSameItem) {
  std::vector<Applied> a = apply({report("a"), report("b"), report("a"), report("b"), report("a")});
  auto middle = store_->occurrence(kAll, a[2].occurrence);
  EXPECT_EQ(middle->previous, a[0].occurrence);
  EXPECT_EQ(middle->next, a[4].occurrence);
  EXPECT_FALSE(store_->occurrence(kAll, a[4].occurrence)->next);
  EXPECT_FALSE(store_->occurrence(kAll, a[0].occurrence)->previous);
}

TEST_P(StoreContract, OccurrencesPageAndFilter) {
  std::vector<int64_t> of_a, all, on_web2;
  for (int round = 0; round < 50; ++round) {  // more than one block of ids
    std::vector<Sighting> batch;
    for (int i = 0; i < 200; ++i) {
      Sighting s = report(i % 100 == 0 ? "a" : "b");
      s.host = i % 40 == 0 ? "web2" : "web1";
      if (i == 100) s.person_email = "ann@example.org";
      batch.push_back(s);
    }
    for (const Applied& a : apply(batch)) {
      all.insert(all.begin(), a.occurrence.v);
      if (a.item_number == 1) of_a.insert(of_a.begin(), a.occurrence.v);
      if ((all.size() - 1) % 40 == 0) on_web2.insert(on_web2.begin(), a.occurrence.v);
    }
  }
  OccurrenceQuery query;
  query.limit = 30;
  query.item_number = 1;
  EXPECT_EQ(occurrence_ids(query), of_a);
  query.person = "ann@example.org";
  EXPECT_EQ(occurrence_ids(query).size(), 50u);
  query.person = "nobody";
  EXPECT_THAT(occurrence_ids(query), IsEmpty());
  query = {};
  query.limit = 200;
  EXPECT_EQ(occurrence_ids(query), all);
  query.host = "web2";
  EXPECT_EQ(occurrence_ids(query), on_web2);
  query.item_number = 99;
  query.project = project_;
  EXPECT_EQ(store_->occurrences(kAll, query).code(), Code::kNotFound);
}

TEST_P(StoreContract, FacetsCountTheNewest) {
  std::vector<Sighting> batch;
  for (int i = 0; i < 1200; ++i) {
    Sighting s = report("a");
    s.host = i < 200 ? "old" : i % 4 == 0 ? "web2" : "web1";
    s.os = keep("os " + std::to_string(i % 25));
    batch.push_back(s);
  }
  apply(batch);
  auto facets = store_->facets(kAll, project_, 1);
  ASSERT_TRUE(facets);
  auto of = [&](std::string_view kind) {
    for (const Facet& facet : *facets) {
      if (facet.kind == kind) return facet.values;
    }
    return std::vector<std::pair<std::string, uint64_t>>{};
  };
  EXPECT_THAT(of("host"), ElementsAre(testing::Pair("web1", 750), testing::Pair("web2", 250)));
  EXPECT_EQ(of("os").size(), 20u);
  EXPECT_THAT(of("environment"), ElementsAre(testing::Pair("production", 1000)));
  EXPECT_THAT(of("browser"), IsEmpty());
}

}  // namespace flawless::store
