// What every Store must do, whatever it is built on: the tests are in contract_*_test.cc, and run
// for each backend that backends() lists.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/locked.h"
#include "store/store.h"
#include "store/temporary_directory.h"

namespace flawless::store {

struct StoreBackend {
  std::string name;
  // Opens the store that lives in this directory; called again on the same one to reopen.
  std::function<Result<std::unique_ptr<Store>>(const std::string& directory)> open;
};

// Defined beside the backends' own tests.
std::vector<StoreBackend> backends();
inline std::string backend_name(const testing::TestParamInfo<StoreBackend>& tested) {
  return tested.param.name;
}

inline const Visible kAll{true, {}};

class StoreContract : public testing::TestWithParam<StoreBackend> {
 protected:
  void SetUp() override {
    reopen();
    project_ = new_project("shop");
  }

  void reopen() {
    store_.reset();
    auto opened = GetParam().open(directory_.path());
    ASSERT_TRUE(opened) << opened.message();
    store_ = std::move(*opened);
  }

  ProjectId new_project(const std::string& name) {
    auto made = store_->create_project(name, now_);
    EXPECT_TRUE(made) << made.message();
    return made ? made->project.id : ProjectId{};
  }

  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  // A report of the item that `group` stands for, under an id of its own.
  Sighting report(std::string_view group) {
    Sighting s;
    s.sequence = ++sequence_;
    s.project = project_;
    s.report_id = ReportId::from_client("report " + std::to_string(sequence_));
    s.received_at = now_;
    s.environment = "production";
    s.title = group;
    s.platform = "python";
    s.grouping_algorithm = "v1";
    s.grouping_hash = hash128(group);
    s.grouping_canonical = group;
    s.grouping_reason = "test";
    s.body = {1, sequence_ * 100, 50};
    return s;
  }

  std::vector<Applied> apply(const std::vector<Sighting>& sightings) {
    uint64_t last = sightings.empty() ? sequence_ : sightings.back().sequence;
    auto applied = store_->apply(sightings, {kJournal, 1, 0, last});
    EXPECT_TRUE(applied) << applied.message();
    return applied ? *applied : std::vector<Applied>(sightings.size());
  }
  Applied apply_one(const Sighting& sighting) { return apply({sighting}).front(); }

  Item item(int64_t number) {
    auto found = store_->item(kAll, project_, number, now_);
    EXPECT_TRUE(found) << found.message();
    return found ? *found : Item{};
  }
  Page<Item> items(ItemQuery query) {
    if (!query.project) query.project = project_;
    auto page = store_->items(kAll, query, now_);
    EXPECT_TRUE(page) << page.message();
    return page ? *page : Page<Item>{};
  }
  // Titles over all pages.
  std::vector<std::string> titles(ItemQuery query) {
    std::vector<std::string> all;
    for (int pages = 0; pages < 1000; ++pages) {
      Page<Item> page = items(query);
      for (const Item& row : page.rows) all.push_back(row.title);
      if (page.next.empty()) break;
      query.cursor = page.next;
    }
    return all;
  }
  std::vector<int64_t> occurrence_ids(OccurrenceQuery query) {
    if (!query.project) query.project = project_;
    std::vector<int64_t> ids;
    for (int pages = 0; pages < 1000; ++pages) {
      auto page = store_->occurrences(kAll, query);
      EXPECT_TRUE(page) << page.message();
      if (!page) break;
      for (const Occurrence& row : page->rows) ids.push_back(row.id.v);
      if (page->next.empty()) break;
      query.cursor = page->next;
    }
    return ids;
  }
  uint64_t at_cursor() { return store_->cursor(kJournal, 0).value_or({}).sequence; }

  static constexpr uint64_t kJournal = 0xF000'0000'0000'0001;  // above the signed range
  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
  Time now_ = from_unix_ms(1'700'000'000'000);
  ProjectId project_;
  uint64_t sequence_ = 0;
  std::deque<std::string> texts_;
};

}  // namespace flawless::store
