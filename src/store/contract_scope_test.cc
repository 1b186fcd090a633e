// Contract of administration and of who may see what.
#include <set>

#include "store/store_contract.h"

namespace flawless::store {

using std::chrono::hours;

TEST_P(StoreContract, AProjectComesWithFourTokens) {
  auto made = store_->create_project("Web Shop", now_);
  ASSERT_TRUE(made);
  ASSERT_EQ(made->tokens.size(), 4u);
  std::set<std::string> values;
  for (const Token& token : made->tokens) {
    EXPECT_EQ(token.project, made->project.id);
    EXPECT_EQ(token.hash.size(), 32u);
    values.insert(token.value);
    bool post = token.scope == Scope::kPostServerItem || token.scope == Scope::kPostClientItem;
    if (post) {
      EXPECT_EQ(token.value.size(), 32u);
      EXPECT_TRUE(from_hex(token.value));
    } else {
      EXPECT_THAT(token.value, testing::StartsWith("flw_"));
    }
  }
  EXPECT_EQ(values.size(), 4u);
  reopen();
  auto kept = store_->tokens();
  ASSERT_TRUE(kept);
  for (const Token& token : made->tokens) {
    auto same = std::find_if(kept->begin(), kept->end(), [&](auto& t) { return t.id == token.id; });
    ASSERT_NE(same, kept->end());
    EXPECT_EQ(same->hash, token.hash);
    bool post = token.scope == Scope::kPostServerItem || token.scope == Scope::kPostClientItem;
    EXPECT_EQ(same->value, post ? token.value : "") << "shown once";
  }
}

TEST_P(StoreContract, ProjectNames) {
  for (const char* bad :
       {"", " x", "-x", "a\nb", "\x80", "x ", "a/b", "a\\b", "a?b", "a#b", "a%2Fb", "42", "0"}) {
    EXPECT_EQ(store_->create_project(bad, now_).code(), Code::kInvalid) << bad;
  }
  EXPECT_EQ(store_->create_project(std::string(65, 'x'), now_).code(), Code::kInvalid);
  EXPECT_TRUE(store_->create_project(std::string(64, 'x'), now_));
  EXPECT_TRUE(store_->create_project("Größe 7!", now_));
  EXPECT_TRUE(store_->create_project("42nd", now_));
  EXPECT_THAT(store_->create_project("a/b", now_).message(), testing::HasSubstr("allowed but /"));
  EXPECT_THAT(store_->create_project("42", now_).message(), testing::HasSubstr("taken for its id"));
  EXPECT_EQ(store_->create_project("shop", now_).code(), Code::kConflict);
  EXPECT_EQ(store_->create_project("SHOP", now_).code(), Code::kConflict);
  EXPECT_TRUE(store_->create_project("shop!", now_)) << "the same slug is no reason to refuse";
}

TEST_P(StoreContract, TokensAndProjectsCanBeDisabled) {
  auto token = store_->create_token(project_, Scope::kPostClientItem, "browser", now_);
  ASSERT_TRUE(token);
  ASSERT_TRUE(store_->set_token_enabled(token->id, false));
  ASSERT_TRUE(store_->set_project_enabled(project_, false));
  reopen();
  EXPECT_FALSE(store_->tokens()->back().enabled);
  EXPECT_EQ(store_->tokens()->back().name, "browser");
  EXPECT_FALSE(store_->projects(kAll)->front().enabled);
  EXPECT_EQ(store_->set_token_enabled({999}, true).code(), Code::kNotFound);
  EXPECT_EQ(store_->set_project_enabled({999}, true).code(), Code::kNotFound);
  EXPECT_TRUE(store_->create_token({}, Scope::kRead, "all", now_));
  EXPECT_EQ(store_->create_token({}, Scope::kPostServerItem, "all", now_).code(), Code::kInvalid);
  EXPECT_EQ(store_->create_token({999}, Scope::kRead, "x", now_).code(), Code::kNotFound);
}

TEST_P(StoreContract, AccountsHaveAnAddressOfTheirOwn) {
  auto ann = store_->create_user("Ann@Example.org", "Ann", "admin", "$argon2id$x", now_);
  ASSERT_TRUE(ann);
  EXPECT_EQ(ann->email, "ann@example.org");
  EXPECT_EQ(store_->create_user("ann@example.ORG", "A", "member", "", now_).code(),
            Code::kConflict);
  EXPECT_EQ(store_->create_user("nobody", "N", "member", "", now_).code(), Code::kInvalid);
  EXPECT_EQ(store_->create_user("b@c", "N", "king", "", now_).code(), Code::kInvalid);
}

// Walks everything that reads or acts, as somebody who sees another project only.
TEST_P(StoreContract, WhoMayNotSeeAProjectSeesNothingOfIt) {
  Sighting s = report("secret");
  Applied a = apply_one(s);
  ASSERT_TRUE(store_->add_refusals(
      std::vector<Refusal>{{project_, "quota", 1, now_}, {{}, "unknown token", 1, now_}}));
  ProjectId other = new_project("other");
  for (const Visible& visible : {Visible{false, {other}}, Visible{}}) {
    ItemQuery items;
    items.project = project_;
    OccurrenceQuery occurrences;
    occurrences.project = project_;
    EXPECT_EQ(store_->items(visible, items, now_).code(), Code::kNotFound);
    EXPECT_EQ(store_->item(visible, project_, 1, now_).code(), Code::kNotFound);
    EXPECT_EQ(store_->item_by_id(visible, a.item, now_).code(), Code::kNotFound);
    EXPECT_EQ(store_->facets(visible, project_, 1).code(), Code::kNotFound);
    EXPECT_EQ(store_->occurrences(visible, occurrences).code(), Code::kNotFound);
    EXPECT_EQ(store_->occurrence(visible, a.occurrence).code(), Code::kNotFound);
    EXPECT_EQ(store_->occurrence_by_report(visible, project_, s.report_id).code(), Code::kNotFound);
    EXPECT_EQ(store_->trend(visible, project_, 1, now_, 1, 1).code(), Code::kNotFound);
    EXPECT_EQ(store_->trend(visible, project_, 0, now_, 1, 1).code(), Code::kNotFound);
    EXPECT_EQ(store_->set_status(visible, project_, 1, ItemStatus::kResolved, "eve", now_).code(),
              Code::kNotFound);
    EXPECT_TRUE(store_->refusals(visible, now_ - hours(1))->empty());
    auto seen = store_->projects(visible);
    ASSERT_TRUE(seen);
    for (const Project& project : *seen) EXPECT_NE(project.id, project_);
  }
  EXPECT_EQ(item(1).status, ItemStatus::kActive);
  // A number or id of one project, asked for through another that is visible.
  Visible visible{false, {other}};
  EXPECT_EQ(store_->item(visible, other, 1, now_).code(), Code::kNotFound);
  EXPECT_EQ(store_->occurrence_by_report(visible, other, s.report_id).code(), Code::kNotFound);
  EXPECT_EQ(store_->projects(visible)->size(), 1u);
  EXPECT_EQ(store_->item_by_id(kAll, {999}, now_).code(), Code::kNotFound);
  EXPECT_EQ(store_->occurrence(kAll, {999}).code(), Code::kNotFound);
}

}  // namespace flawless::store
