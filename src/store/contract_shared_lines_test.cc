// A line of code that several projects share is one line, and tells none of them about the others.
#include "store/store_contract.h"

namespace flawless::store {
namespace {

using std::chrono::hours;

TEST_P(StoreContract, ALineOfSeveralProjectsShowsEachItsOwnNumbers) {
  const ProjectId other = new_project("blog");
  auto at = [&](ProjectId project, std::string_view path) {
    Sighting s = report("a");
    s.project = project;
    s.site_path = path;
    s.site_function = "f";
    s.site_text = "raise Gone()";
    return s;
  };
  const Time early = now_;
  apply({at(other, "/srv/blog/lib/x.py"), at(other, "/srv/blog/lib/x.py")});
  now_ += hours(50);
  const OccurrenceId mine = apply_one(at(project_, "lib/x.py")).occurrence;

  for (bool first : {true, false}) {  // both sites become one line
    auto decision = store_->lines().next_decision({}, now_).value_or(std::nullopt);
    ASSERT_TRUE(decision);
    Conclusion c;
    c.decision = &*decision;
    c.line = decision->line;
    if (first) c.keys = {{"repo", "lib"}};
    if (!first) c.join = store_->lines().find_line({"repo", "lib"}).value_or({}).value_or(LineId{});
    ASSERT_TRUE(store_->lines().conclude(c, now_));
  }
  auto whole = store_->lines().line_of(kAll, mine);
  ASSERT_TRUE(whole) << whole.message();
  EXPECT_EQ(whole->count, 3u);
  EXPECT_EQ(whole->first_seen, early);

  const Visible only_mine{false, {project_}};
  auto line = store_->lines().line_of(only_mine, mine);
  ASSERT_TRUE(line) << line.message();
  EXPECT_EQ(line->id, whole->id);
  EXPECT_EQ(line->count, 1u);
  EXPECT_EQ(line->first_seen, now_);
  EXPECT_EQ(line->path, "lib/x.py");
  auto report = store_->lines().report(only_mine, early, now_ + hours(1));
  ASSERT_TRUE(report);
  ASSERT_EQ(report->size(), 1u);
  EXPECT_EQ(report->front().line.count, 1u);
  EXPECT_EQ(report->front().line.path, "lib/x.py");

  auto of_both = store_->lines().line_of({false, {project_, other}}, mine);
  ASSERT_TRUE(of_both);
  EXPECT_EQ(of_both->count, 3u);
  EXPECT_EQ(of_both->first_seen, early);
}

}  // namespace
}  // namespace flawless::store
