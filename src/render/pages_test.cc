#include "render/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "render/template.h"
#include "render/test_incident.h"

namespace flawless::render {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

ReportPage::Line line(std::string developer, uint64_t count, std::string path) {
  ReportPage::Line result;
  result.developer = std::move(developer);
  result.count = count;
  result.place = {std::move(path), "f", "x", 5};
  result.last_seen = at("2026-11-22T14:05:11Z");
  return result;
}

ReportPage week() {
  ReportPage page;
  page.from = at("2026-11-16T00:00:00Z");
  page.to = at("2026-11-23T00:00:00Z");
  return page;
}

void expect_order(const std::string& html, const std::vector<std::string>& parts) {
  size_t at = 0;
  for (const std::string& part : parts) {
    const size_t found = html.find(part, at);
    ASSERT_NE(found, html.npos) << part << " is not there, or not in order";
    at = found + part.size();
  }
}

TEST(ReportPage, DevelopersByTotalAndLinesByCount) {
  ReportPage page = week();
  page.lines = {line("bob@x.example", 10, "bob.py"), line("ada@x.example", 4, "small.py"),
                line("ada@x.example", 1200, "large.py"), line("", 2, "nobody.py")};
  const std::string html = report_page(page);
  expect_order(html,
               {"id=\"ada@x.example\"", "1,204 occurrences", "large.py", "small.py",
                "id=\"bob@x.example\"", "10 occurrences", "bob.py", "Nobody found", "nobody.py"});
  EXPECT_THAT(html, HasSubstr("2026-11-16 to 2026-11-22"));
}

TEST(ReportPage, LineHasTheOriginalsFields) {
  ReportPage page = week();
  page.lines = {line("ada@x.example", 7, "shop/banner.py")};
  page.lines[0].committed_at = at("2026-11-20T09:30:00Z");
  page.lines[0].traceback_url = "/view_traceback?a=1&b=2";
  EXPECT_THAT(report_page(page),
              AllOf(HasSubstr(">7<"), HasSubstr("2026-11-22 14:05"), HasSubstr("shop/banner.py"),
                    HasSubstr(">5<"), HasSubstr("2026-11-20"), HasSubstr("<td>no</td>"),
                    HasSubstr("<a href=\"/view_traceback?a=1&amp;b=2\">view traceback</a>")));
  page.lines[0].mailed_at = at("2026-11-22T14:02:12Z");
  page.lines[0].mailed_to = "boss@x.example";
  EXPECT_THAT(report_page(page), HasSubstr("2026-11-22 14:02 to boss@x.example"));
  page.lines[0].undelivered = true;
  EXPECT_THAT(report_page(page), AllOf(HasSubstr("could not be delivered to boss@x.example"),
                                       Not(HasSubstr("14:02 to"))));
}

TEST(ReportPage, NoErrors) {
  EXPECT_THAT(report_page(week()), HasSubstr("Wow, no errors. Great job!"));
  ReportPage page = week();
  page.lines = {line("ada@x.example", 1, "a.py")};
  EXPECT_THAT(report_page(page), Not(HasSubstr("no errors")));
}

TEST(TracebackPage, HasCountsHostAndTheMailsBody) {
  const Event event = banner_event();
  TracebackPage page;
  page.incident = banner_facts(&event).incident;
  const std::string html = traceback_page(page);
  expect_order(html, {"Current Exception Count", "42", "Last Occurred", "2026-11-22 14:05:11 UTC",
                      "Last Occurrence Logged From", "web-1", "IndexError", "Ada Lovelace",
                      "Traceback (most recent call last)", "Stack Frame",
                      "<strong>banners</strong>=[]", "Additional Information"});
  EXPECT_THAT(html, Not(HasSubstr("style=\"")));  // the policy forbids it
}

TEST(KnownErrorPage, IsPrefilledAndPosts) {
  KnownErrorForm form;
  form.filename = "shop/banner.py";
  form.function_name = "pick_banner";
  form.code_fragment = "\n    return \"x\" & y";
  form.type = "building_blocks";
  form.hidden = {{"key", "abc"}};
  form.error = "Minimum must be a number.";
  const std::string html = known_error_page(form);
  EXPECT_THAT(html, AllOf(HasSubstr("method=\"post\" action=\"/add_known_error\""),
                          HasSubstr("name=\"filename\" value=\"shop/banner.py\" required"),
                          HasSubstr("name=\"function_name\" value=\"pick_banner\""),
                          HasSubstr("rows=\"2\">\n\n    return &quot;x&quot; &amp; y</textarea>"),
                          HasSubstr("value=\"building_blocks\" selected"),
                          HasSubstr("<input type=\"hidden\" name=\"key\" value=\"abc\">"),
                          HasSubstr("Minimum must be a number.")));
  EXPECT_THAT(html, Not(HasSubstr("value=\"known_errors\" selected")));
}

TEST(HealthPage, ShowsOnlyWhatIsGiven) {
  EXPECT_THAT(health_page({}), AllOf(HasSubstr(">OK<"), Not(HasSubstr("FAIL"))));
  const std::string html =
      health_page({false, {"The disk is full."}, {{"Options", {{"mail.from", "f@x.example"}}}}});
  EXPECT_THAT(html, AllOf(HasSubstr(">FAIL<"), HasSubstr("The disk is full."),
                          HasSubstr("mail.from"), HasSubstr("f@x.example")));
}

TEST(NoticePage, LinksOnlyToUsOrTheWeb) {
  const std::string html = notice_page({NoticePage::Kind::kNotFound,
                                        "Not Found",
                                        {"Nothing failed there."},
                                        {{"Back", "/get_weekly_error_report"},
                                         {"Bad", "//evil.example"},
                                         {"Worse", "javascript:x"}}});
  EXPECT_THAT(html, AllOf(HasSubstr("href=\"/get_weekly_error_report\""),
                          Not(HasSubstr("evil.example")), Not(HasSubstr("javascript"))));
}

TEST(StyleHash, IsOfExactlyWhatPagesCarry) {
  const std::string html = health_page({});
  const size_t from = html.find("<style>") + 7;
  EXPECT_EQ(html.substr(from, html.find("</style>") - from), template_file("style.css"));
  EXPECT_EQ(style_hash().size(), 7 + 44u);
  EXPECT_TRUE(style_hash().starts_with("sha256-"));
}

}  // namespace
}  // namespace flawless::render
